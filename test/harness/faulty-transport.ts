/** A way to the API on which things go wrong: refusals, lost answers, late, repeated and broken watches, and an end. */
import type { ApiAnswer, ApiRequest, Transport } from '../../src/apimachinery/api-request.ts';
import type { Clock } from '../../src/apimachinery/clock.ts';
import type { Random } from '../../src/apimachinery/random.ts';
import {
  newConflict,
  newExpired,
  newInternalError,
  newTooManyRequests,
  STALE_OBJECT,
} from '../../src/apimachinery/status-error.ts';
import type { Watch, WatchEvent, WatchObserver } from '../../src/apimachinery/watch-event.ts';

/** What goes wrong. Rates are from 0 to 1. */
export interface Faults {
  /** The user is gone after so many writes: nothing more is sent. */
  readonly diesAfterWrites?: number;
  /** Whether the last write's answer is lost; it is carried out all the same. */
  readonly losesLastAnswer?: boolean;
  /** Of all writes: refused with 409, 429 or 500. */
  readonly refusals?: number;
  /** Of all writes: carried out, but answered with 500. */
  readonly lostAnswers?: number;
  /** Greatest delay of a watch's events in milliseconds. */
  readonly watchDelayMs?: number;
  /** Of all deliveries: told twice. */
  readonly repeats?: number;
  /** Of all deliveries: the watch ends instead, and what it would have told is only in the next list or watch. */
  readonly brokenWatches?: number;
}

/** See the file's head. */
export class FaultyTransport implements Transport {
  /** Writes carried out so far, Events not included. */
  writes = 0;
  readonly #inner: Transport;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #faults: Faults;
  #dead = false;

  constructor(inner: Transport, clock: Clock, random: Random, faults: Faults) {
    this.#inner = inner;
    this.#clock = clock;
    this.#random = random;
    this.#faults = faults;
  }

  /** Whether the end has come. */
  get dead(): boolean {
    return this.#dead;
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    if (this.#dead) throw newInternalError('the process is gone');
    const { verb, group, resource, name = '' } = request;
    const isWrite = verb !== 'get' && verb !== 'list' && resource !== 'events';
    if (!isWrite) return this.#inner.send(request);
    const { refusals = 0, lostAnswers = 0, diesAfterWrites = Number.POSITIVE_INFINITY } = this.#faults;
    if (this.#random.fraction() < refusals) {
      const kind = Math.floor(this.#random.fraction() * 3);
      if (kind === 0 && verb !== 'create') throw newConflict(group, resource, name, STALE_OBJECT);
      throw kind === 1 ? newTooManyRequests('slow down', 1) : newInternalError('disk on fire');
    }
    this.writes += 1;
    const last = this.writes >= diesAfterWrites;
    if (last) this.#dead = true;
    const answer = await this.#inner.send(request);
    if (last && this.#faults.losesLastAnswer) throw newInternalError('the process is gone');
    if (this.#random.fraction() < lostAnswers) throw newInternalError('connection reset');
    return answer;
  }

  async watch(request: ApiRequest, observer: WatchObserver): Promise<Watch> {
    const { watchDelayMs = 0, repeats = 0, brokenWatches = 0 } = this.#faults;
    if (watchDelayMs === 0 && repeats === 0 && brokenWatches === 0)
      return this.#inner.watch(request, observer);
    let open = true;
    let dueAt = 0;
    const later = (act: () => void): void => {
      // Never before what was delayed earlier: a watch keeps its order.
      dueAt = Math.max(dueAt, this.#clock.monotonic() + Math.floor(this.#random.fraction() * watchDelayMs));
      this.#clock.after(dueAt - this.#clock.monotonic(), () => open && act());
    };
    let inner: Watch | undefined;
    const close = (): void => {
      open = false;
      inner?.stop();
    };
    const deliver = (events: readonly WatchEvent[]): void => {
      if (this.#random.fraction() < brokenWatches) {
        close();
        observer.end(this.#random.fraction() < 0.5 ? newExpired('too old resource version') : undefined);
        return;
      }
      observer.next(events);
      if (this.#random.fraction() < repeats) observer.next(events);
    };
    inner = await this.#inner.watch(request, {
      next: (events) => later(() => deliver(events)),
      end: (reason) =>
        later(() => {
          open = false;
          observer.end(reason);
        }),
    });
    return { stop: close };
  }
}
