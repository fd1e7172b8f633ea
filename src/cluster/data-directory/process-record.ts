/**
 * A file by which a process tells others of this machine that it runs. It is a hint, never a lock: it may be left over from
 * a process that was killed, whose pid another process has by now.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** A process, so that another one that has its pid later is told apart. */
export interface ProcessRecord {
  readonly pid: number;
  /** Start of the process as the kernel counts it; absent where it cannot be read. */
  readonly startTicks?: string;
}

function recordOfThisProcess(): ProcessRecord {
  const startTicks = startTicksOf(process.pid);
  return { pid: process.pid, ...(startTicks === undefined ? {} : { startTicks }) };
}

/** Writes the record of this process, and what else the file is to tell, in one step. */
export function writeRecord(file: string, besides: object = {}): void {
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify({ ...recordOfThisProcess(), ...besides }, null, 2)}\n`, {
    mode: 0o600,
  });
  renameSync(partial, file);
}

/** What stands in the file, whether or not its process still runs; undefined when nobody has written one, or not to its end. */
export function readRecord<Kind extends ProcessRecord>(file: string): Kind | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kind;
  } catch {
    return undefined; // Nobody runs by it then, and the next process writes a new one.
  }
}

/** Removes the file if it is this process's own. */
export function removeRecord(file: string): void {
  if (readRecord(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** Whether the process that wrote the record is still the one with its pid. */
export function isAlive(record: ProcessRecord): boolean {
  try {
    process.kill(record.pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return record.startTicks === undefined || startTicksOf(record.pid) === record.startTicks;
}

/** Field 22 of /proc/PID/stat: clock ticks between the machine's start and the process's. A zombie counts as gone. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined; // No such process, or no /proc on this system.
  }
}
