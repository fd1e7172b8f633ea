/** Which paths of the node a container sees, and where. */
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, VolumeMount } from '../../apis/core/types.ts';
import { ConfigError } from '../environment/config-error.ts';
import { expand } from '../environment/expansion.ts';
import type { Mount } from '../runtimes/runtime.ts';

/**
 * The mounts of a container's volumes.
 *
 * @param paths where the pod's volumes are, by name.
 * @param environment what `$(NAME)` in a subPathExpr means.
 */
export async function volumeMounts(
  container: DeepReadonly<Container>,
  paths: ReadonlyMap<string, string>,
  environment: ReadonlyMap<string, string>,
): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = paths.get(mount.name);
    if (volume === undefined) {
      throw new ConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    }
    mounts.push({
      name: mount.name,
      containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
      hostPath: await subPathOf(volume, mount, environment),
      readonly: mount.readOnly === true,
      propagation: PROPAGATION[mount.mountPropagation ?? 'None'] ?? 'private',
    });
  }
  return mounts;
}

const PROPAGATION: Readonly<Record<string, Mount['propagation']>> = {
  None: 'private',
  HostToContainer: 'hostToContainer',
  Bidirectional: 'bidirectional',
};

/** The part of the volume that is mounted. It is made where it is missing, and never lies outside the volume. */
async function subPathOf(
  volume: string,
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
  if (below.startsWith('/') || below.split('/').includes('..')) {
    throw new ConfigError(`failed to prepare subPath for volumeMount "${name}": must stay inside the volume`);
  }
  const path = join(volume, below);
  const there = await lstat(path).then(
    () => true,
    () => false,
  );
  if (!there) await mkdir(path, { recursive: true, mode: 0o755 });
  const [root, real] = await Promise.all([realpath(volume), realpath(path)]);
  if (real !== root && !real.startsWith(root + sep)) {
    throw new ConfigError(
      `failed to prepare subPath for volumeMount "${name}": ${dirname(below)} leads outside`,
    );
  }
  return real;
}
