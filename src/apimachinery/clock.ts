/**
 * The one place that reads the time or sets a timer. Everything else is handed a {@link Clock}, so that a whole cluster
 * can run on virtual time.
 */

/** A timer that has not fired yet; `cancel` is idempotent and safe after firing. */
export interface Timer {
  cancel(): void;
}

/** Time and timers. Wall time is milliseconds since the epoch; monotonic time is milliseconds from an arbitrary start. */
export interface Clock {
  /** Wall time in milliseconds since 1970. May jump when the machine's clock is set. */
  now(): number;
  /** Monotonic milliseconds, for measuring spans. Never goes back. */
  monotonic(): number;
  /** Calls `callback` once, `delayMs` from now (monotonic). A timer keeps the process alive unless `background`. */
  after(delayMs: number, callback: () => void, options?: { readonly background?: boolean }): Timer;
}

/** setTimeout's own limit in milliseconds; a longer delay is reached in several steps. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback, options) {
    let handle: NodeJS.Timeout;
    const deadline = performance.now() + delayMs;
    const arm = (left: number): void => {
      handle = setTimeout(
        () => {
          const rest = deadline - performance.now();
          if (left > TIMEOUT_MS_MAX && rest > 0) arm(rest);
          else callback();
        },
        Math.min(Math.max(left, 0), TIMEOUT_MS_MAX),
      );
      if (options?.background) handle.unref();
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `delayMs` on that clock, or at once when `signal` aborts (it never rejects: look at the signal). */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const timer = clock.after(delayMs, done);
    function done(): void {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** The second that was written last, with its text: most times that are written are now. */
let [writtenSecond, writtenText] = [0, '1970-01-01T00:00:00Z'];

/** Wall time as metav1.Time writes it: RFC 3339 in UTC, whole seconds. */
export function rfc3339(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== writtenSecond) {
    writtenText = `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
    writtenSecond = second;
  }
  return writtenText;
}

/** Wall time as metav1.MicroTime writes it: RFC 3339 in UTC, six digits of a second. */
export function rfc3339Micro(epochMs: number): string {
  const milliseconds = Math.floor(epochMs) - Math.floor(epochMs / 1000) * 1000;
  return `${rfc3339(epochMs).slice(0, -1)}.${String(milliseconds).padStart(3, '0')}000Z`;
}

/** A clock that a test moves by hand: timers fire in order of their time, each seeing its own time as now. */
export class VirtualClock implements Clock {
  #now: number;
  #monotonic = 0;
  #sequence = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly callback: () => void }>();

  /** @param startMs wall time at the start, milliseconds since 1970. */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
  }

  /** In whole milliseconds, as the machine's clock gives them, whatever fractions the timers had. */
  now(): number {
    return Math.round(this.#now);
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, callback: () => void): Timer {
    const id = ++this.#sequence;
    this.#timers.set(id, { at: this.#monotonic + Math.max(0, delayMs), callback });
    return { cancel: () => void this.#timers.delete(id) };
  }

  /** The number of timers not fired yet: zero when nothing is left running. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves the wall clock alone, as a user or NTP setting it does; timers stay where they are. */
  setWall(epochMs: number): void {
    this.#now = epochMs;
  }

  /** Moves both clocks on by `spanMs`, firing what falls due in order and letting promises settle after each. */
  async advance(spanMs: number): Promise<void> {
    const end = this.#monotonic + spanMs;
    await settle();
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next.id);
      this.#moveTo(next.at);
      next.callback();
      await settle();
    }
    this.#moveTo(end);
    await settle();
  }

  /** Milliseconds until the next timer, or undefined when there is none. */
  get untilNext(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : Math.max(0, next.at - this.#monotonic);
  }

  #next(): { readonly id: number; readonly at: number; readonly callback: () => void } | undefined {
    let best: { id: number; at: number; callback: () => void } | undefined;
    for (const [id, timer] of this.#timers) {
      if (best === undefined || timer.at < best.at) best = { id, ...timer };
    }
    return best;
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}

/** Lets everything that is ready now run: promise reactions and immediates, several times over. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
