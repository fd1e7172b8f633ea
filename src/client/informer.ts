/**
 * A local, indexed copy of one kind, kept current by a list and a watch. Upstream: client-go tools/cache.
 *
 * Guarantees: handlers run after the copy was changed, so a lister read in a handler sees at least that change; a lost
 * watch is taken up again from its last revision, or by a new list whose differences become handler calls; a handler sees
 * each object's states in order but may miss states in between. Handlers must not throw and return at once.
 */
import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';

/** What a controller registers: told of each change, it marks keys in its queue and does nothing else. */
export interface InformerHandler<T> {
  added?(object: DeepReadonly<T>): void;
  updated?(object: DeepReadonly<T>, old: DeepReadonly<T>): void;
  deleted?(object: DeepReadonly<T>): void;
}

/** Computes the values under which an object is found by `byIndex`. Pure. */
export type IndexFunction<T> = (object: DeepReadonly<T>) => readonly string[];

/** Reads of the local copy. What it answers is shared and must not be changed. */
export interface Lister<T> {
  get(namespace: string, name: string): DeepReadonly<T> | undefined;
  /** All objects, or those of one namespace, in no particular order. */
  list(namespace?: string): readonly DeepReadonly<T>[];
  /** Objects for which the index function named `index` answered `value`. Fails loudly for an unknown index. */
  byIndex(index: string, value: string): readonly DeepReadonly<T>[];
  readonly size: number;
}

/** One kind's local copy. */
export interface Informer<T extends ApiObject> {
  readonly lister: Lister<T>;
  /** Whether the first list has been taken in and told to the handlers. */
  readonly synced: boolean;
  /** Registers a handler; may be called before or after the start (then it is told of what is there already). */
  onChange(handler: InformerHandler<T>): void;
  /** Adds an index, at any time. Two users may add the same function under one name; another function is a bug. */
  addIndex(name: string, index: IndexFunction<T>): void;
  /** Starts it unless it runs, and resolves once it is synced (or was stopped before that). */
  start(): Promise<void>;
}
