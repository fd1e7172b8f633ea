/** Follows a few objects of a server: a list, then a watch, and again when the watch ends. */
import { type Clock, sleep } from '../../apimachinery/clock.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Client, Resource, Selection } from '../../client/index.ts';

/** Pause before the next list when a watch has ended, milliseconds. */
const AGAIN_MS = 1000;

/** Who is told of the objects' states. */
export interface ObjectsObserver<T> {
  /** Objects that are known already, and told of as lost when the first list lacks them. */
  readonly known?: readonly DeepReadonly<T>[];
  seen(object: DeepReadonly<T>): void;
  /** The object is gone; this was its last known state. */
  lost(object: DeepReadonly<T>): void;
}

/** Tells of every state until `signal` aborts. Rejects when the server refuses or cannot be reached any more. */
export async function watchObjects<T extends ApiObject>(
  parts: { readonly client: Client; readonly clock: Clock },
  of: Resource<T>,
  selection: Selection,
  observer: ObjectsObserver<T>,
  signal: AbortSignal,
): Promise<void> {
  const known = new Map((observer.known ?? []).map((object) => [object.metadata.uid, object]));
  while (!signal.aborted) {
    const { items, metadata } = await parts.client.list(of, selection);
    const present = new Set(items.map((object) => object.metadata.uid));
    for (const [uid, object] of known) {
      if (present.has(uid)) continue;
      known.delete(uid);
      observer.lost(object);
    }
    const saw = (object: DeepReadonly<T>): void => {
      known.set(object.metadata.uid, object);
      observer.seen(object);
    };
    items.forEach(saw);
    const ended = Promise.withResolvers<void>();
    const watch = await parts.client.watch<T>(of, selection, metadata.resourceVersion, {
      next(events) {
        for (const { type, object } of events) {
          if (type === 'ADDED' || type === 'MODIFIED') saw(object);
          if (type === 'DELETED') {
            known.delete(object.metadata.uid);
            observer.lost(object);
          }
        }
      },
      end: () => ended.resolve(),
    });
    const stop = (): void => {
      watch.stop();
      ended.resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await ended.promise;
    signal.removeEventListener('abort', stop);
    await sleep(parts.clock, AGAIN_MS, signal);
  }
}
