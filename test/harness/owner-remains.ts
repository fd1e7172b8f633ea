/** What a server leaves outside of its data directory when a test throws that directory away: the next server would clear it. */
import { spawnSync } from 'node:child_process';
import { type Dirent, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { OwnerRegister } from '../../src/kubelet/index.ts';

/** Where hierarchies of control groups are mounted. */
const HIERARCHIES = '/sys/fs/cgroup';

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

/** Removes the control groups of the node agent on that directory when this process ends: its containers have then ended too. */
export function removeGroupsAtTheEnd(agentDirectory: string): void {
  const id = ownerOf(agentDirectory);
  if (id === undefined) return;
  process.once('exit', () => {
    for (const hierarchy of ['', ...entriesOf(HIERARCHIES)]) {
      removeTree(join(HIERARCHIES, hierarchy, 'longshore', id));
    }
    new OwnerRegister().leave(id);
  });
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
    // It is not there, or something of it still runs: then it stays for somebody to look into.
  }
}
