/** Tells a process of this machine apart from a later one that has its pid. */
import { readFileSync } from 'node:fs';
import { systemCodeOf } from './thrown.ts';

/** A process, such as it can be written to a file and known again by another process. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's; absent where they cannot be read (no /proc). */
  readonly startTicks?: string;
}

/** What the kernel says of a process in /proc/PID/stat. */
export interface ProcessStat {
  /** One letter; `Z` is a zombie, `X` is dead. */
  readonly state: string;
  /** Pid of the leader of its session. */
  readonly session: number;
  /** See {@link ProcessIdentity}. */
  readonly startTicks: string;
}

/** The identity of the process that has that pid now. */
export function identify(pid: number): ProcessIdentity {
  const startTicks = statOf(pid)?.startTicks;
  return startTicks === undefined ? { pid } : { pid, startTicks };
}

/**
 * Whether that very process still runs; a zombie does not. Where the identity has no start, any process with its pid counts,
 * also one of another user.
 */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  if (startTicks === undefined) return exists(pid);
  const stat = statOf(pid);
  return stat !== undefined && stat.startTicks === startTicks && stat.state !== 'Z' && stat.state !== 'X';
}

/** What the kernel says of the process with that pid; undefined when there is none, or no /proc on this system. */
export function statOf(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything, also spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', session: Number(fields[3]), startTicks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}
