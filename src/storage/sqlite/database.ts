import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** How sure a write must be before it is answered. */
export interface DatabaseOptions {
  /**
   * `full` (the default): an answered write survives power loss. `normal`: it survives the end of the process by any
   * means, but the last ones may be lost with the power.
   */
  readonly synchronous?: 'full' | 'normal' | undefined;
  /** The greatest size of the file in bytes; writes beyond are refused. Absent: as much as the disk has. */
  readonly fileBytesMax?: number | undefined;
}

/** Bytes in a page of the file: two or three pods; measured to be the fastest size for objects of 1 to 3 KB. */
export const PAGE_BYTES = 8192;

/** The store's file inside its directory. */
export function databasePath(directory: string): string {
  return join(directory, 'longshore.db');
}

/**
 * A connection to the store's file, which is created (0600) when it is missing. The connection holds the file alone; with
 * that SQLite keeps its index of the write-ahead log in memory of its own. Checkpoints are the caller's business.
 */
export function openDatabase(directory: string, options: DatabaseOptions): DatabaseSync {
  const path = databasePath(directory);
  closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path);
  try {
    database.exec(`
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${options.synchronous === 'normal' ? 'NORMAL' : 'FULL'};
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA temp_store = MEMORY;
    `);
    if (options.fileBytesMax !== undefined) {
      database.exec(`PRAGMA max_page_count = ${Math.ceil(options.fileBytesMax / PAGE_BYTES)}`);
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The single value that a pragma or query answers. */
export function scalar(database: DatabaseSync, sql: string): unknown {
  const row = database.prepare(sql).get();
  return row === undefined ? undefined : Object.values(row)[0];
}
