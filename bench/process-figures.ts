/** Memory and processor time of another process, from /proc. */
import { readFileSync } from 'node:fs';

/** Resident memory in MiB. */
export function residentMebibytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** Linux counts processor time in hundredths of a second (sysconf(_SC_CLK_TCK) is 100 on every common system). */
const TICKS_PER_SECOND = 100;

/** Processor seconds used so far, in user and kernel mode. */
export function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
