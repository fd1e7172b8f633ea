/** Upper ends of the buckets of commit times, seconds: a disk that confirms at once, up to one that has nearly stopped. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] as const;

/** How long commits took: how many were as quick as each bucket's end (all of them, at last), and their sum in seconds. */
export interface CommitTimes {
  readonly buckets: readonly { readonly end: number; readonly count: number }[];
  readonly count: number;
  readonly seconds: number;
}

/** Counts commits by the time that they took to become durable. */
export class CommitClock {
  readonly #counts: number[] = BUCKETS.map(() => 0);
  #count = 0;
  #seconds = 0;

  /** Notes a commit that took so many milliseconds. */
  note(milliseconds: number): void {
    const seconds = milliseconds / 1000;
    this.#count++;
    this.#seconds += seconds;
    const at = BUCKETS.findIndex((end) => seconds <= end);
    if (at >= 0) this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** What was noted so far. */
  read(): CommitTimes {
    let below = 0;
    const buckets = BUCKETS.map((end, at) => {
      below += this.#counts[at] ?? 0;
      return { end, count: below };
    });
    return { buckets, count: this.#count, seconds: this.#seconds };
  }
}
