/** Brings `status.active` and `status.lastSuccessfulTime` to what a CronJob's Jobs say. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { type CronJobStatus, isJobComplete, isJobFinished, type Job } from '../../apis/batch/index.ts';
import type { ObjectReference } from '../../apis/core/types.ts';
import { type Note, notes } from './events.ts';

/** What the Jobs say. */
export interface ActiveJobs {
  readonly status: DeepReadonly<CronJobStatus>;
  readonly notes: readonly Note[];
  /** Running Jobs of this CronJob that the status does not list. */
  readonly unlisted: readonly DeepReadonly<Job>[];
  /** Listed Jobs that the copy does not have: they may be gone, or too new for it. */
  readonly unseen: readonly DeepReadonly<ObjectReference>[];
}

/** Takes finished Jobs from the list and notes the latest success. */
export function reviewActive(
  status: DeepReadonly<CronJobStatus>,
  jobs: readonly DeepReadonly<Job>[],
): ActiveJobs {
  const told: Note[] = [];
  const unlisted: DeepReadonly<Job>[] = [];
  let active = status.active ?? [];
  let { lastSuccessfulTime } = status;
  for (const job of jobs) {
    const { uid, name } = job.metadata;
    const listed = active.some((each) => each.uid === uid);
    if (!isJobFinished(job)) {
      if (!listed) unlisted.push(job);
      continue;
    }
    if (listed) {
      active = active.filter((each) => each.uid !== uid);
      told.push(notes.sawCompletedJob(name, isJobComplete(job) ? 'Complete' : 'Failed'));
    }
    const { completionTime } = job.status;
    if (!isJobComplete(job) || completionTime === undefined) continue;
    if (lastSuccessfulTime === undefined || Date.parse(completionTime) > Date.parse(lastSuccessfulTime)) {
      lastSuccessfulTime = completionTime;
    }
  }
  const seen = new Set(jobs.map((job) => job.metadata.uid));
  return {
    status: withActive(
      { ...status, ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }) },
      active,
    ),
    notes: told,
    unlisted,
    unseen: active.filter((each) => !seen.has(each.uid ?? '')),
  };
}

/** The status with these active Jobs; the field is left out when there are none. */
export function withActive(
  status: DeepReadonly<CronJobStatus>,
  active: readonly DeepReadonly<ObjectReference>[],
): DeepReadonly<CronJobStatus> {
  const { active: _, ...rest } = status;
  return active.length === 0 ? rest : { ...rest, active };
}

/** The status without the Job of that uid. */
export function withoutJob(
  status: DeepReadonly<CronJobStatus>,
  uid: string | undefined,
): DeepReadonly<CronJobStatus> {
  return withActive(
    status,
    (status.active ?? []).filter((each) => each.uid !== uid),
  );
}

/** The reference to a Job as `status.active` holds it. */
export function referenceTo({ metadata }: DeepReadonly<Job>): ObjectReference {
  const { name, namespace = '', uid, resourceVersion } = metadata;
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion };
}

/** Whether two statuses say the same. */
export function sameCronJobStatus(
  left: DeepReadonly<CronJobStatus>,
  right: DeepReadonly<CronJobStatus>,
): boolean {
  const [a, b] = [left.active ?? [], right.active ?? []];
  return (
    left.lastScheduleTime === right.lastScheduleTime &&
    left.lastSuccessfulTime === right.lastSuccessfulTime &&
    a.length === b.length &&
    a.every((each, at) => each.uid === b[at]?.uid)
  );
}
