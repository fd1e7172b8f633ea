/** The objects of one kind by key, by namespace and by any number of named indexes. */
import { invariant } from '../apimachinery/invariant.ts';
import { type ApiObject, type DeepReadonly, objectKey } from '../apimachinery/meta/object.ts';
import type { IndexFunction, Lister } from './informer.ts';

/** The index that every cache has: the object's namespace, empty for cluster-scoped ones. */
const NAMESPACE_INDEX = 'namespace';

type Bucket<T> = Map<string, DeepReadonly<T>>;

interface Index<T> {
  readonly valuesOf: IndexFunction<T>;
  readonly buckets: Map<string, Bucket<T>>;
}

/** A {@link Lister} together with the writes that its informer makes. A change costs the object's own index values alone. */
export class IndexedCache<T extends ApiObject> implements Lister<T> {
  readonly #objects: Bucket<T> = new Map();
  readonly #byNamespace: Index<T>;
  readonly #indexes = new Map<string, Index<T>>();

  constructor() {
    this.#byNamespace = {
      valuesOf: (object) => [(object as DeepReadonly<ApiObject>).metadata.namespace ?? ''],
      buckets: new Map(),
    };
    this.#indexes.set(NAMESPACE_INDEX, this.#byNamespace);
  }

  get size(): number {
    return this.#objects.size;
  }

  get(namespace: string, name: string): DeepReadonly<T> | undefined {
    return this.#objects.get(namespace === '' ? name : `${namespace}/${name}`);
  }

  list(namespace?: string): readonly DeepReadonly<T>[] {
    const bucket = namespace === undefined ? this.#objects : this.#byNamespace.buckets.get(namespace);
    return bucket === undefined ? [] : [...bucket.values()];
  }

  byIndex(index: string, value: string): readonly DeepReadonly<T>[] {
    const found = this.#indexes.get(index);
    invariant(found, `there is no index named ${index}`);
    const bucket = found.buckets.get(value);
    return bucket === undefined ? [] : [...bucket.values()];
  }

  /** The object under a key as objectKey makes it. */
  byKey(key: string): DeepReadonly<T> | undefined {
    return this.#objects.get(key);
  }

  /** Every key with its object. The iterator bears that the entry at hand is removed. */
  entries(): IterableIterator<[string, DeepReadonly<T>]> {
    return this.#objects.entries();
  }

  /** Adds an index over what is there and what comes. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    const known = this.#indexes.get(name);
    invariant(known === undefined || known.valuesOf === valuesOf, `two different indexes are named ${name}`);
    if (known !== undefined) return;
    const index: Index<T> = { valuesOf, buckets: new Map() };
    for (const [key, object] of this.#objects) enter(index, valuesOf(object), key, object);
    this.#indexes.set(name, index);
  }

  /** Stores an object and answers the one that it replaced. */
  put(object: DeepReadonly<T>): DeepReadonly<T> | undefined {
    const key = objectKey(object as DeepReadonly<ApiObject>);
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      const values = index.valuesOf(object);
      if (old !== undefined) {
        const before = index.valuesOf(old);
        if (!sameValues(before, values)) leave(index, before, key);
      }
      enter(index, values, key, object);
    }
    return old;
  }

  /** Removes the object under a key and answers it. */
  remove(key: string): DeepReadonly<T> | undefined {
    const old = this.#objects.get(key);
    if (old === undefined) return undefined;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) leave(index, index.valuesOf(old), key);
    return old;
  }
}

function sameValues(before: readonly string[], after: readonly string[]): boolean {
  return before.length === after.length && before.every((value, at) => value === after[at]);
}

function enter<T>(index: Index<T>, values: readonly string[], key: string, object: DeepReadonly<T>): void {
  for (const value of values) {
    const bucket = index.buckets.get(value);
    if (bucket === undefined) index.buckets.set(value, new Map([[key, object]]));
    else bucket.set(key, object);
  }
}

function leave<T>(index: Index<T>, values: readonly string[], key: string): void {
  for (const value of values) {
    const bucket = index.buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) index.buckets.delete(value);
  }
}
