import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';

/** Milliseconds in which an admitted object is stored, or never will be. */
const PENDING_MS = 10_000;
/** Reservations kept at once; more are not made within that time by any client. */
const PENDING_MAX = 10_000;

interface Reservation {
  readonly object: DeepReadonly<ApiObject>;
  readonly group: string;
  readonly resource: string;
  readonly until: number;
}

/** Objects that were charged to a quota and may not have reached the store yet. */
export class QuotaReservations {
  readonly #byUid = new Map<string, Reservation>();

  /** Remembers an object that was just charged, for a few seconds. */
  add(object: DeepReadonly<ApiObject>, group: string, resource: string, now: number): void {
    this.#forget(now);
    if (this.#byUid.size >= PENDING_MAX) return;
    this.#byUid.set(object.metadata.uid, { object, group, resource, until: now + PENDING_MS });
  }

  /** Those of a namespace that are not among the stored objects. */
  pending(
    group: string,
    resource: string,
    namespace: string,
    stored: readonly DeepReadonly<ApiObject>[],
    now: number,
  ): readonly DeepReadonly<ApiObject>[] {
    this.#forget(now);
    for (const { metadata } of stored) this.#byUid.delete(metadata.uid);
    return [...this.#byUid.values()]
      .filter((each) => each.group === group && each.resource === resource)
      .map((each) => each.object)
      .filter(({ metadata }) => metadata.namespace === namespace);
  }

  /** The oldest come first, as they were put in. */
  #forget(now: number): void {
    for (const [uid, { until }] of this.#byUid) {
      if (until > now) return;
      this.#byUid.delete(uid);
    }
  }
}
