import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A store's directory that is ours until `release`, or until this process ends by whatever means. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Makes the directory (0700) and takes it for this process. The lock is SQLite's own on an empty file, which the
 * operating system drops when the process dies; so it is never stale.
 */
export function lockDirectory(directory: string): DirectoryLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const path = join(directory, 'lock');
  closeSync(openSync(path, 'a', 0o600));
  const holder = new DatabaseSync(path);
  try {
    holder.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    holder.close();
    throw error;
  }
  return { release: () => holder.close() };
}
