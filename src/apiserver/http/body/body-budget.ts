import { StatusError } from '../../../apimachinery/status-error.ts';
import { RETRY_AFTER_SECONDS } from '../in-flight.ts';

/**
 * Bytes of bodies that are being read or decoded at once: some twenty of the greatest. Memory stays flat under any number
 * of clients that send slowly; ordinary bodies have a kilobyte or two.
 */
const BODIES_BYTES_MAX = 64 * 1024 * 1024;

/** Shares out the memory for bodies. */
export class BodyBudget {
  readonly #max: number;
  #taken = 0;

  constructor(max = BODIES_BYTES_MAX) {
    this.#max = max;
  }

  /** Bytes held by bodies now. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes room for so many bytes more; throws 429 when there is none. */
  take(bytes: number): void {
    if (this.#taken + bytes > this.#max) {
      throw new StatusError(
        429,
        'TooManyRequests',
        'Too many requests: the bodies of requests under way take all the memory for them, please try again later',
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
    }
    this.#taken += bytes;
  }

  /** Gives room back. */
  give(bytes: number): void {
    this.#taken -= bytes;
  }
}
