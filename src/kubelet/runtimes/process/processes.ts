/** Processes of this machine: whether one still is who it was, and ending all of a session. */
import { readdirSync, readFileSync } from 'node:fs';

/** Tells a process apart from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's; empty where it cannot be known (no /proc). */
  readonly startTicks: string;
}

/** The identity of the process that has that pid now. */
export function identify(pid: number): ProcessIdentity {
  return { pid, startTicks: statOf(pid)?.startTicks ?? '' };
}

/** Whether that very process still runs; a zombie does not. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  if (startTicks === '') return signal(pid, 0);
  const stat = statOf(pid);
  return stat !== undefined && stat.startTicks === startTicks && stat.state !== 'Z' && stat.state !== 'X';
}

/** Sends a signal; answers whether there was somebody to take it. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Kills every process of the session but its leader, who then sees its child end. The leader may be gone: a session keeps
 * its number while it has members, so that a process which has the leader's pid and began at another time says that there
 * are none left. Where sessions cannot be listed, the process group is killed, leader included.
 */
export function killSession({ pid: leader, startTicks }: ProcessIdentity): void {
  const present = statOf(leader);
  if (present !== undefined && startTicks !== '' && present.startTicks !== startTicks) return;
  killMembers(leader);
}

/** Kills every process of the session, its leader too where that still is the one who began it. */
export function killWholeSession(leader: number): void {
  killMembers(leader);
  if (statOf(leader)?.session === leader) signal(leader, 'SIGKILL');
}

function killMembers(leader: number): void {
  const members = sessionMembers(leader);
  if (members === undefined) signal(-leader, 'SIGKILL');
  else for (const pid of members) signal(pid, 'SIGKILL');
}

function sessionMembers(leader: number): readonly number[] | undefined {
  let names: readonly string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return undefined; // No /proc on this system.
  }
  return names
    .filter((name) => /^\d+$/.test(name) && name !== String(leader))
    .map(Number)
    .filter((pid) => {
      const stat = statOf(pid);
      return stat?.session === leader && stat.state !== 'Z';
    });
}

function statOf(pid: number): { state: string; session: number; startTicks: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything, also spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', session: Number(fields[3]), startTicks: fields[19] ?? '' };
  } catch {
    return undefined; // No such process any more, or no /proc on this system.
  }
}
