/**
 * Decides what becomes of an event so that a busy or a broken object cannot flood the server. Pure but for its memory.
 * Upstream: client-go tools/record/events_cache. Three rules, in this order:
 *
 * 1. Ten events that differ only in their message within ten minutes become one, "(combined from similar events): …".
 * 2. An event seen before is not written again: its count goes up.
 * 3. A source may write 25 events about an object at once, and after that one each five minutes.
 */
import { rfc3339 } from '../apimachinery/clock.ts';
import type { Event } from '../apis/core/types.ts';

/** Objects, groups and events remembered, each; the one not seen for longest is forgotten first. */
const REMEMBERED_MAX = 4096;
/** Different messages of one group after which they are combined. */
const SIMILAR_MAX = 10;
/** Milliseconds without an event after which a group starts anew. */
const SIMILAR_WITHIN_MS = 600_000;
/** Events that a source may write about an object at once. */
const BURST_EVENTS = 25;
/** Milliseconds after which a source may write one more event about an object. */
const REFILL_MS = 300_000;

/** What is to be written. An `update` names an event that was created before and its new count. */
export type EventWrite =
  | { readonly kind: 'create'; readonly event: Event }
  | { readonly kind: 'update'; readonly event: Event };

interface Seen {
  readonly name: string;
  readonly firstTimestamp: string;
  count: number;
}

interface Group {
  readonly messages: Set<string>;
  lastMs: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** See the file's head. */
export class EventCorrelator {
  readonly #groups = new Recent<Group>();
  readonly #seen = new Recent<Seen>();
  readonly #buckets = new Recent<Bucket>();

  /** What to write for `event`, or undefined when nothing. The event's name serves if it is a new one. */
  correlate(event: Event, nowMs: number): EventWrite | undefined {
    const { involvedObject: about } = event;
    const source = [
      event.source?.component,
      event.source?.host,
      about.kind,
      about.namespace,
      about.name,
      about.uid,
      about.apiVersion,
      event.type,
    ].join('|');
    const group = `${source}|${event.reason}`;
    const combined = this.#combines(group, event.message ?? '', nowMs);
    const key = combined ? group : `${group}|${about.fieldPath ?? ''}|${event.message}`;
    const written = this.#count(
      key,
      combined ? { ...event, message: `(combined from similar events): ${event.message}` } : event,
      nowMs,
    );
    return this.#allows(source, nowMs) ? written : undefined;
  }

  #combines(key: string, message: string, nowMs: number): boolean {
    let group = this.#groups.get(key);
    if (group === undefined || nowMs - group.lastMs > SIMILAR_WITHIN_MS) {
      group = { messages: new Set(), lastMs: nowMs };
      this.#groups.set(key, group);
    }
    group.lastMs = nowMs;
    group.messages.add(message);
    if (group.messages.size < SIMILAR_MAX) return false;
    group.messages.delete(message);
    return true;
  }

  #count(key: string, event: Event, nowMs: number): EventWrite {
    const seen = this.#seen.get(key);
    const now = rfc3339(nowMs);
    if (seen === undefined) {
      this.#seen.set(key, { name: event.metadata.name, firstTimestamp: now, count: 1 });
      return { kind: 'create', event: { ...event, firstTimestamp: now, lastTimestamp: now, count: 1 } };
    }
    seen.count += 1;
    return {
      kind: 'update',
      event: {
        ...event,
        metadata: { ...event.metadata, name: seen.name },
        firstTimestamp: seen.firstTimestamp,
        lastTimestamp: now,
        count: seen.count,
      },
    };
  }

  #allows(key: string, nowMs: number): boolean {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { tokens: BURST_EVENTS, filledAtMs: nowMs };
      this.#buckets.set(key, bucket);
    }
    const gained = Math.max(0, nowMs - bucket.filledAtMs) / REFILL_MS;
    bucket.tokens = Math.min(BURST_EVENTS, bucket.tokens + gained);
    bucket.filledAtMs = nowMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

/** A map that forgets what was not used for longest once it holds {@link REMEMBERED_MAX} entries. */
class Recent<Value> {
  readonly #entries = new Map<string, Value>();

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries.set(key, value);
    if (this.#entries.size <= REMEMBERED_MAX) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
