/** What pods take of their node's disks. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';

/** Bytes of a block as `stat` counts them. */
const STAT_BLOCK_BYTES = 512;

/** What some files take. */
export interface DiskAmount {
  readonly bytes: number;
  readonly inodes: number;
}

/** What one container takes. */
export interface ContainerDiskUse {
  /** Its logs, which lie where the node agent's files do. */
  readonly logs: DiskAmount;
  /** What it wrote beside volumes, which lies where the images do. */
  readonly written: DiskAmount;
}

/** What a pod takes. */
export interface DiskUse {
  /** By name of the volume: an emptyDir, or files of a ConfigMap. */
  readonly volumes: ReadonlyMap<string, DiskAmount>;
  /** By name of the container. */
  readonly containers: ReadonlyMap<string, ContainerDiskUse>;
}

/** A disk of the node: the one of the node agent's files, or another one that images and what containers write lie on. */
export type Disk = 'nodefs' | 'imagefs';

/** What everything below a path takes on disk; what vanishes meanwhile counts nothing. */
export async function amountBelow(path: string): Promise<DiskAmount> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return NOTHING;
  let sum: DiskAmount = { bytes: found.blocks * STAT_BLOCK_BYTES, inodes: 1 };
  if (!found.isDirectory()) return sum;
  for (const name of await readdir(path).catch(() => [])) {
    sum = added(sum, await amountBelow(join(path, name)));
  }
  return sum;
}

const NOTHING: DiskAmount = { bytes: 0, inodes: 0 };

/** The sum of two amounts. */
export function added(a: DiskAmount, b: DiskAmount): DiskAmount {
  return { bytes: a.bytes + b.bytes, inodes: a.inodes + b.inodes };
}

/** What the pod takes on those disks together. A volume in memory takes nothing. */
export function takenOf(pod: DeepReadonly<Pod>, use: DiskUse, disks: ReadonlySet<Disk>): DiskAmount {
  const inMemory = new Set(
    (pod.spec.volumes ?? []).flatMap(({ name, emptyDir }) => (emptyDir?.medium ? [name] : [])),
  );
  const taken = [...use.containers.values()].flatMap(({ logs, written }) => [
    ...(disks.has('nodefs') ? [logs] : []),
    ...(disks.has('imagefs') ? [written] : []),
  ]);
  const volumes = [...use.volumes].filter(([name]) => !inMemory.has(name)).map(([, amount]) => amount);
  return [...taken, ...(disks.has('nodefs') ? volumes : [])].reduce(added, NOTHING);
}
