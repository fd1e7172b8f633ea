import type { StoredObject } from './storage.ts';

/** One change as a log keeps it. */
export interface LogEntry {
  readonly revision: number;
  readonly key: string;
  /** The object's JSON; undefined for a deletion. */
  readonly json: string | undefined;
  /** The revision of the key's state before, whose entry is of no more use; undefined for a new key. */
  readonly supersedes: number | undefined;
}

/** What makes changes last: the only part of a backend that differs. */
export interface CommitLog {
  /**
   * Makes a group of changes durable, all or none, in the order of their revisions. Fails with a StorageError
   * `unavailable`, and has then kept none. Called again only when it has returned, or its promise has settled.
   */
  append(entries: readonly LogEntry[]): void | Promise<void>;
  /** Answers when an append would be accepted; rejects with `unavailable` otherwise. */
  ready(): Promise<void>;
  /** Releases what is held. Called once, after the last append. */
  close(): void | Promise<void>;
}

/** What a log found when it was opened. */
export interface LogContent {
  /** The newest revision ever used, also when its object is gone. */
  readonly revision: number;
  /** The newest state of every key that is there, in any order. */
  readonly stored: readonly StoredObject[];
}
