/**
 * A CronJob's times: its schedule in its zone, moved and tamed as longshore's annotations ask. Pure but for the machine's
 * time zone data.
 */
import { createHash } from 'node:crypto';
import { type DeepReadonly, objectKey } from '../../apimachinery/meta/object.ts';
import {
  type CronJob,
  cronJobExtras,
  parseSchedule,
  type Schedule,
  TimeZone,
} from '../../apis/batch/index.ts';

/** Gives the times of a CronJob. */
export interface Timetable {
  /** The first time after `after`, both in wall milliseconds; undefined when there is none within five years. */
  next(after: number): number | undefined;
}

/** Schedules that were understood, kept by their text; twenty thousand CronJobs have far fewer different ones. */
const SCHEDULES_KEPT_MAX = 5_000;
const schedules = new Map<string, Schedule>();

/**
 * The timetable of a CronJob. `localZone` is the zone of a schedule that names none. Throws ScheduleError for a schedule
 * that makes no sense, an Error for an unknown zone.
 */
export function timetableOf(cronJob: DeepReadonly<CronJob>, localZone: TimeZone): Timetable {
  const { schedule: text, timeZone } = cronJob.spec;
  const schedule = scheduleOf(text);
  const zone = schedule.timeZone ?? (timeZone === undefined ? localZone : TimeZone.load(timeZone));
  const { jitter, dst } = cronJobExtras(cronJob.metadata.annotations);
  let timetable: Timetable = { next: (after) => schedule.next(after, zone) };
  if (dst === 'once' && isAtFixedTimes(text)) timetable = onceInEachClockChange(timetable, schedule, zone);
  return jitter === undefined ? timetable : movedBy(timetable, offsetWithin(jitter, objectKey(cronJob)));
}

/** A stable offset in whole seconds within the span (milliseconds), spread evenly over all keys. */
export function offsetWithin(spanMs: number, key: string): number {
  const share = createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32;
  return Math.floor((share * spanMs) / 1000) * 1000;
}

function scheduleOf(text: string): Schedule {
  const known = schedules.get(text);
  if (known !== undefined) return known;
  const schedule = parseSchedule(text);
  if (schedules.size >= SCHEDULES_KEPT_MAX) schedules.clear();
  schedules.set(text, schedule);
  return schedule;
}

function movedBy(timetable: Timetable, offset: number): Timetable {
  return {
    next(after) {
      const time = timetable.next(after - offset);
      return time === undefined ? undefined : time + offset;
    },
  };
}

/** Minute and hour are named and not starred: what runs every so often goes by time passed, whatever the clocks show. */
function isAtFixedTimes(text: string): boolean {
  const [minute = '*', hour = '*'] = text
    .replace(/^(CRON_)?TZ=\S+/, '')
    .trim()
    .split(/\s+/);
  return minute.startsWith('@') ? !/^@(every|hourly)/.test(minute) : !`${minute}${hour}`.includes('*');
}

/**
 * Debian cron's rule for clock changes: a time that the change skips runs right after it, and of a time that it repeats
 * only the first one counts.
 */
function onceInEachClockChange(timetable: Timetable, schedule: Schedule, zone: TimeZone): Timetable {
  return {
    next(after) {
      let time = timetable.next(after);
      while (time !== undefined && (isRepeated(time, zone) || !isOnSchedule(time, schedule, zone))) {
        time = timetable.next(time);
      }
      return skippedBetween(after, time, schedule, zone) ?? time;
    },
  };
}

/** Whether the clock showed the same time before, in the hours before it was set back. */
function isRepeated(time: number, zone: TimeZone): boolean {
  const second = Math.floor(time / 1000);
  const { start, offset } = zone.spanAt(second);
  if (start === Number.NEGATIVE_INFINITY) return false;
  return second - start < zone.offsetAt(start - 1) - offset;
}

/** Whether the clock shows a time of the schedule. Kubernetes' search lands beside it after a change of half an hour. */
function isOnSchedule(time: number, schedule: Schedule, zone: TimeZone): boolean {
  const local = time + zone.offsetAt(Math.floor(time / 1000)) * 1000;
  return withoutZone(schedule).next(local - 1000, TimeZone.load('UTC')) === local;
}

/** The moment of the first change within (after, until] that skips a time of the schedule. */
function skippedBetween(
  after: number,
  until: number | undefined,
  schedule: Schedule,
  zone: TimeZone,
): number | undefined {
  // A schedule that never matches is not searched for ever either.
  const last = (until ?? after + FIVE_YEARS_MS) / 1000;
  const wallClock = TimeZone.load('UTC');
  for (let span = zone.spanAt(Math.floor(after / 1000)); span.end <= last; span = zone.spanAt(span.end)) {
    const gap = zone.offsetAt(span.end) - span.offset;
    if (gap <= 0) continue;
    // The skipped times read as if they were UTC: a wall clock without changes.
    const firstSkipped = (span.end + span.offset) * 1000;
    const match = withoutZone(schedule).next(firstSkipped - 1000, wallClock);
    if (match !== undefined && match < firstSkipped + gap * 1000) return span.end * 1000;
  }
  return undefined;
}

const FIVE_YEARS_MS = 5 * 366 * 86_400_000;

function withoutZone(schedule: Schedule): Schedule {
  return schedule.timeZone === undefined ? schedule : scheduleOf(schedule.toString().replace(/^TZ=\S+ /, ''));
}
