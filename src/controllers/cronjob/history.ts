/** Chooses the finished Jobs that a CronJob keeps no longer. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { type CronJob, isJobComplete, isJobFailed, type Job } from '../../apis/batch/index.ts';

/** The finished Jobs beyond the history limits, oldest start first. */
export function jobsBeyondHistory(
  { spec }: DeepReadonly<CronJob>,
  jobs: readonly DeepReadonly<Job>[],
): readonly DeepReadonly<Job>[] {
  return [
    ...oldest(jobs.filter(isJobComplete), spec.successfulJobsHistoryLimit),
    ...oldest(
      jobs.filter((job) => isJobFailed(job) && !isJobComplete(job)),
      spec.failedJobsHistoryLimit,
    ),
  ];
}

function oldest(jobs: readonly DeepReadonly<Job>[], kept: number | undefined): readonly DeepReadonly<Job>[] {
  if (kept === undefined || jobs.length <= kept) return [];
  return jobs.toSorted(byStart).slice(0, jobs.length - kept);
}

/** A Job that never started counts as the youngest. */
function byStart(left: DeepReadonly<Job>, right: DeepReadonly<Job>): number {
  const [a, b] = [startOf(left), startOf(right)];
  if (a !== b) return a - b;
  return left.metadata.name < right.metadata.name ? -1 : 1;
}

function startOf({ status }: DeepReadonly<Job>): number {
  return status?.startTime === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(status.startTime);
}
