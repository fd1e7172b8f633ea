import type { DatabaseSync } from 'node:sqlite';
import type { Seal } from '../seal.ts';
import { isSealed } from '../seal.ts';
import { checksumOf } from './checksum.ts';

/** A row of the log whose text is to be written anew. */
export interface StaleRow {
  readonly revision: number;
  readonly key: string;
  readonly text: string;
}

/**
 * Writes rows anew as the seal has them today, at their old revisions, and leaves nothing of the old texts in the file:
 * neither in pages that SQLite has freed nor in the write-ahead log. Takes time by the size of the whole file; it is done
 * once after encryption came to a store, and once a change of its key. All rows are written, or none.
 */
export function reseal(database: DatabaseSync, seal: Seal, rows: readonly StaleRow[]): void {
  // First what was freed earlier goes: whoever is interrupted here finds the rows stale again, and repeats it.
  database.exec('PRAGMA secure_delete = ON');
  database.exec('VACUUM');
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const update = database.prepare('UPDATE log SET value = ?, checksum = ? WHERE revision = ?');
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const { revision, key, text } of rows) {
      const json = isSealed(text) ? seal.open(key, text) : text;
      const sealed = seal.close(key, json);
      update.run(sealed, checksumOf(key, sealed), revision);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.exec('PRAGMA secure_delete = OFF');
}
