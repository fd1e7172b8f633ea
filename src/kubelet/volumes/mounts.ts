/** Which paths of the node a container sees, and where. */
import { chmod, lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, VolumeMount } from '../../apis/core/types.ts';
import { ConfigError } from '../environment/config-error.ts';
import { expand } from '../environment/expansion.ts';
import type { Mount } from '../runtimes/container.ts';
import { pathInside } from './inside.ts';

/** The volumes of a pod as its containers may see them. */
export interface ShownVolumes {
  /** Where each is, by name. */
  readonly paths: ReadonlyMap<string, string>;
  /** Names of those that are read-only whatever a mount says. */
  readonly readonly: ReadonlySet<string>;
  /** Those that are images, by name: as the runtime knows each, and as the pod calls it. */
  readonly images: ReadonlyMap<string, { readonly ref: string; readonly reference: string }>;
}

/**
 * The mounts of a container's volumes.
 *
 * @param volumes the pod's.
 * @param environment what `$(NAME)` in a subPathExpr means.
 * @param mayBeRecursive whether the runtime can make read-only what is mounted below a mount.
 */
export async function volumeMounts(
  container: DeepReadonly<Container>,
  volumes: ShownVolumes,
  environment: ReadonlyMap<string, string>,
  mayBeRecursive: boolean,
): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = volumes.paths.get(mount.name);
    if (volume === undefined) {
      throw new ConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    }
    const containerPath = mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`;
    const image = volumes.images.get(mount.name);
    if (image !== undefined) {
      const { ref, reference } = image;
      const shown = { ref, reference, subPath: mount.subPath ?? '' };
      mounts.push({
        name: mount.name,
        containerPath,
        hostPath: '',
        readonly: true,
        propagation: 'private',
        image: shown,
      });
      continue;
    }
    mounts.push({
      name: mount.name,
      containerPath,
      hostPath: await subPathOf(volume, container.name, mount, environment),
      readonly: mount.readOnly === true || volumes.readonly.has(mount.name),
      recursiveReadOnly: isRecursive(mount, mayBeRecursive),
      propagation: PROPAGATION[mount.mountPropagation ?? 'None'] ?? 'private',
    });
  }
  return mounts;
}

/** What is done with `recursiveReadOnly: IfPossible` depends on the runtime; `Enabled` is refused where it cannot be done. */
function isRecursive({ name, recursiveReadOnly }: DeepReadonly<VolumeMount>, able: boolean): boolean {
  if (recursiveReadOnly === 'Enabled' && !able) {
    const what = `volume "${name}" requested recursive read-only mode, but it is not supported by the runtime`;
    throw new ConfigError(`failed to resolve recursive read-only mode: ${what}`);
  }
  return able && (recursiveReadOnly === 'Enabled' || recursiveReadOnly === 'IfPossible');
}

const PROPAGATION: Readonly<Record<string, Mount['propagation']>> = {
  None: 'private',
  HostToContainer: 'hostToContainer',
  Bidirectional: 'bidirectional',
};

/**
 * The part of the volume that is mounted. It is made where it is missing, and never lies outside the volume. What went wrong
 * on the way is not told: it would show what the node's disk looks like.
 */
async function subPathOf(
  volume: string,
  container: string,
  { subPath = '', subPathExpr = '', name }: DeepReadonly<VolumeMount>,
  environment: ReadonlyMap<string, string>,
): Promise<string> {
  const below =
    subPathExpr === ''
      ? subPath
      : expand(subPathExpr, (variable) => {
          const value = environment.get(variable);
          if (value === undefined) throw new ConfigError(`missing value for "${variable}"`);
          return value;
        });
  if (below === '') return volume;
  const where = `for volumeMount "${name}" of container "${container}"`;
  if (below.startsWith('/') || below.split('/').includes('..')) {
    throw new ConfigError(`failed to prepare subPath ${where}`);
  }
  const made = await makeBelow(volume, below).catch(() => false);
  if (!made) throw new ConfigError(`failed to create subPath directory ${where}`);
  const real = await pathInside(volume, below);
  if (real === undefined) throw new ConfigError(`failed to prepare subPath ${where}`);
  return real;
}

/**
 * Makes the directories of a path below a volume that are missing, each with the permissions of the volume itself: whoever
 * may write to the volume may write to its parts. Answers false where a link would lead out of the volume.
 */
async function makeBelow(volume: string, below: string): Promise<boolean> {
  const mode = (await stat(volume)).mode & 0o7777;
  let made = '';
  for (const part of below.split('/').filter((each) => each !== '' && each !== '.')) {
    made = join(made, part);
    const path = join(volume, made);
    if ((await lstat(path).catch(() => undefined)) !== undefined) continue;
    if ((await pathInside(volume, dirname(made))) === undefined) return false;
    await mkdir(path, { mode });
    // Whatever this process's umask is.
    await chmod(path, mode);
  }
  return true;
}
