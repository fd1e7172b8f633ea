/**
 * The watchable store: an ordered key space of API objects in which each change has its own revision.
 *
 * Guarantees: those listed at {@link Storage}; one test suite (testing/suite.ts) holds every backend to them. The state
 * lives in memory, read-only and shared, with a log behind it; a write is answered, visible and told only when the log
 * has it. The past is kept within limits (history.ts), for lists also in time (list-expiry.ts); beyond them a watch or list of an old
 * revision fails with `compacted`.
 *
 * Where things lie: `storage.ts` is the contract and `logged-storage.ts` its one implementation. A write goes through
 * `commit-queue.ts`, which checks it against `state.ts`, to a `commit-log.ts` (`memory/`, `sqlite/`: all that differs between
 * backends), and then to the watchers of `watch-hub.ts`. `seal.ts` encrypts; `shared-parts.ts` and `json-cache.ts` save memory
 * and work.
 *
 * Does not: know kinds, validate, or default; convert versions; share one data directory between processes.
 */

export { keepExpiring } from './list-expiry.ts';
export { type MemoryStorageOptions, openMemoryStorage } from './memory/index.ts';
export { AesGcmSeal, SECRET_BYTES, type Seal } from './seal.ts';
export { openSqliteStorage } from './sqlite/index.ts';
export { type Storage, StorageError } from './storage.ts';
