/** How far a Job is, in words. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Job } from '../../apis/batch/types.ts';

/** A whole number of seconds as people read it: `4s`, `3m20s`, `1h5m`. */
export function elapsedText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${Math.floor(minutes / 60)}h${minutes % 60}m`;
}

/** The condition that ended a Job, if one did. */
export function endOf(job: DeepReadonly<Job>): 'Complete' | 'Failed' | undefined {
  const end = job.status.conditions?.find(
    (condition) =>
      condition.status === 'True' && (condition.type === 'Complete' || condition.type === 'Failed'),
  );
  return end?.type as 'Complete' | 'Failed' | undefined;
}

/** One Job's progress in words, without its elapsed time: `pi  1/1 succeeded, 0 active, 0 failed`. */
export function describeJob(job: DeepReadonly<Job>, waiting?: string): string {
  const { succeeded = 0, active = 0, failed = 0 } = job.status;
  const wanted = job.spec.completions === undefined ? '' : `/${job.spec.completions}`;
  const end = endOf(job);
  const state = end ?? (job.spec.suspend === true ? 'Suspended' : 'Running');
  const why = waiting === undefined || end !== undefined ? '' : `; ${waiting}`;
  return `${job.metadata.name}  ${state}  ${succeeded}${wanted} succeeded, ${active} active, ${failed} failed${why}`;
}
