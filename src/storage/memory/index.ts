/**
 * The store that forgets: everything of the contract but durability, for tests and for clusters that live as long as
 * their process. Its log keeps nothing, so a write is committed before the current turn of the event loop ends.
 */
import type { Clock } from '../../apimachinery/clock.ts';
import type { CommitLog } from '../commit-log.ts';
import { LoggedStorage } from '../logged-storage.ts';
import type { HistoryLimits } from '../state.ts';
import type { Storage } from '../storage.ts';

const forgetfulLog: CommitLog = {
  append: () => undefined,
  ready: () => Promise.resolve(),
  close: () => undefined,
};

/** How a memory store is made. */
export interface MemoryStorageOptions {
  /** How much of the past to keep; the default serves everyone but tests of forgetting. */
  readonly history?: HistoryLimits;
  /** Whether what is stored is frozen: for tests, which then fail where somebody changes what is shared. Default false. */
  readonly frozen?: boolean;
  /** Times the commits for the store's figures; absent: they are not timed. */
  readonly clock?: Clock;
}

/** A new, empty store in memory. */
export function openMemoryStorage(options: MemoryStorageOptions = {}): Storage {
  return new LoggedStorage(
    forgetfulLog,
    { revision: 0, stored: [] },
    { postpone: queueMicrotask, ...options },
  );
}
