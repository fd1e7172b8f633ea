/** How long a pod that could not be brought on is left alone. Pure. */
import { RuntimeError } from '../runtimes/runtime-error.ts';

/** First and longest wait in milliseconds after a step that failed as a whole. */
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 60_000;
/** The longest where the runtime is away: asking costs it nothing, and when it is back its pods should not wait. */
const AWAY_RETRY_MS_MAX = 5_000;
/** Longest wait in milliseconds before volumes are tried again: whoever makes the missing ConfigMap looks on. */
const MOUNT_RETRY_MS_MAX = 5_000;

/** Milliseconds to wait after a step that failed with that error, when so many had failed in a row before it. */
export function stepRetryMs(before: number, error: unknown): number {
  const isAway = error instanceof RuntimeError && error.kind === 'Unavailable';
  return doubled(before, isAway ? AWAY_RETRY_MS_MAX : RETRY_MS_MAX);
}

/** Milliseconds to wait for volumes that could not be made, when so many tries had failed in a row before. */
export function mountRetryMs(before: number): number {
  return doubled(before, MOUNT_RETRY_MS_MAX);
}

function doubled(before: number, max: number): number {
  return Math.min(RETRY_MS_MIN * 2 ** before, max);
}
