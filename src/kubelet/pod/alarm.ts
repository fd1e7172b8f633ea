import type { Clock, Timer } from '../../apimachinery/clock.ts';

/** One timer, for the earliest of all times that are waited for; whoever is called looks for what else is due. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: Timer | undefined;
  #at = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at that wall time (milliseconds), at once when it is past; unless it rings sooner anyway. */
  at(time: number): void {
    if (this.#stopped || (this.#timer !== undefined && this.#at <= time)) return;
    this.#timer?.cancel();
    this.#at = time;
    const ring = (): void => {
      this.#timer = undefined;
      this.#ring();
    };
    this.#timer = this.#clock.after(Math.max(0, time - this.#clock.now()), ring, { background: true });
  }

  /** Rings no more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }
}
