/**
 * Notices when the machine's clock is set, or stood still with the machine: waits are measured by a clock that does not
 * jump, so that without this a CronJob would wait on as if nothing had happened.
 */
import type { Clock, Timer } from '../../apimachinery/clock.ts';

/** How often the two clocks are compared, milliseconds: a jump is noticed so late at most, and ten times that costs nothing. */
const COMPARE_EVERY_MS = 300_000;
/** A difference in milliseconds that no adjustment in small steps brings about within the time between two comparisons. */
const JUMP_MS_MIN = 1_000;
/** Skipped spans remembered; of a clock that is set more often, the older ones are forgotten. */
const SPANS_MAX = 16;

/** A span of wall time that the clock skipped: after `from`, up to `to`. Milliseconds. */
interface SkippedSpan {
  readonly from: number;
  readonly to: number;
}

/** See the file's head. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #jumped: () => void;
  /** Wall time less monotonic time, as of the last comparison. */
  #difference: number;
  #since: number;
  #skipped: SkippedSpan[] = [];
  #timer: Timer | undefined;

  /** @param jumped called after each jump. */
  constructor(clock: Clock, jumped: () => void) {
    this.#clock = clock;
    this.#jumped = jumped;
    this.#since = clock.now();
    this.#difference = this.#since - clock.monotonic();
  }

  /** Begins to watch. */
  start(): void {
    this.#since = this.#clock.now();
    this.#difference = this.#since - this.#clock.monotonic();
    this.#wait();
  }

  /** Ends; safe to call twice. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Whether this wall time (milliseconds) went by on the clock while it was watched. */
  watched(time: number): boolean {
    return time > this.#since && !this.#skipped.some(({ from, to }) => time > from && time <= to);
  }

  /** Compares the clocks. */
  compare(): void {
    const now = this.#clock.now();
    const difference = now - this.#clock.monotonic();
    const jump = difference - this.#difference;
    this.#difference = difference;
    if (Math.abs(jump) < JUMP_MS_MIN) return;
    // A clock that is set back shows times again that it had shown before: those count as watched.
    if (jump < 0) this.#since = Math.min(this.#since, now);
    else this.#skipped = [...this.#skipped.slice(1 - SPANS_MAX), { from: now - jump, to: now }];
    this.#jumped();
  }

  #wait(): void {
    const compare = (): void => {
      this.#wait();
      this.compare();
    };
    this.#timer = this.#clock.after(COMPARE_EVERY_MS, compare, { background: true });
  }
}
