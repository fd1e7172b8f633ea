/** Which of a CronJob's times is due, and when the next one comes: Kubernetes' rules, missed times included. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { CronJob } from '../../apis/batch/index.ts';
import type { Timetable } from './timetable.ts';

/** Added to the wait for the next time in milliseconds, so that a clock that is a little off does not wake up too early. */
const NEXT_TIME_DELTA_MS = 100;

/** More missed times than this are reported as too many (upstream's number). */
const MISSED_TIMES_MAX = 100;

/** Why a schedule that can be read has no times. */
export class NoTimesError extends Error {
  override readonly name = 'NoTimesError';
}

/** What has come due since the last run. All times in wall milliseconds. */
export interface Due {
  /** From where on times count: the last run, the creation, or the starting deadline. */
  readonly since: number;
  /** The most recent time that is not after now; undefined when none is. */
  readonly latest?: number;
  /** How many times have come due, the latest included; an estimate, exact for regular schedules. */
  readonly count: number;
}

/** What is due now, the starting deadline considered. Throws {@link NoTimesError}. */
export function dueNow(cronJob: DeepReadonly<CronJob>, timetable: Timetable, now: number): Due {
  const { startingDeadlineSeconds } = cronJob.spec;
  const since = lastTimeOf(cronJob);
  const deadline =
    startingDeadlineSeconds === undefined ? since : now - Number(startingDeadlineSeconds) * 1000;
  return dueSince(Math.max(since, deadline), timetable, now);
}

/** What is due now, however late it is. Throws {@link NoTimesError}. */
export function dueInAll(cronJob: DeepReadonly<CronJob>, timetable: Timetable, now: number): Due {
  return dueSince(lastTimeOf(cronJob), timetable, now);
}

/** Whether so many times were missed that somebody should know. */
export function tooManyMissed({ count }: Due): boolean {
  return count > MISSED_TIMES_MAX;
}

/** Milliseconds until the next time, with a little extra. */
export function untilNext(
  cronJob: DeepReadonly<CronJob>,
  timetable: Timetable,
  now: number,
): number | undefined {
  const next = timetable.next(lastDue(cronJob, timetable, now));
  return next === undefined ? undefined : next + NEXT_TIME_DELTA_MS - now;
}

function lastDue(cronJob: DeepReadonly<CronJob>, timetable: Timetable, now: number): number {
  try {
    const { since, latest, count } = dueSince(lastTimeOf(cronJob), timetable, now);
    return latest ?? (count === 0 ? since : now);
  } catch (error) {
    if (error instanceof NoTimesError) return now;
    throw error;
  }
}

/** When the CronJob last ran, or when it was made, wall milliseconds. */
export function lastTimeOf({ metadata, status }: DeepReadonly<CronJob>): number {
  return Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp);
}

/** What has come due after `since`. Throws {@link NoTimesError}. */
export function dueSince(since: number, timetable: Timetable, now: number): Due {
  const first = timetable.next(since);
  if (first !== undefined && now < first) return { since, count: 0 };
  const second = first === undefined ? undefined : timetable.next(first);
  if (first === undefined || second === undefined) {
    throw new NoTimesError('time difference between two schedules is less than 1 second');
  }
  if (now < second) return { since, latest: first, count: 1 };
  // The number of times is estimated from the first two; from a step before its end the real times are walked, so that a
  // server that was down for a year does not walk a year of minutes.
  const step = Math.round((second - first) / 1000);
  const count = Math.floor(Math.floor((now - first) / 1000) / step) + 1;
  let latest: number | undefined;
  let time = timetable.next(first + (count - 2) * step * 1000);
  while (time !== undefined && time <= now) {
    latest = time;
    time = timetable.next(time);
  }
  return latest === undefined ? { since, count } : { since, latest, count };
}
