/** The {@link Workqueue} of every controller; its guarantees stand at the contract in workqueue.ts. */
import type { Timer } from '../apimachinery/clock.ts';
import { invariant } from '../apimachinery/invariant.ts';
import type { Metrics } from './controller.ts';
import { Heap } from './heap.ts';
import type { Workqueue, WorkqueueOptions } from './workqueue.ts';

/** First delay of a failing key in milliseconds, as client-go's default rate limiter has it. */
const RETRY_BASE_MS = 5;
/** Longest delay of a failing key in milliseconds, as client-go's default rate limiter has it. */
const RETRY_MAX_MS = 1_000_000;

/** A new, empty queue. */
export function newWorkqueue(options: WorkqueueOptions): Workqueue {
  return new KeyQueue(options);
}

interface Delayed {
  readonly key: string;
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly order: number;
}

class KeyQueue implements Workqueue {
  readonly #options: WorkqueueOptions;
  readonly #baseMs: number;
  readonly #maxMs: number;
  /** Keys to hand out, from `#head` on; what lies before was taken. */
  #waiting: string[] = [];
  #head = 0;
  /** Keys added and not taken since: waiting, or to come again after `done`. */
  readonly #dirty = new Set<string>();
  readonly #working = new Set<string>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  readonly #failures = new Map<string, number>();
  /** The delay that counts for each key; entries of the heap that are not in it have been overtaken. */
  readonly #delayed = new Map<string, Delayed>();
  readonly #schedule = new Heap<Delayed>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
  #timer: { readonly at: number; readonly handle: Timer } | undefined;
  #order = 0;
  #adds = 0;
  #retries = 0;
  #shut = false;

  constructor(options: WorkqueueOptions) {
    this.#options = options;
    this.#baseMs = options.retry?.baseMs ?? RETRY_BASE_MS;
    this.#maxMs = options.retry?.maxMs ?? RETRY_MAX_MS;
    if (options.metrics !== undefined) this.#expose(options.name, options.metrics);
  }

  get length(): number {
    return this.#waiting.length - this.#head;
  }

  add(key: string): void {
    if (this.#shut || this.#dirty.has(key)) return;
    this.#dirty.add(key);
    this.#adds += 1;
    if (!this.#working.has(key)) this.#push(key);
  }

  addAfter(key: string, delayMs: number): void {
    if (this.#shut) return;
    if (!(delayMs > 0)) {
      this.add(key);
      return;
    }
    const at = this.#options.clock.monotonic() + delayMs;
    const known = this.#delayed.get(key);
    if (known !== undefined && known.at <= at) return;
    const entry = { key, at, order: ++this.#order };
    this.#delayed.set(key, entry);
    this.#schedule.add(entry);
    this.#arm();
  }

  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#retries += 1;
    this.addAfter(key, Math.min(this.#baseMs * 2 ** failures, this.#maxMs));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  requeues(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  take(): Promise<string | undefined> {
    const key = this.#shift();
    if (key !== undefined || this.#shut) return Promise.resolve(key);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  done(key: string): void {
    invariant(this.#working.delete(key), `queue ${this.#options.name}: ${key} is done but was not taken`);
    if (this.#dirty.has(key)) this.#push(key);
  }

  shutDown(): void {
    if (this.#shut) return;
    this.#shut = true;
    this.#timer?.handle.cancel();
    this.#timer = undefined;
    this.#delayed.clear();
    this.#schedule.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #expose(name: string, metrics: Metrics): void {
    const labels = { name };
    metrics.expose({
      name: 'workqueue_depth',
      type: 'gauge',
      help: 'Keys that wait for a worker.',
      labels,
      read: () => this.length,
    });
    metrics.expose({
      name: 'workqueue_adds_total',
      type: 'counter',
      help: 'Keys added that did not wait already.',
      labels,
      read: () => this.#adds,
    });
    metrics.expose({
      name: 'workqueue_retries_total',
      type: 'counter',
      help: 'Keys added again after a failure.',
      labels,
      read: () => this.#retries,
    });
  }

  #push(key: string): void {
    const taker = this.#takers.shift();
    if (taker === undefined) {
      this.#waiting.push(key);
    } else {
      this.#dirty.delete(key);
      this.#working.add(key);
      taker(key);
    }
  }

  #shift(): string | undefined {
    const key = this.#waiting[this.#head];
    if (key === undefined) return undefined;
    this.#head += 1;
    // Dropping the taken keys once they are half of the array makes a take cost constant time on the whole.
    if (this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    this.#dirty.delete(key);
    this.#working.add(key);
    return key;
  }

  /** Keeps one timer, for the earliest delayed key. */
  #arm(): void {
    const next = this.#schedule.peek();
    if (next === undefined || (this.#timer !== undefined && this.#timer.at <= next.at)) return;
    this.#timer?.handle.cancel();
    const { clock } = this.#options;
    const handle = clock.after(Math.max(0, next.at - clock.monotonic()), () => {
      this.#timer = undefined;
      this.#release();
    });
    this.#timer = { at: next.at, handle };
  }

  #release(): void {
    const now = this.#options.clock.monotonic();
    for (
      let next = this.#schedule.peek();
      next !== undefined && next.at <= now;
      next = this.#schedule.peek()
    ) {
      this.#schedule.take();
      if (this.#delayed.get(next.key) !== next) continue;
      this.#delayed.delete(next.key);
      this.add(next.key);
    }
    this.#arm();
  }
}
