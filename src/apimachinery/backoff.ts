import type { Random } from './random.ts';

/** How the waits between attempts grow. */
export interface BackoffOptions {
  /** Milliseconds before the second attempt. */
  readonly initialMs: number;
  /** Milliseconds that no wait exceeds, jitter included. */
  readonly maximumMs: number;
  /** By how much each wait is longer than the one before. Default 2. */
  readonly factor?: number;
  /** The share of a wait that chance adds at most, so that many who failed together do not come back together. Default 0. */
  readonly jitter?: number;
}

/** Milliseconds to wait after so many failures in a row (1: the first). Pure but for the chance it draws. */
export function backoffMs(failures: number, options: BackoffOptions, random?: Random): number {
  const { initialMs, maximumMs, factor = 2, jitter = 0 } = options;
  // Capped before chance is drawn: a large power of the factor is infinite.
  const grown = Math.min(initialMs * factor ** Math.max(0, failures - 1), maximumMs);
  const extra = jitter === 0 || random === undefined ? 0 : grown * jitter * random.fraction();
  return Math.min(grown + extra, maximumMs);
}

/** Exponential backoff for many keys at once: counts failures of each until it is forgotten. */
export class KeyedBackoff<Key> {
  readonly #options: BackoffOptions;
  readonly #random: Random | undefined;
  readonly #failures = new Map<Key, number>();

  /** @param random needed for jitter alone. */
  constructor(options: BackoffOptions, random?: Random) {
    this.#options = options;
    this.#random = random;
  }

  /** Counts a failure of the key; answers the milliseconds to wait before its next attempt. */
  next(key: Key): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    return backoffMs(failures, this.#options, this.#random);
  }

  /** Failures of the key since it was last forgotten. */
  failures(key: Key): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Begins anew for the key: it succeeded, or is gone. */
  forget(key: Key): void {
    this.#failures.delete(key);
  }
}
