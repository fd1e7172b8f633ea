import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StorageError } from '../storage.ts';
import { checksumOf } from './checksum.ts';
import { PAGE_BYTES } from './database.ts';
import { isFull, toStorageError } from './faults.ts';

/**
 * Bytes written since the last checkpoint before the next one: copying them into the file takes some ten milliseconds,
 * for which writes (not reads) wait.
 */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;

/** Bytes written while superseded rows wait for a quiet moment; beyond, they are removed between the commits. */
const COMPACTION_BYTES_MAX = 256 * 1024 * 1024;

/** Superseded rows removed in one transaction: a few milliseconds of work. */
const COMPACTION_ROWS = 512;

/** Changes as they come from the store: for each its revision, its key, its JSON (null: gone), and what it supersedes (null: nothing). */
export type LogRow = readonly [revision: number, key: string, json: string | null, supersedes: number | null];

/** The writing end of the log: appends, and keeps the file small when there is time. */
export class LogWriter {
  readonly #database: DatabaseSync;
  readonly #directory: string;
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  /** Revisions of rows of no more use, in the order in which they may go: a key's states before the row that ends it. */
  #superseded: number[];
  #newest: number;
  #sinceCheckpoint = 0;
  #sinceCompaction = 0;
  /** Set for good when the file did something after which nothing about it is sure. */
  #broken: StorageError | undefined;
  /** Whether the last append found no room. */
  #full = false;

  /** @param newest the log's newest revision; @param superseded what {@link load} found to be of no more use. */
  constructor(database: DatabaseSync, directory: string, newest: number, superseded: readonly number[]) {
    this.#database = database;
    this.#directory = directory;
    this.#newest = newest;
    this.#superseded = [...superseded];
    this.#insert = database.prepare('INSERT INTO log (revision, key, value, checksum) VALUES (?, ?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM log WHERE revision = ?');
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
  }

  /** Appends the rows, all or none. Fails with `unavailable`. */
  append(rows: readonly LogRow[]): void {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      this.#transaction(() => this.#insertAll(rows));
    } catch (error) {
      if (!isFull(error) || !this.#makeRoom()) throw this.#fault(error);
      try {
        this.#transaction(() => this.#insertAll(rows));
      } catch (again) {
        throw this.#fault(again);
      }
    }
    this.#full = false;
    for (const [revision, , json, supersedes] of rows) {
      if (supersedes !== null) this.#superseded.push(supersedes);
      if (json === null) this.#superseded.push(revision);
      this.#newest = revision;
      const bytes = json?.length ?? 0;
      this.#sinceCheckpoint += bytes;
      this.#sinceCompaction += bytes;
    }
  }

  /** Whether there is something to do between commits that should not wait for a quiet moment. */
  get pressing(): boolean {
    return this.#sinceCheckpoint >= CHECKPOINT_BYTES || this.#sinceCompaction >= COMPACTION_BYTES_MAX;
  }

  /** Does one step of the tidying; answers whether more is left. Never throws: what fails is tried again later. */
  tidy(): boolean {
    if (this.#broken !== undefined) return false;
    try {
      if (this.#sinceCheckpoint >= CHECKPOINT_BYTES) {
        this.#checkpoint();
        return true;
      }
      if (this.#compact() > 0) return true;
      const left = this.#sinceCheckpoint > 0;
      if (left) this.#checkpoint();
      return false;
    } catch (error) {
      this.#fault(error);
      return false;
    }
  }

  /** Throws unless an append would be accepted. Looks at the disk only when the last one was not. */
  probe(): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (!this.#full) return;
    try {
      this.#transaction(() => {
        this.#insert.run(-1, '', ' '.repeat(PAGE_BYTES), 0);
        this.#remove.run(-1);
      });
      this.#full = false;
    } catch (error) {
      throw this.#fault(error);
    }
  }

  /** Writes everything into the file itself and lets it go. */
  close(): void {
    this.#database.close();
  }

  #insertAll(rows: readonly LogRow[]): void {
    for (const [revision, key, json] of rows) {
      this.#insert.run(revision, key, json, checksumOf(key, json ?? undefined));
    }
  }

  #transaction(work: () => void): void {
    this.#begin.run();
    try {
      work();
      this.#commit.run();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Removes a slice of the superseded rows; answers how many. The newest row stays: it remembers the revision. */
  #compact(): number {
    const slice = this.#superseded.slice(0, COMPACTION_ROWS);
    if (slice.at(-1) === this.#newest) slice.pop();
    if (slice.length > 0) {
      this.#transaction(() => {
        for (const revision of slice) this.#remove.run(revision);
      });
      this.#superseded = this.#superseded.slice(slice.length);
      this.#sinceCheckpoint += slice.length * 512;
    }
    if (this.#superseded.length <= 1) this.#sinceCompaction = 0;
    return slice.length;
  }

  #checkpoint(): void {
    this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    this.#sinceCheckpoint = 0;
  }

  /** Frees what can be freed within the file; answers whether trying again makes sense. */
  #makeRoom(): boolean {
    try {
      this.#checkpoint();
      let freed = false;
      while (this.#compact() > 0) freed = true;
      if (freed) this.#checkpoint();
      return true;
    } catch (error) {
      if (!isFull(error)) this.#fault(error);
      return this.#broken === undefined;
    }
  }

  /** The refusal for an error. Whatever is not merely a lack of room leaves the file in doubt, and ends the writing. */
  #fault(error: unknown): StorageError {
    const fault = this.#broken ?? toStorageError(error, this.#directory);
    if (isFull(error)) this.#full = true;
    else this.#broken = fault;
    return fault;
  }
}
