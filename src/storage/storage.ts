/**
 * The interface that every backend offers: a flat, ordered key space of API objects in which each change has a revision
 * of its own, greater than every one before.
 */

import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Watch } from '../apimachinery/watch-event.ts';
import type { CommitTimes } from './commit-times.ts';

/** An object in the store. `object.metadata.resourceVersion` is `String(revision)`. Shared by all readers, never changed. */
export interface StoredObject {
  readonly key: string;
  /** The revision of the object's last change. */
  readonly revision: number;
  readonly object: DeepReadonly<ApiObject>;
}

/** One committed change. `previous` is the state before (absent when the key was new), so that a filter can tell entering from leaving. */
export interface StorageEvent {
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly revision: number;
  /** For a deletion: the last state, with the deletion's revision as its resourceVersion. */
  readonly object: DeepReadonly<ApiObject>;
  readonly previous?: StoredObject;
}

/** Who receives changes: all those of one commit that lie under the watched prefix, in revision order. */
export interface StorageObserver {
  next(events: readonly StorageEvent[]): void;
  /** Everything up to this revision has been delivered (called after each commit, also when nothing matched). Optional. */
  progress?(revision: number): void;
  /** The store closed, or can no longer follow (`reason`). No call follows. */
  end(reason?: StorageError): void;
}

/** One page of a list. */
export interface ListPage {
  readonly items: readonly StoredObject[];
  /** The revision at which this list was true. */
  readonly revision: number;
  /** Whether more keys follow the last one. */
  readonly more: boolean;
  /** How many keys of the prefix follow the last one. */
  readonly remaining: number;
}

/** What to list. */
export interface ListOptions {
  /** Read the state as of this revision instead of the newest. Fails with `compacted` or `future-revision`. */
  readonly revision?: number;
  /** At most so many items; 0 or absent: all. */
  readonly limit?: number;
  /** Only keys greater than this one: the last key of the page before. */
  readonly after?: string;
}

/** Why a store refused. `key-exists`, `key-missing` and `revision-mismatch` are answers; the rest are faults. */
export type StorageErrorCode =
  | 'key-exists'
  | 'key-missing'
  | 'revision-mismatch'
  | 'compacted'
  | 'future-revision'
  | 'closed'
  | 'unavailable';

/** The one error class of this room; callers compare `code`, never messages. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Counts of a store. */
export interface StorageFigures {
  /** Groups of writes made durable together. */
  readonly commits: number;
  /** Writes made durable. */
  readonly writes: number;
  /** Writes that wait for the next commit. */
  readonly waiting: number;
  /** How long commits took; absent for a store that was given no clock. */
  readonly times?: CommitTimes;
}

/**
 * A watchable store.
 *
 * 1. A resolved write is durable as the backend promises (SQLite: survives kill -9 and power loss) and visible to every
 *    later read; nothing is visible before.
 * 2. Revisions are unique and increasing; one change, one revision. They survive a restart.
 * 3. A watch delivers every change under its prefix after its start revision once, in order.
 * 4. A write that rejects has changed nothing.
 * 5. Writes issued together may be committed together (group commit), in the order of their calls.
 *
 * Keys are `/group-or-core/resource/namespace/name`, made by the registry; a prefix ends with `/`.
 */
export interface Storage {
  /** The newest committed revision. */
  readonly revision: number;
  get(key: string): Promise<StoredObject | undefined>;
  list(prefix: string, options?: ListOptions): Promise<ListPage>;
  /** How many keys lie under the prefix now. */
  count(prefix: string): Promise<number>;
  /** Stores a new object; fails with `key-exists`. The store takes ownership of `object` and sets its resourceVersion. */
  create(key: string, object: ApiObject): Promise<StoredObject>;
  /** Replaces an object that is still at `expectedRevision`; fails with `key-missing` or `revision-mismatch`. Takes ownership. */
  update(key: string, object: ApiObject, expectedRevision: number): Promise<StoredObject>;
  /** Removes an object that is still at `expectedRevision`; answers the last state as of the deletion's revision. */
  delete(key: string, expectedRevision: number): Promise<StoredObject>;
  /**
   * Delivers every change under `prefix` with a revision greater than `afterRevision` (synchronously replaying what is
   * past on a later turn, then live). Throws `compacted` when that history is gone, `future-revision` when it is not yet.
   */
  watch(prefix: string, afterRevision: number, observer: StorageObserver): Watch;
  /**
   * The JSON text of an object that this store has handed out. It was made when the object was committed and is kept while
   * there is room, so that every reader of a revision sends the same text without encoding it again.
   * @param passing the text is wanted once, among many others (a list): it is not kept, which would drive out the rest.
   */
  json(object: DeepReadonly<ApiObject>, passing?: boolean): string;
  /** From now on lists of states before that revision fail with `compacted`, while watches may still begin there. */
  expireLists(before: number): void;
  /** Forgets all states but the newest: lists and watches of them fail with `compacted`. */
  forgetPast(): void;
  /** What the store has done since it was opened, for metrics. */
  figures(): StorageFigures;
  /** Answers when a trivial write would be accepted; rejects with `unavailable` otherwise. For health endpoints. */
  ready(): Promise<void>;
  /** Commits what is pending, ends the watches and releases files. Idempotent. */
  close(): Promise<void>;
}
