import type { ApiObject, DeepReadonly } from './meta/object.ts';
import type { StatusError } from './status-error.ts';

/** What happened to an object, or a bookmark: an object that carries nothing but the revision reached. */
export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

/** One change. A DELETED event carries the object's last state, with the revision of the deletion. */
export interface WatchEvent<T = ApiObject> {
  readonly type: WatchEventType;
  readonly object: DeepReadonly<T>;
}

/**
 * Who receives the changes. Calls come in revision order, never after `end` or after the watch was stopped, and never
 * from inside the call that opened the watch. Both methods return at once: whoever is slow keeps a queue of its own.
 */
export interface WatchObserver<T = ApiObject> {
  /** The changes of one commit that concern this watch; never empty. */
  next(events: readonly WatchEvent<T>[]): void;
  /** The watch is over: `reason` says why (410 Expired: list again), absent when its time was up. */
  end(reason?: StatusError): void;
}

/** An open watch. `stop` is idempotent; no call follows it. */
export interface Watch {
  stop(): void;
}
