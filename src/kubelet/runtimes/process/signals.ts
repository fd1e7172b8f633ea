/** Sends signals to processes of this machine: to one, or to all of a session. */
import { readdirSync } from 'node:fs';
import { type ProcessIdentity, statOf } from '../../../apimachinery/process-identity.ts';
import { systemCodeOf } from '../../../apimachinery/thrown.ts';

/** Sends a signal; answers whether there was somebody to take it. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ESRCH') return false;
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
  if (present !== undefined && startTicks !== undefined && present.startTicks !== startTicks) return;
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
