/** Decides whether a CronJob starts a run now, and when to look again. Pure but for the machine's time zone data. */

import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import { type CronJob, cronJobExtras, TimeZone } from '../../apis/batch/index.ts';
import type { ObjectReference } from '../../apis/core/types.ts';
import { type Due, dueNow, NoTimesError, tooManyMissed, untilNext } from './due.ts';
import { type MissReason, type Note, notes } from './events.ts';
import { jobNameAt } from './job-from-template.ts';
import { type Timetable, timetableOf } from './timetable.ts';

/** What is to be done about a CronJob's schedule. */
export interface Decision {
  readonly notes: readonly Note[];
  /** The time (wall milliseconds) that is due; absent when none is. */
  readonly time?: number;
  /** Whether to start a Job for that time. */
  readonly run?: true;
  /** Why that time gets no run now; absent when it gets one, or has had it. */
  readonly missed?: MissReason;
  /** When to look again, in milliseconds. */
  readonly againMs?: number;
}

/** What a concurrency rule says about one more run: go on, go on once the active ones are deleted, or why not. */
export type Concurrency = 'run' | 'replace' | 'forbid' | 'maxActive';

/** The rule of `spec.concurrencyPolicy` and `longshore.dev/max-active` with these runs active. */
export function concurrencyOf(cronJob: DeepReadonly<CronJob>, active: readonly unknown[]): Concurrency {
  const { concurrencyPolicy } = cronJob.spec;
  if (concurrencyPolicy === 'Replace') return 'replace';
  if (concurrencyPolicy === 'Forbid') return active.length > 0 ? 'forbid' : 'run';
  const { maxActive } = cronJobExtras(cronJob.metadata.annotations);
  return maxActive !== undefined && active.length >= maxActive ? 'maxActive' : 'run';
}

/** The decision for a CronJob with these active Jobs. */
export function decide(
  cronJob: DeepReadonly<CronJob>,
  active: readonly DeepReadonly<ObjectReference>[],
  now: number,
  localZone: TimeZone,
): Decision {
  if (cronJob.metadata.deletionTimestamp !== undefined) return { notes: [] };
  const { timeZone, schedule, suspend } = cronJob.spec;
  const zoneError = timeZone === undefined ? undefined : errorOf(() => TimeZone.load(timeZone));
  if (zoneError !== undefined) return { notes: [notes.unknownTimeZone(timeZone ?? '', zoneError)] };
  if (suspend) return suspended(cronJob, now, localZone);

  const before = schedule.includes('TZ') ? [notes.unsupportedSchedule(schedule)] : [];
  let timetable: Timetable;
  try {
    timetable = timetableOf(cronJob, localZone);
  } catch (error) {
    return { notes: [...before, notes.unparseableSchedule(schedule, messageOf(error))] };
  }
  let due: Due;
  try {
    due = dueNow(cronJob, timetable, now);
  } catch (error) {
    if (!(error instanceof NoTimesError)) throw error;
    return { notes: [...before, notes.invalidSchedule(schedule, error.message)] };
  }
  const next = untilNext(cronJob, timetable, now);
  const again = next === undefined ? {} : { againMs: next };
  if (due.latest === undefined) return { notes: before, ...again };
  const told = tooManyMissed(due) ? [...before, notes.tooManyMissed()] : before;
  return { ...again, ...start(cronJob, active, due.latest, now, told) };
}

/** What becomes of a time that is due. */
function start(
  cronJob: DeepReadonly<CronJob>,
  active: readonly DeepReadonly<ObjectReference>[],
  time: number,
  now: number,
  told: readonly Note[],
): Decision {
  const { startingDeadlineSeconds } = cronJob.spec;
  if (startingDeadlineSeconds !== undefined && time + Number(startingDeadlineSeconds) * 1000 < now) {
    return { notes: [...told, notes.missSchedule(time)], time, missed: 'deadline' };
  }
  const name = jobNameAt(cronJob, time);
  const { lastScheduleTime } = cronJob.status ?? {};
  const done =
    active.some((each) => each.name === name) ||
    (lastScheduleTime !== undefined && Date.parse(lastScheduleTime) === time);
  if (done) return { notes: told, time };
  const concurrency = concurrencyOf(cronJob, active);
  if (concurrency === 'forbid') {
    return { notes: [...told, notes.jobAlreadyActive()], time, missed: 'forbid' };
  }
  if (concurrency === 'maxActive') return { notes: told, time, missed: 'maxActive' };
  return { notes: told, time, run: true };
}

/** A suspended CronJob starts nothing, but says what it does not start. */
function suspended(cronJob: DeepReadonly<CronJob>, now: number, localZone: TimeZone): Decision {
  try {
    const timetable = timetableOf(cronJob, localZone);
    const { latest } = dueNow(cronJob, timetable, now);
    const next = untilNext(cronJob, timetable, now);
    return {
      notes: [],
      ...(next === undefined ? {} : { againMs: next }),
      ...(latest === undefined ? {} : { time: latest, missed: 'suspended' }),
    };
  } catch {
    // Whatever is wrong with its schedule is told once it is resumed.
    return { notes: [] };
  }
}

function errorOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
