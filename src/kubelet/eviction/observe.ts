/** Looks at how much memory and disk the machine has left, and how many more tasks its kernel takes. */
import { readFile, statfs } from 'node:fs/promises';
import type { Disk } from './disk-use.ts';
import type { Observation, Observations, Signal } from './thresholds.ts';

/**
 * @param directory on the file system of pods' files.
 * @param images on the file system of images and of what containers write; undefined where that is not known.
 */
export async function observe(directory: string, images?: string): Promise<Observations> {
  const found = new Map<Signal, Observation>();
  const memory = await memoryNow();
  if (memory !== undefined) found.set('memory.available', memory);
  const tasks = await tasksNow();
  if (tasks !== undefined) found.set('pid.available', tasks);
  await observeDisk('nodefs', directory, found);
  if (images !== undefined) await observeDisk('imagefs', images, found);
  return found;
}

async function observeDisk(disk: Disk, path: string, found: Map<Signal, Observation>): Promise<void> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(path);
  found.set(`${disk}.available`, { available: bavail * bsize, capacity: blocks * bsize });
  // Some file systems have no fixed number of inodes, and say 0.
  if (files > 0) found.set(`${disk}.inodesFree`, { available: ffree, capacity: files });
}

async function memoryNow(): Promise<Observation | undefined> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => ''); // No such file but on Linux.
  const of = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024;
  const [available, capacity] = [of('MemAvailable'), of('MemTotal')];
  return Number.isNaN(available + capacity) ? undefined : { available, capacity };
}

/** Files that each limit how many tasks there may be. */
const TASK_LIMITS = ['/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max'] as const;

/** Threads count as tasks too. Source: pkg/kubelet/stats/pidlimit. */
async function tasksNow(): Promise<Observation | undefined> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => ''); // No such file but on Linux.
  const [load, ...limits] = await Promise.all(['/proc/loadavg', ...TASK_LIMITS].map(read));
  const running = Number(/\/(\d+) /.exec(load ?? '')?.[1]);
  const capacity = Math.min(...limits.map((text) => Number.parseInt(text, 10)));
  return Number.isNaN(running + capacity) ? undefined : { available: capacity - running, capacity };
}
