/**
 * The batch group: Jobs and CronJobs, as Kubernetes 1.36 defines them.
 *
 * Holds their types, defaults, rules and warnings with Kubernetes' messages, the schedule language of CronJobs, sets of
 * completion indexes, and the annotations by which longshore goes beyond Kubernetes. Everything is a pure function of its
 * arguments; the one thing read from outside is the machine's time zone data.
 *
 * It does not run anything: the control loops are in `controllers`, the serving in `registry`.
 */

export { formatGoDuration } from '../../apimachinery/go-duration.ts';
export {
  type CronJobExtras,
  cronJobExtras,
  type JobExtras,
  jobExtras,
  RUN_NOW_ANNOTATION,
} from './annotations.ts';
export {
  hasJobCondition,
  isIndexedJob,
  isJobComplete,
  isJobFailed,
  isJobFinished,
  isJobSuspended,
  jobFinishTime,
} from './conditions.ts';
export { scheduleWarnings, validateCronJobCreate, validateCronJobUpdate } from './cron-job-validation.ts';
export { applyCronJobDefaults, applyJobDefaults, applyJobLabels } from './defaults.ts';
export { judgeFailure } from './failure-verdict.ts';
export { type IndexInterval, IntervalSet } from './indexes.ts';
export { validateJobStatusUpdate } from './job-status-validation.ts';
export { validateJobCreate, validateJobUpdate } from './job-validation.ts';
export {
  COMPLETION_INDEX,
  CONTROLLER_UID_LABEL,
  INDEX_FAILURE_COUNT_ANNOTATION,
  INDEX_IGNORED_FAILURE_COUNT_ANNOTATION,
  JOB_CONTROLLER_NAME,
  JOB_NAME_LABEL,
  type JobConditionType,
  SCHEDULED_TIMESTAMP_ANNOTATION,
  TRACKING_FINALIZER,
} from './names.ts';
export { KUBERNETES_RETRY_DELAY, type RetryDelay, retryDelayAfter } from './retry-delay.ts';
export { nextOnce } from './schedule/clock-change.ts';
export { parseSchedule, Schedule, ScheduleError } from './schedule/schedule.ts';
export { describeSchedule } from './schedule/schedule-words.ts';
export { generateSelector, inheritTemplateLabels } from './selector.ts';
export { formatInZone } from './time-zone/format-in-zone.ts';
export { TimeZone } from './time-zone/time-zone.ts';
export type * from './types.ts';
export { jobSpecWarnings, nameWarnings } from './warnings.ts';
