import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  hasJobCondition,
  isJobComplete,
  isJobFailed,
  isJobSuspended,
  type Job,
} from '../../apis/batch/index.ts';
import type { TableColumn } from '../../apiserver/resource.ts';
import { ageColumn, humanDuration, nameColumn, templateColumns, text } from '../table/index.ts';

/** The table of Jobs. */
export const jobColumns: readonly TableColumn<Job>[] = [
  nameColumn,
  text('Status', 'Status of the job.', (job) => shownStatus(job)),
  text('Completions', 'Pods that succeeded, of those that have to.', (job) => shownCompletions(job)),
  text('Duration', 'Time required to complete the job.', (job, now) => shownDuration(job, now)),
  ageColumn,
  ...templateColumns<Job>(({ spec }) => ({
    containers: spec.template.spec?.containers ?? [],
    selector: spec.selector,
  })),
];

function shownStatus(job: DeepReadonly<Job>): string {
  if (isJobComplete(job)) return 'Complete';
  if (isJobFailed(job)) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (isJobSuspended(job)) return 'Suspended';
  if (hasJobCondition(job, 'FailureTarget')) return 'FailureTarget';
  return hasJobCondition(job, 'SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function shownCompletions({ spec, status }: DeepReadonly<Job>): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function shownDuration({ status }: DeepReadonly<Job>, now: number): string {
  if (status?.startTime === undefined) return '';
  const end = status.completionTime === undefined ? now : Date.parse(status.completionTime);
  return humanDuration(end - Date.parse(status.startTime));
}
