/** How long the replacement of a failed pod waits. Pure. */

/** The delays of a Job's replacements, in milliseconds. */
export interface RetryDelay {
  readonly firstMs: number;
  readonly greatestMs: number;
}

/** Kubernetes' delays (DefaultJobPodFailureBackOff, MaxJobPodFailureBackOff). */
export const KUBERNETES_RETRY_DELAY: RetryDelay = { firstMs: 10_000, greatestMs: 600_000 };

/** Milliseconds from the last of that many failures in a row to the replacement: the first delay, doubled with each. */
export function retryDelayAfter(failuresInARow: number, delay: RetryDelay): number {
  if (failuresInARow === 0) return 0;
  return Math.min(delay.firstMs * 2 ** (failuresInARow - 1), Math.max(delay.greatestMs, delay.firstMs));
}
