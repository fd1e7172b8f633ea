/**
 * Rules for the status of a Job, which keep other controllers (`spec.managedBy`) to what clients of the API rely on. A
 * rule is applied only when what it speaks of changed, so that a status that broke it earlier can still be written, and
 * the Job controller has time to follow a change of the spec.
 */

import { duplicate, type FieldError, invalid, OMITTED, required } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { shownList } from '../../apimachinery/schema/index.ts';
import { sameMeaning } from '../core/index.ts';
import { hasJobCondition, isIndexedJob, isJobComplete, isJobFailed, isJobFinished } from './conditions.ts';
import { checkIndexText, firstCommonIndex } from './index-text.ts';
import type { JobConditionType } from './names.ts';
import { requireNonnegative } from './nonnegative.ts';
import type { Job, JobStatus } from './types.ts';

type AnyJob = DeepReadonly<Job>;
type Status = DeepReadonly<JobStatus>;

/** Checks the new status of a Job against the old one. */
export function validateJobStatusUpdate(job: AnyJob, old: AnyJob): FieldError[] {
  const change: Change = { job, status: job.status, old };
  return [
    ...validateCounters(job.status),
    ...validateUncounted(job.status),
    ...validateEnd(change),
    ...validateIndexes(change),
    ...validateRemainders(change),
    ...validateSuccessCriteria(change),
    ...validateTransition(change),
  ];
}

interface Change {
  readonly job: AnyJob;
  readonly status: Status;
  readonly old: AnyJob;
}

const aboutConditions = (why: string): FieldError => invalid('status.conditions', OMITTED, why);

function conditionChanged({ job, old }: Change, type: JobConditionType): boolean {
  return hasJobCondition(job, type) !== hasJobCondition(old, type);
}

function finishedChanged({ job, old }: Change): boolean {
  return isJobFinished(job) !== isJobFinished(old);
}

function fieldChanged({ status, old }: Change, field: keyof JobStatus): boolean {
  const [now, before] = [status[field], old.status[field]];
  return typeof now === 'object' ? !sameMeaning(now, before) : now !== before;
}

function validateCounters(status: Status): FieldError[] {
  const names = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;
  return names.flatMap((name) => requireNonnegative(status[name], `status.${name}`));
}

function validateUncounted({ uncountedTerminatedPods }: Status): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const list of ['succeeded', 'failed'] as const) {
    for (const [at, uid] of (uncountedTerminatedPods?.[list] ?? []).entries()) {
      const path = `status.uncountedTerminatedPods.${list}[${at}]`;
      if (uid === '') errors.push(invalid(path, uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(duplicate(path, uid));
      seen.add(uid);
    }
  }
  return errors;
}

/** What belongs to the end of a Job: its condition, the conditions that announce it, and its times. */
function validateEnd(change: Change): FieldError[] {
  const { job, status } = change;
  const [complete, failed] = [isJobComplete(job), isJobFailed(job)];
  const completeChanged = conditionChanged(change, 'Complete');
  const completionTimeChanged = fieldChanged(change, 'completionTime');
  const errors: FieldError[] = [];
  if ((completeChanged || conditionChanged(change, 'Failed')) && complete && failed) {
    errors.push(aboutConditions('cannot set Complete=True and Failed=true conditions'));
  }
  if (completeChanged || conditionChanged(change, 'FailureTarget')) {
    if (complete && hasJobCondition(job, 'FailureTarget')) {
      errors.push(aboutConditions('cannot set Complete=True and FailureTarget=true conditions'));
    }
  }
  if (completeChanged || completionTimeChanged) {
    if (status.completionTime !== undefined && !complete) {
      const why = 'cannot set completionTime when there is no Complete=True condition';
      errors.push(invalid('status.completionTime', status.completionTime, why));
    } else if (status.completionTime === undefined && complete) {
      errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'));
    }
  }
  if ((completionTimeChanged || fieldChanged(change, 'startTime')) && endsBeforeStart(status)) {
    const why = 'must be equal to or after `startTime`';
    errors.push(invalid('status.completionTime', status.completionTime, why));
  }
  if ((conditionChanged(change, 'Failed') || fieldChanged(change, 'failedIndexes')) && failed) {
    if (!hasJobCondition(job, 'FailureTarget')) {
      errors.push(
        aboutConditions('cannot set Failed=True condition without the FailureTarget=true condition'),
      );
    }
  }
  if ((completeChanged || conditionChanged(change, 'SuccessCriteriaMet')) && complete) {
    if (!hasJobCondition(job, 'SuccessCriteriaMet')) {
      const why = 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition';
      errors.push(aboutConditions(why));
    }
  }
  return [...errors, ...validateFinished(change)];
}

function endsBeforeStart({ startTime, completionTime }: Status): boolean {
  if (startTime === undefined || completionTime === undefined) return false;
  return Date.parse(completionTime) < Date.parse(startTime);
}

/** What a finished Job cannot have, or must have. */
function validateFinished(change: Change): FieldError[] {
  const { job, status } = change;
  if (!isJobFinished(job)) return [];
  const errors: FieldError[] = [];
  const becameSo = finishedChanged(change);
  if ((becameSo || (change.old.status.active ?? 0) !== (status.active ?? 0)) && (status.active ?? 0) > 0) {
    errors.push(invalid('status.active', status.active, 'active>0 is invalid for finished job'));
  }
  const neverStarts = job.spec.suspend === true && job.spec.completions === 0;
  if ((becameSo || fieldChanged(change, 'startTime')) && !neverStarts && status.startTime === undefined) {
    errors.push(required('status.startTime', 'startTime is required for finished job'));
  }
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (becameSo || fieldChanged(change, 'uncountedTerminatedPods')) {
    if (succeeded.length + failed.length > 0) {
      const { uncountedTerminatedPods: lists } = status;
      const shown = {
        Succeeded: shownList(lists ?? {}, 'succeeded'),
        Failed: shownList(lists ?? {}, 'failed'),
      };
      errors.push(invalid('status.uncountedTerminatedPods', shown, 'must be empty for finished job'));
    }
  }
  return errors;
}

function validateIndexes(change: Change): FieldError[] {
  const { job, status } = change;
  const { completions, backoffLimitPerIndex } = job.spec;
  const { completedIndexes = '', failedIndexes } = status;
  const completedChanged = completedIndexes !== (change.old.status.completedIndexes ?? '');
  const failedChanged = fieldChanged(change, 'failedIndexes');
  const errors: FieldError[] = [];
  const refuse = (field: string, value: string, why: string): void => {
    errors.push(invalid(`status.${field}`, value, why));
  };
  const checkText = (field: string, text: string): void => {
    const check = checkIndexText(text, completions ?? 0);
    if ('wrong' in check) refuse(field, text, `error parsing ${field}: ${check.wrong}`);
  };
  if (completedChanged && completions !== undefined) checkText('completedIndexes', completedIndexes);
  if (failedChanged && completions !== undefined && backoffLimitPerIndex !== undefined) {
    if (failedIndexes !== undefined) checkText('failedIndexes', failedIndexes);
  }
  if (completedChanged && completedIndexes !== '' && !isIndexedJob(job)) {
    const why = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    refuse('completedIndexes', completedIndexes, why);
  }
  if (failedChanged && failedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    refuse(
      'failedIndexes',
      failedIndexes,
      'cannot set non-null failedIndexes when backoffLimitPerIndex is null',
    );
  }
  if ((completedChanged || failedChanged) && completions !== undefined && failedIndexes !== undefined) {
    const common = firstCommonIndex(completedIndexes, failedIndexes, completions);
    if (common !== undefined) {
      refuse(
        'failedIndexes',
        failedIndexes,
        `failedIndexes and completedIndexes overlap at index: ${common}`,
      );
    }
  }
  return errors;
}

function validateRemainders(change: Change): FieldError[] {
  const { job, status, old } = change;
  const errors: FieldError[] = [];
  if (finishedChanged(change) || fieldChanged(change, 'terminating')) {
    if ((status.terminating ?? 0) > 0 && isJobFinished(job)) {
      errors.push(
        invalid('status.terminating', status.terminating, 'terminating>0 is invalid for finished job'),
      );
    }
  }
  const activeChanged = (status.active ?? 0) !== (old.status.active ?? 0);
  const readyCounts = status.ready !== undefined && (fieldChanged(change, 'ready') || activeChanged);
  if (readyCounts && (status.ready ?? 0) > (status.active ?? 0)) {
    errors.push(invalid('status.ready', status.ready, 'cannot set more ready pods than active'));
  }
  return errors;
}

function validateSuccessCriteria({ job }: Change): FieldError[] {
  const met = hasJobCondition(job, 'SuccessCriteriaMet');
  const errors: FieldError[] = [];
  if (met && isJobFailed(job)) {
    errors.push(aboutConditions('cannot set SuccessCriteriaMet=True and Failed=true conditions'));
  }
  if (met && hasJobCondition(job, 'FailureTarget')) {
    errors.push(aboutConditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'));
  }
  if (job.spec.successPolicy !== undefined && !met && isJobComplete(job)) {
    const why = 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True';
    errors.push(aboutConditions(why));
  }
  return errors;
}

/** What may not be taken back: an end once announced, counts, and times. */
function validateTransition(change: Change): FieldError[] {
  const { job, status, old } = change;
  const errors: FieldError[] = [];
  for (const type of ['Failed', 'Complete', 'FailureTarget'] as const) {
    if (hasJobCondition(old, type) && !hasJobCondition(job, type)) {
      errors.push(aboutConditions(`cannot disable the terminal ${type}=True condition`));
    }
  }
  if ((status.failed ?? 0) < (old.status.failed ?? 0)) {
    errors.push(invalid('status.failed', status.failed ?? 0, 'cannot decrease the failed counter'));
  }
  const elastic = isIndexedJob(job) && job.spec.completions === job.spec.parallelism;
  if (!elastic && (status.succeeded ?? 0) < (old.status.succeeded ?? 0)) {
    errors.push(invalid('status.succeeded', status.succeeded ?? 0, 'cannot decrease the succeeded counter'));
  }
  return [...errors, ...validateTimes(change), ...validateCriteriaTransition(change)];
}

function validateTimes(change: Change): FieldError[] {
  const { job, status, old } = change;
  const errors: FieldError[] = [];
  if (status.completionTime !== undefined && old.status.completionTime !== undefined) {
    if (fieldChanged(change, 'completionTime')) {
      errors.push(invalid('status.completionTime', status.completionTime, 'field is immutable'));
    }
  }
  const resumes =
    hasJobCondition(old, 'Suspended') &&
    (status.conditions ?? []).some((each) => each.type === 'Suspended' && each.status === 'False');
  if (fieldChanged(change, 'startTime') && !resumes) {
    if (old.status.startTime !== undefined && !job.spec.suspend) {
      const why = 'field is immutable for unsuspended job once set';
      errors.push(invalid('status.startTime', status.startTime, why));
    }
  }
  return errors;
}

function validateCriteriaTransition({ job, old }: Change): FieldError[] {
  const [met, wasMet] = [
    hasJobCondition(job, 'SuccessCriteriaMet'),
    hasJobCondition(old, 'SuccessCriteriaMet'),
  ];
  if (wasMet && !met) return [aboutConditions('cannot disable the SuccessCriteriaMet=True condition')];
  return isJobComplete(old) && !wasMet && met
    ? [aboutConditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')]
    : [];
}
