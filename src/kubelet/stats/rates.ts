/** How much of processors is used on average, from what was counted at two times. */

/** Milliseconds that have to lie between two counts for an average to mean something. */
export const RATE_MS_MIN = 1_000;
/** Milliseconds after which an earlier count is too old: the average of a minute hides what happens now. */
const RATE_MS_MAX = 60_000;
/** Milliseconds for which the earlier of two counts stays the earlier one, so that often asked means not averaged over an instant. */
const KEPT_MS = 10_000;

/** A count of seconds of processors. */
export interface Count {
  /** Whose it is: another run of a container counts from its own beginning. */
  readonly key: string;
  /** Wall milliseconds. */
  readonly time: number;
  readonly cpuSeconds: number;
}

/** An average over some time. */
export interface Rate {
  readonly cpus: number;
  readonly windowMs: number;
}

/** Remembers an earlier count of each that is counted. */
export class Rates {
  readonly #earlier = new Map<string, Count>();

  /** The average since an earlier count, undefined where there is none that is of use. */
  of({ key, time, cpuSeconds }: Count): Rate | undefined {
    const earlier = this.#earlier.get(key);
    if (earlier === undefined) return undefined;
    const windowMs = time - earlier.time;
    if (windowMs < RATE_MS_MIN || windowMs > RATE_MS_MAX) return undefined;
    return { cpus: Math.max(0, ((cpuSeconds - earlier.cpuSeconds) * 1000) / windowMs), windowMs };
  }

  /** Takes these counts for the next time, and forgets whoever is not among them. */
  note(counts: readonly Count[]): void {
    const present = new Set(counts.map(({ key }) => key));
    for (const key of this.#earlier.keys()) if (!present.has(key)) this.#earlier.delete(key);
    for (const count of counts) {
      const { time = -Infinity } = this.#earlier.get(count.key) ?? {};
      // A clock that was set back would otherwise keep a count for ever.
      if (count.time - time >= KEPT_MS || count.time < time) this.#earlier.set(count.key, count);
    }
  }
}
