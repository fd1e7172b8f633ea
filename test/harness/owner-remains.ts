/** What a server leaves outside of its data directory when a test throws that directory away: the next server would clear it. */
import { spawnSync } from 'node:child_process';
import { type Dirent, existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { OwnerRegister } from '../../src/kubelet/index.ts';

/** Where hierarchies of control groups are mounted. */
const HIERARCHIES = '/sys/fs/cgroup';

/** How often it is tried to remove control groups, and milliseconds between two tries. */
const TRIES_MAX = 50;
const PAUSE_MS = 20;

/** Places of mounts below a directory, the deepest first. */
export function mountsBelow(directory: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((place) => place.startsWith(`${directory}/`))
    .toReversed();
}

/** Unmounts what is mounted below a directory. */
export function unmountBelow(directory: string): void {
  for (const place of mountsBelow(directory)) spawnSync('umount', ['--lazy', place]);
}

/** Ids of the node agents whose control groups go when this process ends. */
const owners = new Set<string>();

/**
 * Removes the control groups of the node agent on that directory when this process ends: its containers have then ended too. Whose they
 * are is read now.
 */
export function removeGroupsAtTheEnd(agentDirectory: string): void {
  const id = ownerOf(agentDirectory);
  if (id === undefined) return;
  if (owners.size === 0) process.once('exit', () => owners.forEach(removeGroups));
  owners.add(id);
}

function removeGroups(id: string): void {
  const groups = ['', ...entriesOf(HIERARCHIES)].map((each) => join(HIERARCHIES, each, 'longshore', id));
  // Processes that were killed a moment ago may still be there.
  for (let tries = 0; tries < TRIES_MAX && groups.some(existsSync); tries++) {
    if (tries > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    for (const group of groups) removeTree(group);
  }
  // What stays is for somebody to look into, and the register says whose it is.
  if (!groups.some(existsSync)) new OwnerRegister().leave(id);
}

function ownerOf(agentDirectory: string): string | undefined {
  try {
    const text = readFileSync(join(agentDirectory, 'owner.json'), 'utf8');
    return (JSON.parse(text) as { readonly id: string }).id;
  } catch {
    return undefined; // It had no node, or is gone already.
  }
}

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry: Dirent) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return []; // There is no such directory.
  }
}

function removeTree(directory: string): void {
  for (const name of entriesOf(directory)) removeTree(join(directory, name));
  try {
    rmdirSync(directory);
  } catch {
    // It is not there, or something of it still runs.
  }
}
