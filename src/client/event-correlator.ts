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

/** Sources (a component speaking of one object) remembered; the one not heard of for longest is forgotten first. */
const SOURCES_MAX = 4096;
/** Different events remembered of one source; beyond, its oldest is forgotten and counts anew. */
const EVENTS_OF_SOURCE_MAX = 256;
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

/** What is remembered of a component that speaks of an object. Most say two or three things of it in all. */
interface Source {
  /** By reason. */
  readonly groups: Map<string, Group>;
  /** By reason, field and message; by reason alone for combined ones. */
  readonly seen: Map<string, Seen>;
  tokens: number;
  filledAtMs: number;
}

/** See the file's head. */
export class EventCorrelator {
  readonly #sources = new Map<string, Source>();

  /** What to write for `event`, or undefined when nothing. The event's name serves if it is a new one. */
  correlate(event: Event, nowMs: number): EventWrite | undefined {
    const { involvedObject: about, reason = '', message = '' } = event;
    const source = this.#sourceOf(event, nowMs);
    const combined = combines(source, reason, message, nowMs);
    const key = combined ? reason : `${reason}|${about.fieldPath ?? ''}|${message}`;
    const written = count(
      source,
      key,
      combined ? { ...event, message: `(combined from similar events): ${message}` } : event,
      nowMs,
    );
    return allows(source, nowMs) ? written : undefined;
  }

  #sourceOf({ source: speaker, involvedObject: about, type }: Event, nowMs: number): Source {
    const key = `${speaker?.component}|${speaker?.host}|${about.kind}|${about.namespace}|${about.name}|${about.uid}|${about.apiVersion}|${type}`;
    let source = this.#sources.get(key);
    // Heard of again: it moves to the end, so that the first one is always the one not heard of for longest.
    if (source === undefined) {
      source = { groups: new Map(), seen: new Map(), tokens: BURST_EVENTS, filledAtMs: nowMs };
    } else this.#sources.delete(key);
    this.#sources.set(key, source);
    if (this.#sources.size > SOURCES_MAX) forgetFirst(this.#sources);
    return source;
  }
}

function combines({ groups }: Source, reason: string, message: string, nowMs: number): boolean {
  let group = groups.get(reason);
  if (group === undefined || nowMs - group.lastMs > SIMILAR_WITHIN_MS) {
    group = { messages: new Set(), lastMs: nowMs };
    groups.set(reason, group);
    if (groups.size > EVENTS_OF_SOURCE_MAX) forgetFirst(groups);
  }
  group.lastMs = nowMs;
  group.messages.add(message);
  if (group.messages.size < SIMILAR_MAX) return false;
  group.messages.delete(message);
  return true;
}

function count({ seen }: Source, key: string, event: Event, nowMs: number): EventWrite {
  const known = seen.get(key);
  const now = rfc3339(nowMs);
  if (known === undefined) {
    seen.set(key, { name: event.metadata.name, firstTimestamp: now, count: 1 });
    if (seen.size > EVENTS_OF_SOURCE_MAX) forgetFirst(seen);
    return { kind: 'create', event: { ...event, firstTimestamp: now, lastTimestamp: now, count: 1 } };
  }
  known.count += 1;
  return {
    kind: 'update',
    event: {
      ...event,
      metadata: { ...event.metadata, name: known.name },
      firstTimestamp: known.firstTimestamp,
      lastTimestamp: now,
      count: known.count,
    },
  };
}

/** Takes one of the source's tokens, of which it gets a new one each {@link REFILL_MS}. */
function allows(source: Source, nowMs: number): boolean {
  const gained = Math.max(0, nowMs - source.filledAtMs) / REFILL_MS;
  source.tokens = Math.min(BURST_EVENTS, source.tokens + gained);
  source.filledAtMs = nowMs;
  if (source.tokens < 1) return false;
  source.tokens -= 1;
  return true;
}

function forgetFirst(map: Map<string, unknown>): void {
  const first = map.keys().next();
  if (!first.done) map.delete(first.value);
}
