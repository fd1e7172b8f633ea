/** Tells whoever waits to ask the server again that somebody has reached it meanwhile. */
import type { Clock } from '../apimachinery/clock.ts';

/** See the file's head. Shared by all that ask one server over a network. */
export class Reconnection {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A connection to the server has come about. */
  reached(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves after that many milliseconds, when the server is reached, or when the signal aborts. */
  pause(delayMs: number, signal?: AbortSignal, options?: { readonly background?: boolean }): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        timer.cancel();
        signal?.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = this.#clock.after(delayMs, done, options);
      signal?.addEventListener('abort', done, { once: true });
      this.#waiting.add(done);
    });
  }
}
