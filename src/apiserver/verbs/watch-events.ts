import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { WatchEvent } from '../../apimachinery/watch-event.ts';
import type { StorageEvent } from '../../storage/storage.ts';
import type { Selection } from '../options/selection.ts';
import { present, type ServedResource } from '../served-resource.ts';
import { TurnMemo } from '../turn-memo.ts';

/**
 * Turns changes in the store into watch events. One translator a resource: what all unfiltered watchers see is made once
 * for each change and shared.
 */
export class EventTranslator {
  readonly #served: ServedResource;
  readonly #wholes = new TurnMemo((event: StorageEvent) => this.#whole(event));
  readonly #batches = new TurnMemo((changes: readonly StorageEvent[]): readonly WatchEvent[] =>
    changes.map((change) => this.#wholes.of(change)),
  );

  constructor(served: ServedResource) {
    this.#served = served;
  }

  /** The watch events of a commit for a watcher of `selection`. All unfiltered watchers of one prefix get the same array. */
  translateAll(changes: readonly StorageEvent[], selection: Selection): readonly WatchEvent[] {
    if (selection.everything) return this.#batches.of(changes);
    const events: WatchEvent[] = [];
    for (const change of changes) {
      const event = this.translate(change, selection);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  /** The watch event of a change for a watcher of `selection`; undefined when it does not concern that watcher. */
  translate(event: StorageEvent, selection: Selection): WatchEvent | undefined {
    if (selection.everything) return this.#wholes.of(event);
    const previous = event.previous?.object;
    const before = previous !== undefined && selection.matches(present(this.#served, previous));
    const after = event.type === 'put' && selection.matches(present(this.#served, event.object));
    if (after)
      return before ? this.#wholes.of(event) : { type: 'ADDED', object: this.#wholes.of(event).object };
    if (!before || previous === undefined) return undefined;
    if (event.type === 'delete') return this.#wholes.of(event);
    return { type: 'DELETED', object: atRevision(present(this.#served, previous), event.revision) };
  }

  #whole(event: StorageEvent): WatchEvent {
    const type = event.type === 'delete' ? 'DELETED' : event.previous === undefined ? 'ADDED' : 'MODIFIED';
    return { type, object: present(this.#served, event.object) };
  }
}

/** The old state of an object that has left a selection, with the revision at which it left. */
function atRevision(object: DeepReadonly<ApiObject>, revision: number): DeepReadonly<ApiObject> {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

/** A bookmark: nothing but the revision reached. */
export function bookmark(served: ServedResource, revision: number, endsInitialEvents = false): WatchEvent {
  const metadata = {
    resourceVersion: String(revision),
    creationTimestamp: null,
    ...(endsInitialEvents ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  };
  const object = { kind: served.definition.kind, apiVersion: served.apiVersion, metadata };
  return { type: 'BOOKMARK', object: object as unknown as DeepReadonly<ApiObject> };
}
