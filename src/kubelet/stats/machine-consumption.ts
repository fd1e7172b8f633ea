/** What the machine itself uses. */
import { readFile, statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import type { DiskRoom } from '../../apis/metrics/index.ts';

/** Bytes of memory of the machine. */
export interface MachineMemory {
  readonly memoryBytes: number;
  readonly workingSetBytes: number;
  readonly memoryAvailableBytes: number;
}

/** Seconds for which processors have worked since the machine booted, all together. */
export function machineCpuSeconds(): number {
  let milliseconds = 0;
  for (const { times } of cpus()) milliseconds += times.user + times.nice + times.sys + times.irq;
  return milliseconds / 1000;
}

/** As cAdvisor has them of the root of all control groups: pages of files that nobody has used lately can be given up. */
export async function machineMemory(): Promise<MachineMemory> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => ''); // No such file but on Linux.
  return memoryFrom(text, totalmem(), freemem());
}

/** Pure. @param text of `/proc/meminfo`; without it the two others count. */
export function memoryFrom(text: string, total: number, free: number): MachineMemory {
  const of = (name: string, otherwise: number): number => {
    const found = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1];
    return found === undefined ? otherwise : Number(found) * 1024;
  };
  const capacity = of('MemTotal', total);
  const memoryBytes = capacity - of('MemFree', free);
  const workingSetBytes = Math.max(0, memoryBytes - of('Inactive\\(file\\)', 0));
  return { memoryBytes, workingSetBytes, memoryAvailableBytes: capacity - workingSetBytes };
}

/** How full the file system is that holds a directory. */
export async function diskRoom(directory: string): Promise<DiskRoom> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(directory);
  return {
    capacityBytes: blocks * bsize,
    availableBytes: bavail * bsize,
    usedBytes: (blocks - bfree) * bsize,
    ...(files > 0 ? { inodes: files, inodesFree: ffree } : {}),
  };
}
