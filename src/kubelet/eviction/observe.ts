/** Looks at how much memory and disk the machine has left. */
import { readFile, statfs } from 'node:fs/promises';
import type { Observation, Observations, Signal } from './thresholds.ts';

/** @param directory on the file system of pods' files. */
export async function observe(directory: string): Promise<Observations> {
  const found = new Map<Signal, Observation>();
  const memory = await memoryNow();
  if (memory !== undefined) found.set('memory.available', memory);
  const { bsize, blocks, bavail, files, ffree } = await statfs(directory);
  found.set('nodefs.available', { available: bavail * bsize, capacity: blocks * bsize });
  // Some file systems have no fixed number of inodes, and say 0.
  if (files > 0) found.set('nodefs.inodesFree', { available: ffree, capacity: files });
  return found;
}

async function memoryNow(): Promise<Observation | undefined> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => ''); // No such file but on Linux.
  const of = (name: string): number =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024;
  const [available, capacity] = [of('MemAvailable'), of('MemTotal')];
  return Number.isNaN(available + capacity) ? undefined : { available, capacity };
}
