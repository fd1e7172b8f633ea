/** Tells a process from another one that got the same pid later. */
import { readFileSync } from 'node:fs';

/** A process, by pid and by when it started. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since the machine started (field 22 of /proc/PID/stat); empty where that cannot be read. */
  readonly startTicks: string;
}

/** The identity of a pid as it is now. */
export function identify(pid: number): ProcessIdentity {
  return { pid, startTicks: startTicksOf(pid) ?? '' };
}

/** Whether that very process still runs; a zombie does not. */
export function isRunning({ pid, startTicks }: ProcessIdentity): boolean {
  const now = startTicksOf(pid);
  if (now !== undefined) return now === startTicks;
  if (startTicks !== '') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // No such process, and this system has no /proc to tell more.
  }
}

/** Sends a signal to a process's whole group; nothing happens when it has gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined; // Gone, or no /proc.
  }
}
