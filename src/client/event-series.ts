/**
 * Decides what becomes of an event in the newer form (events.k8s.io). Pure but for its memory. Upstream: client-go tools/events.
 *
 * An event that differs from an earlier one in its note alone is not written again: its second time makes the earlier one a series
 * of two, and further ones only count, until the series is told with its whole count: when it has been quiet for six minutes, and
 * each half an hour while it is not.
 */
import { rfc3339Micro } from '../apimachinery/clock.ts';
import type { Event } from '../apis/events/index.ts';

/** Milliseconds of quiet that end a series, and after which an event that stayed alone is forgotten. */
const QUIET_MS = 360_000;
/** Milliseconds between two looks for what is quiet. */
export const SERIES_LOOK_MS = QUIET_MS;
/** Looks after which series that go on are told as well: half an hour. */
const LOOKS_UNTIL_TOLD = 5;
/** Events remembered; the oldest is forgotten first, and then counts anew. A kilobyte each. */
const REMEMBERED_MAX = 1_024;

interface Known {
  readonly event: Event;
  seenAtMs: number;
}

/** What is to be written of an event: the whole, or its series. */
export interface SeriesWrite {
  readonly kind: 'create' | 'update';
  readonly event: Event;
}

/** See the file's head. */
export class EventSeries {
  readonly #known = new Map<string, Known>();
  #looks = 0;

  /** Whether nothing is remembered, so that no look is needed. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** What to write for `event`, or undefined when it only counts. */
  observe(event: Event, nowMs: number): SeriesWrite | undefined {
    const key = keyOf(event);
    const known = this.#known.get(key);
    if (known === undefined) {
      this.#known.set(key, { event, seenAtMs: nowMs });
      if (this.#known.size > REMEMBERED_MAX) this.#forgetOldest();
      return { kind: 'create', event };
    }
    known.seenAtMs = nowMs;
    const { series } = known.event;
    known.event.series = { count: (series?.count ?? 1) + 1, lastObservedTime: rfc3339Micro(nowMs) };
    return series === undefined ? { kind: 'update', event: { ...known.event } } : undefined;
  }

  /** Ends what is quiet; answers the series to tell. To be called each {@link SERIES_LOOK_MS}. */
  look(nowMs: number): readonly SeriesWrite[] {
    this.#looks = (this.#looks + 1) % LOOKS_UNTIL_TOLD;
    const told: SeriesWrite[] = [];
    for (const [key, { event, seenAtMs }] of this.#known) {
      const isQuiet = nowMs - seenAtMs >= QUIET_MS;
      if (isQuiet) this.#known.delete(key);
      if (event.series !== undefined && (isQuiet || this.#looks === 0)) {
        told.push({ kind: 'update', event: { ...event } });
      }
    }
    return told;
  }

  #forgetOldest(): void {
    const oldest = this.#known.keys().next();
    if (!oldest.done) this.#known.delete(oldest.value);
  }
}

function keyOf({
  type,
  action,
  reason,
  reportingController,
  reportingInstance,
  regarding,
  related,
}: Event): string {
  return JSON.stringify([type, action, reason, reportingController, reportingInstance, regarding, related]);
}
