/** Memory and processor time of another process, from /proc. */
import { readFileSync } from 'node:fs';

/** Resident memory in MiB. */
export function residentMebibytes(pid: number): number {
  return residentParts(pid).all;
}

/** Resident memory in MiB: all of it, what the process itself filled, and pages of files, which the kernel shares and can drop. */
export function residentParts(pid: number): {
  readonly all: number;
  readonly own: number;
  readonly files: number;
} {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
  return { all: mebibytes('VmRSS'), own: mebibytes('RssAnon'), files: mebibytes('RssFile') };
}

/** Linux counts processor time in hundredths of a second (sysconf(_SC_CLK_TCK) is 100 on every common system). */
const TICKS_PER_SECOND = 100;

/** Processor seconds used so far, in user and kernel mode. */
export function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
