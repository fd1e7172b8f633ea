/** Every Event that the CronJob controller records: reasons and messages as Kubernetes words them, and one of our own. */
import { formatRfc1123 } from './time-text.ts';

/** An Event about a CronJob. */
export interface Note {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

const normal = (reason: string, message: string): Note => ({ type: 'Normal', reason, message });
const warning = (reason: string, message: string): Note => ({ type: 'Warning', reason, message });

/** Why a time of a schedule brought no run. Kubernetes says nothing of the sort; here none is missed in silence. */
export type MissReason = 'suspended' | 'deadline' | 'forbid' | 'maxActive' | 'down' | 'late' | 'notCreated';

/** Every reason that there is. */
export const MISS_REASONS: readonly MissReason[] = [
  'suspended',
  'deadline',
  'forbid',
  'maxActive',
  'down',
  'late',
  'notCreated',
];

const MISS_TEXTS: Readonly<Record<MissReason, string>> = {
  suspended: 'the CronJob was suspended at the time',
  deadline: 'its starting deadline had passed',
  forbid: 'an earlier run was still active and the concurrency policy is Forbid',
  maxActive: 'as many runs as longshore.dev/max-active allows were active',
  down: 'nobody was there to start it: the server was down or its clock was moved',
  late: 'it was not started before a later time came due',
  notCreated: 'its Job could not be created before a later time came due',
};

/** From so many missed times on their number is an estimate. */
export const COUNTED_MAX = 1_000;

/** The Events by name. */
export const notes = {
  unexpectedJob: (job: string) =>
    warning('UnexpectedJob', `Saw a job that the controller did not create or forgot: ${job}`),
  sawCompletedJob: (job: string, condition: string) =>
    normal('SawCompletedJob', `Saw completed job: ${job}, condition: ${condition}`),
  missingJob: (job: string) => normal('MissingJob', `Active job went missing: ${job}`),
  unknownTimeZone: (zone: string, why: string) =>
    warning('UnknownTimeZone', `invalid timeZone: ${JSON.stringify(zone)}: ${why}`),
  unsupportedSchedule: (schedule: string) =>
    warning(
      'UnsupportedSchedule',
      `CRON_TZ or TZ used in schedule ${JSON.stringify(schedule)} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`,
    ),
  unparseableSchedule: (schedule: string, why: string) =>
    warning('UnparseableSchedule', `unparseable schedule: ${JSON.stringify(schedule)} : ${why}`),
  unparseableAfterUpdate: (schedule: string) =>
    warning('UnParseableCronJobSchedule', `unparseable schedule for cronjob: ${schedule}`),
  invalidSchedule: (schedule: string, why: string) =>
    warning('InvalidSchedule', `invalid schedule: ${schedule} : ${why}`),
  tooManyMissed: () =>
    warning(
      'TooManyMissedTimes',
      'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
    ),
  missSchedule: (time: number) =>
    warning('MissSchedule', `Missed scheduled time to start a job: ${formatRfc1123(time)}`),
  missed: (time: number, reason: MissReason, count: number) =>
    warning(
      'MissedSchedule',
      count === 1
        ? `No run for ${formatRfc1123(time)}: ${MISS_TEXTS[reason]}`
        : `No runs for ${count < COUNTED_MAX ? '' : 'about '}${count} times up to ${formatRfc1123(time)}: ${MISS_TEXTS[reason]}`,
    ),
  jobAlreadyActive: () =>
    normal(
      'JobAlreadyActive',
      'Not starting job because prior execution is running and concurrency policy is Forbid',
    ),
  notRunNow: (token: string, reason: MissReason) =>
    warning(
      'MissedSchedule',
      `No run for longshore.dev/run-now ${JSON.stringify(token)}: ${MISS_TEXTS[reason]}`,
    ),
  notCreated: (why: string) => warning('FailedCreate', `Error creating job: ${why}`),
  created: (job: string) => normal('SuccessfulCreate', `Created job ${job}`),
  notGot: (why: string) => warning('FailedGet', `Get job: ${why}`),
  notDeleted: (why: string) => warning('FailedDelete', `Deleted job: ${why}`),
  deleted: (job: string) => normal('SuccessfulDelete', `Deleted job ${job}`),
};
