/** The {@link Informer}: a reflector that fills an indexed cache and tells handlers. Its guarantees stand at the contract in informer.ts. */
import { type ApiObject, type DeepReadonly, objectKey } from '../apimachinery/meta/object.ts';
import type { WatchEvent } from '../apimachinery/watch-event.ts';
import { IndexedCache } from './indexed-cache.ts';
import type { IndexFunction, Informer, InformerHandler, Lister } from './informer.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

/** One kind's local copy, shared by whoever asks for the same selection in this process. */
export class SharedInformer<T extends ApiObject> implements Informer<T> {
  readonly #cache = new IndexedCache<T>();
  readonly #handlers: InformerHandler<T>[] = [];
  readonly #reflector: Reflector<T>;
  readonly #whenSynced: Promise<void>;
  #markSynced: () => void = () => {};
  #synced = false;

  constructor(options: Omit<ReflectorOptions<T>, 'target'>) {
    this.#whenSynced = new Promise((resolve) => {
      this.#markSynced = resolve;
    });
    this.#reflector = new Reflector({
      ...options,
      target: { replace: (objects) => this.#replace(objects), apply: (events) => this.#apply(events) },
    });
  }

  get lister(): Lister<T> {
    return this.#cache;
  }

  get synced(): boolean {
    return this.#synced;
  }

  onChange(handler: InformerHandler<T>): void {
    this.#handlers.push(handler);
    if (handler.added === undefined) return;
    for (const object of this.#cache.list()) handler.added(object);
  }

  addIndex(name: string, index: IndexFunction<T>): void {
    this.#cache.addIndex(name, index);
  }

  start(): Promise<void> {
    this.#reflector.start();
    return this.#whenSynced;
  }

  /** Ends the watch and frees whoever waits for the first list. The copy stays readable. */
  stop(): void {
    this.#reflector.stop();
    this.#markSynced();
  }

  #replace(objects: readonly DeepReadonly<T>[]): void {
    const current = new Set<string>();
    for (const object of objects) current.add(keyOf(object));
    for (const [key] of this.#cache.entries()) {
      if (!current.has(key)) this.#remove(key);
    }
    for (const object of objects) this.#put(object);
    this.#synced = true;
    this.#markSynced();
  }

  #apply(events: readonly WatchEvent<T>[]): void {
    for (const { type, object } of events) {
      if (type === 'DELETED') this.#remove(keyOf(object), object);
      else this.#put(object);
    }
  }

  #put(object: DeepReadonly<T>): void {
    const old = this.#cache.put(object);
    if (old === undefined) {
      for (const handler of this.#handlers) handler.added?.(object);
    } else if (versionOf(old) !== versionOf(object)) {
      for (const handler of this.#handlers) handler.updated?.(object, old);
    }
  }

  /** @param last the state that the deletion brought, which may be newer than the copy's. */
  #remove(key: string, last?: DeepReadonly<T>): void {
    const old = this.#cache.remove(key);
    if (old === undefined) return;
    for (const handler of this.#handlers) handler.deleted?.(last ?? old);
  }
}

function keyOf(object: unknown): string {
  return objectKey(object as DeepReadonly<ApiObject>);
}

function versionOf(object: unknown): string {
  return (object as DeepReadonly<ApiObject>).metadata.resourceVersion;
}
