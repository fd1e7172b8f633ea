/**
 * Data directories that are to go with the process that made them (`longshore run`). Where that process was killed its directory
 * stays behind, and the next start on this machine removes it.
 */
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { viewOf } from '../../apimachinery/machine-view.ts';
import { isAlive, type ProcessIdentity } from '../../apimachinery/process-identity.ts';
import { readRecord, writeRecord } from './process-record.ts';
import { runningServer } from './server-record.ts';

const PREFIX = 'longshore-run-';
/** Names the process that a directory is to go with; a directory without it is kept. */
const FILE = 'run.json';

interface RunRecord extends ProcessIdentity {
  /** Who can tell whether that process still runs: see {@link viewOf}. */
  readonly view: string;
}

/**
 * Makes a data directory of this process's own below `parent`, for the user alone.
 *
 * @param keep whether it stays when this process ends, however that comes about.
 */
export function makePassingDirectory(parent: string, keep: boolean): string {
  const directory = mkdtempSync(join(parent, PREFIX));
  if (!keep) writeRecord(join(directory, FILE), { view: viewOf('pid') });
  return directory;
}

/** Keeps the directory from now on: a lasting server has taken it up. */
export function keepDirectory(directory: string): void {
  rmSync(join(directory, FILE), { force: true });
}

/**
 * Removes what such processes of this user left below `parent` that have ended without doing so; answers which directories. One
 * that cannot be removed whole is left to the next start.
 */
export async function clearPassedDirectories(parent: string): Promise<readonly string[]> {
  const passed = readdirSync(parent)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(parent, name))
    .filter(hasPassed);
  const removed = await Promise.allSettled(passed.map(remove));
  return passed.filter((_, index) => removed[index]?.status === 'fulfilled');
}

/** Nobody but its user can have changed anything in a directory of theirs alone. */
function hasPassed(directory: string): boolean {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0)
    return false;
  const record = readRecord<RunRecord>(join(directory, FILE));
  return (
    record !== undefined &&
    record.view === viewOf('pid') &&
    !isAlive(record) &&
    runningServer(directory) === undefined
  );
}

/** The record goes last: without it nobody would know any more that the rest may go. */
async function remove(directory: string): Promise<void> {
  // Loaded only here: most starts find nothing to remove.
  const { unmountAll } = await import('../../kubelet/index.ts');
  await unmountAll(directory);
  for (const name of readdirSync(directory)) {
    if (name !== FILE) await rm(join(directory, name), { recursive: true, force: true, maxRetries: 3 });
  }
  await rm(directory, { recursive: true, force: true });
}
