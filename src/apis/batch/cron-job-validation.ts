/** Rules for CronJobs. Metadata in general is the server's own business. */

import { type FieldError, invalid, required, unsupported } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { shownSelector } from '../../apimachinery/selectors/index.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import { type PodValidationOptions, podTemplateValidationOptions } from '../core/index.ts';
import { validateCronJobAnnotations, validateJobAnnotations } from './annotations.ts';
import { validateJobSpecBody } from './job-spec-validation.ts';
import { requireNonnegative } from './nonnegative.ts';
import { parseSchedule } from './schedule/schedule.ts';
import { TimeZone } from './time-zone/time-zone.ts';
import type { CronJob, CronJobSpec, JobTemplateSpec } from './types.ts';

type AnyCronJob = DeepReadonly<CronJob>;
type Spec = DeepReadonly<CronJobSpec>;

/** Bytes of a CronJob's name: what a name of 63 leaves when its Jobs' suffix of 11 is taken off. */
const NAME_BYTES_MAX = 52;
const CONCURRENCY_POLICIES = ['Allow', 'Forbid', 'Replace'];

/** Checks a new CronJob after defaulting. */
export function validateCronJobCreate(cronJob: AnyCronJob): FieldError[] {
  // A body may leave the name out; that is the metadata's own error.
  const { name = '', annotations } = cronJob.metadata as Partial<AnyCronJob['metadata']>;
  const errors = validateSpec(cronJob.spec, undefined, podTemplateValidationOptions());
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) {
    errors.push(invalid('metadata.name', name, `must be no more than ${NAME_BYTES_MAX} characters`));
  }
  return [...errors, ...validateCronJobAnnotations(annotations), ...validateTemplateAnnotations(cronJob)];
}

/** Checks the new state of a CronJob. */
export function validateCronJobUpdate(cronJob: AnyCronJob, old: AnyCronJob): FieldError[] {
  const options = podTemplateValidationOptions(old.spec.jobTemplate.spec?.template ?? {});
  return [
    ...validateSpec(cronJob.spec, old.spec, options),
    ...validateCronJobAnnotations(cronJob.metadata.annotations, old.metadata.annotations),
    ...validateTemplateAnnotations(cronJob, old),
  ];
}

/** The annotations that each of the CronJob's Jobs will have. */
function validateTemplateAnnotations({ spec }: AnyCronJob, old?: AnyCronJob): FieldError[] {
  const path = 'spec.jobTemplate.metadata.annotations';
  const before = old?.spec.jobTemplate.metadata?.annotations;
  return validateJobAnnotations(spec.jobTemplate.metadata?.annotations, before, path);
}

/** Warnings about a schedule that brings its time zone along. */
export function scheduleWarnings({ schedule }: Spec): string[] {
  if (!schedule.includes('TZ')) return [];
  return [
    'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
  ];
}

function validateSpec(spec: Spec, old: Spec | undefined, options: PodValidationOptions): FieldError[] {
  return [
    ...validateSchedule(spec, old),
    ...requireNonnegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'),
    ...(old !== undefined && old.timeZone === spec.timeZone ? [] : validateTimeZone(spec.timeZone)),
    ...validateConcurrencyPolicy(spec.concurrencyPolicy),
    ...validateJobTemplate(spec.jobTemplate, options),
    ...requireNonnegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'),
    ...requireNonnegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'),
  ];
}

function validateSchedule({ schedule, timeZone }: Spec, old: Spec | undefined): FieldError[] {
  const path = 'spec.schedule';
  if (schedule === '') return [required(path, '')];
  const errors: FieldError[] = [];
  try {
    parseSchedule(schedule);
  } catch (error) {
    errors.push(invalid(path, schedule, messageOf(error)));
  }
  if (!schedule.includes('TZ')) return errors;
  // A CronJob of a time when schedules could name a zone may keep doing so.
  const tolerated = old?.schedule.includes('TZ') ?? false;
  if (!tolerated) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errors.push(invalid(path, schedule, why));
  } else if (timeZone !== undefined) {
    const why = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    errors.push(invalid(path, schedule, why));
  }
  return errors;
}

/** The letters of a part of a zone's name, as the IANA theory file has them, and digits and `+` for old names. */
const ZONE_PART = /^(?!-)[A-Za-z._\-0-9+]{1,14}$/;

function validateTimeZone(name: string | undefined): FieldError[] {
  const path = 'spec.timeZone';
  if (name === undefined) return [];
  // Upstream hands the error a pointer, which is printed as JSON and not quoted as a text is.
  const shown = { toJSON: () => name };
  if (name === '') return [invalid(path, shown, 'timeZone must be nil or non-empty string')];
  if (name.split('/').some((part) => part === '.' || part === '..' || !ZONE_PART.test(part))) {
    return [invalid(path, shown, `unknown time zone ${name}`)];
  }
  const errors: FieldError[] = [];
  if (name.toLowerCase() === 'local') {
    const why = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    errors.push(invalid(path, shown, why));
  }
  if (name === 'Local') return errors;
  try {
    TimeZone.load(name);
  } catch (error) {
    errors.push(invalid(path, shown, messageOf(error)));
  }
  return errors;
}

function validateConcurrencyPolicy(policy: string | undefined): FieldError[] {
  const path = 'spec.concurrencyPolicy';
  if (!policy) return [required(path, '')];
  return CONCURRENCY_POLICIES.includes(policy) ? [] : [unsupported(path, policy, CONCURRENCY_POLICIES)];
}

function validateJobTemplate(
  template: DeepReadonly<JobTemplateSpec>,
  options: PodValidationOptions,
): FieldError[] {
  const path = 'spec.jobTemplate.spec';
  const spec = template.spec ?? { template: {} };
  const errors = validateJobSpecBody(spec, path, options);
  if (spec.selector !== undefined) {
    errors.push(
      invalid(`${path}.selector`, shownSelector(spec.selector), '`selector` will be auto-generated'),
    );
  }
  if (spec.manualSelector === true) {
    errors.push(unsupported(`${path}.manualSelector`, true, ['nil', 'false']));
  }
  return errors;
}
