import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isJobComplete, isJobFinished, type Job, jobExtras, jobFinishTime } from '../../apis/batch/index.ts';

/**
 * When a Job is to be deleted, in wall milliseconds; undefined when it is not, or not yet known: it runs, is being deleted,
 * or has no time set. The annotations for failed and for succeeded Jobs go before the field.
 */
export function expiryOf(job: DeepReadonly<Job>): number | undefined {
  if (job.metadata.deletionTimestamp !== undefined || !isJobFinished(job)) return undefined;
  const finished = jobFinishTime(job);
  const ttlMs = ttlOf(job);
  if (finished === undefined || ttlMs === undefined) return undefined;
  return Date.parse(finished) + ttlMs;
}

function ttlOf(job: DeepReadonly<Job>): number | undefined {
  const { ttlAfterFailed, ttlAfterSucceeded } = jobExtras(job.metadata.annotations);
  const own = isJobComplete(job) ? ttlAfterSucceeded : ttlAfterFailed;
  const { ttlSecondsAfterFinished } = job.spec;
  return own ?? (ttlSecondsAfterFinished === undefined ? undefined : ttlSecondsAfterFinished * 1000);
}
