/**
 * Finds supervisors among this machine's processes, by the container's directory that each has among its arguments: of pods whose
 * server is gone for ever, or of a container whose server was killed before it wrote down who it is. Only who sees the same
 * files as they do judges.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { endedWithProcess } from '../owner.ts';
import { isSupervisor } from './supervisor.ts';

/** The directory of a container: the owner's, `process`, the sandbox's id, its own id. */
const CONTAINER_PLACE = /^(\/.*)\/process\/([0-9a-f]{32})\/[0-9a-f]{32}$/;

/** Ids of supervisors whose server is gone, by the id of the sandbox that they belong to. */
export function abandonedSupervisors(): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const pid of pids()) {
    const [, owner = '', sandbox = ''] = CONTAINER_PLACE.exec(placeOf(pid) ?? '') ?? [];
    if (sandbox === '' || !isAbandonedAt(owner, sandbox)) continue;
    found.set(sandbox, [...(found.get(sandbox) ?? []), pid]);
  }
  return found;
}

/** The supervisor that serves that directory now. */
export function supervisorOf(directory: string): number | undefined {
  return pids().find((pid) => placeOf(pid) === directory);
}

function isAbandonedAt(owner: string, sandbox: string): boolean {
  return !existsSync(`${owner}/process/${sandbox}`) || endedWithProcess(owner);
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return []; // No /proc on this system.
  }
}

/** The directory that a supervisor serves; undefined for any other process, and for one that sees other files than this one. */
function placeOf(pid: number): string | undefined {
  try {
    const [, , script = '', place] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    if (place === undefined || !isSupervisor(script)) return undefined;
    const same = readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt');
    return same ? place : undefined;
  } catch {
    return undefined; // It has ended meanwhile, or is another user's.
  }
}
