import type { DatabaseSync } from 'node:sqlite';
import { StorageError } from '../storage.ts';
import { scalar } from './database.ts';
import { damaged } from './faults.ts';

/** Marks the file as ours (`PRAGMA application_id`): the letters `lshr`. */
const APPLICATION_ID = 0x6c736872;

/**
 * The steps from an empty file to today's layout. A step that was ever released is never changed; `PRAGMA user_version`
 * counts those that a file has had.
 *
 * 1. The log: one row a change, in order. The newest row of a key is its state, and a row without value says that the key
 *    is gone. There is no index by key: the state in memory is that index, and a write stays one append.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE log (
     revision INTEGER PRIMARY KEY,
     key      TEXT NOT NULL,
     value    TEXT,
     checksum INTEGER NOT NULL
   ) STRICT;`,
];

/** Brings a file to today's layout. Fails with `unavailable` when it is not ours, or of a newer longshore. */
export function migrate(database: DatabaseSync, directory: string): void {
  const id = scalar(database, 'PRAGMA application_id');
  const version = scalar(database, 'PRAGMA user_version');
  const tables = scalar(database, 'SELECT count(*) FROM sqlite_schema');
  if (id !== APPLICATION_ID && (id !== 0 || tables !== 0)) {
    throw new StorageError('unavailable', `the database in ${directory} was not made by longshore`);
  }
  if (typeof version !== 'number') throw new StorageError('unavailable', damaged(directory));
  if (version > MIGRATIONS.length) {
    const message = `the store in ${directory} has layout ${version}, made by a newer longshore: this one knows ${MIGRATIONS.length}`;
    throw new StorageError('unavailable', message);
  }
  for (const [at, step] of MIGRATIONS.entries()) {
    if (at < version) continue;
    database.exec(`
      BEGIN IMMEDIATE;
      ${step}
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${at + 1};
      COMMIT;
    `);
  }
}
