/** Looking up a Job's conditions. */
import { isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { JobConditionType } from './names.ts';
import type { Job } from './types.ts';

type AnyJob = DeepReadonly<Pick<Job, 'status'>>;

/** Whether the Job has a condition of that type with status True. */
export function hasJobCondition(job: AnyJob, type: JobConditionType): boolean {
  return isConditionTrue(job.status?.conditions, type);
}

/** Whether the Job succeeded for good. */
export const isJobComplete = (job: AnyJob): boolean => hasJobCondition(job, 'Complete');
/** Whether the Job failed for good. */
export const isJobFailed = (job: AnyJob): boolean => hasJobCondition(job, 'Failed');
/** Whether the Job is over, either way. Its pods are all gone or ended, and it never starts one again. */
export const isJobFinished = (job: AnyJob): boolean => isJobComplete(job) || isJobFailed(job);
/** Whether the Job is held by `spec.suspend` and its controller has said so. */
export const isJobSuspended = (job: AnyJob): boolean => hasJobCondition(job, 'Suspended');

/** When the Job ended, RFC 3339; undefined while it has not. */
export function jobFinishTime(job: AnyJob): string | undefined {
  const over = (job.status?.conditions ?? []).find(
    (each) => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True',
  );
  return over?.lastTransitionTime;
}

/** Whether each completion has an index of its own. */
export function isIndexedJob(job: DeepReadonly<Pick<Job, 'spec'>>): boolean {
  return job.spec.completionMode === 'Indexed';
}
