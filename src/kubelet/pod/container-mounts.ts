/** What a container sees of its node: the volumes that it mounts, the file for its last words, names of hosts. */
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, posix } from 'node:path';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, Pod } from '../../apis/core/types.ts';
import type { PullSecrets } from '../images/pull-secrets.ts';
import type { Mount } from '../runtimes/container.ts';
import { volumeMounts } from '../volumes/mounts.ts';
import type { NodeServices } from './node-services.ts';
import type { PodGround } from './pod-ground.ts';

/** A container that is about to be made. */
export interface MountOrder {
  readonly pod: DeepReadonly<Pod>;
  readonly spec: DeepReadonly<Container>;
  readonly attempt: number;
  readonly environment: ReadonlyMap<string, string>;
  readonly secrets: PullSecrets;
  readonly signal: AbortSignal;
}

/** The mounts of a container, whose files on the node are there then. @throws {ConfigError} for what cannot be mounted. */
export async function containerMounts(
  services: NodeServices,
  ground: PodGround,
  order: MountOrder,
): Promise<readonly Mount[]> {
  const { pod, spec, attempt, environment } = order;
  const { directories, runtime } = services;
  const { recursiveReadOnlyMounts } = runtime.traits.features;
  const { paths, readonly } = ground.volumes;
  const volumes = { paths, readonly, images: await imageVolumes(services, ground, order) };
  const mounts = await volumeMounts(spec, volumes, environment, recursiveReadOnlyMounts);
  const { uid } = pod.metadata;
  const add = (containerPath: string, hostPath: string): void => {
    if (mounts.some((mount) => mount.containerPath === containerPath)) return;
    mounts.push({ name: '', containerPath, hostPath, readonly: false, propagation: 'private' });
  };
  if (spec.terminationMessagePath) {
    const file = directories.terminationLog(uid, spec.name, attempt);
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    // Any user of the container may leave a message, whatever this process's umask is.
    await writeFile(file, '');
    await chmod(file, 0o666);
    // It may be relative, and means the container's root then.
    add(posix.normalize(`/${spec.terminationMessagePath}`), file);
  }
  if (runtime.traits.podAddresses) {
    add('/etc/hosts', directories.hostsFileOf(uid));
    const resolver = directories.resolvFileOf(uid);
    if (existsSync(resolver)) add('/etc/resolv.conf', resolver);
  }
  return mounts;
}

/** Fetches the images that are volumes of this container, as its own is fetched. */
async function imageVolumes(
  { images }: NodeServices,
  { volumes }: PodGround,
  { pod, spec, secrets, signal }: MountOrder,
): Promise<ReadonlyMap<string, { readonly ref: string; readonly reference: string }>> {
  const found = new Map<string, { readonly ref: string; readonly reference: string }>();
  for (const { name } of spec.volumeMounts ?? []) {
    const { reference = '', pullPolicy } = volumes.images.get(name) ?? {};
    if (reference === '' || found.has(name)) continue;
    const container = {
      name: spec.name,
      image: reference,
      ...(pullPolicy && { imagePullPolicy: pullPolicy }),
    };
    const { ref } = await images.ensure({ pod, container, fieldPath: '', secrets, signal });
    found.set(name, { ref, reference });
  }
  return found;
}
