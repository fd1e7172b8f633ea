/**
 * A queue of keys with client-go's guarantees: fair (first come, first served), stingy (a key added several times before
 * it is taken is taken once), exclusive (a key being worked on is not handed out again; added meanwhile, it comes again
 * after `done`), with delayed and rate-limited adds, and an orderly end.
 */
import type { Clock } from '../apimachinery/clock.ts';
import type { Metrics } from './controller.ts';

/** Delays of a key that keeps failing. */
interface RetryDelays {
  /** First delay in milliseconds. Default 5. */
  readonly baseMs: number;
  /** Greatest delay in milliseconds. Default 1000 seconds. */
  readonly maxMs: number;
}

/** See the file's head. */
export interface Workqueue {
  add(key: string): void;
  /** Adds once `delayMs` have passed; the earliest of several delays for one key counts. */
  addAfter(key: string, delayMs: number): void;
  /** Adds after the key's own backoff, which doubles with each call until `forget`. */
  addRateLimited(key: string): void;
  forget(key: string): void;
  /** How often `addRateLimited` was called since `forget`. */
  requeues(key: string): number;
  /** The next key, or undefined once the queue is shut down and empty. */
  take(): Promise<string | undefined>;
  /** Must follow each `take`. */
  done(key: string): void;
  /** Keys waiting (not those delayed or being worked on). */
  readonly length: number;
  /** No more adds; waiting keys are still handed out; delayed ones are dropped. */
  shutDown(): void;
}

/** What a queue is made of. */
export interface WorkqueueOptions {
  /** For metrics and messages. */
  readonly name: string;
  readonly clock: Clock;
  readonly retry?: Partial<RetryDelays>;
  /** Shows the queue's depth, adds and retries under client-go's names. Default: nowhere. */
  readonly metrics?: Metrics;
}
