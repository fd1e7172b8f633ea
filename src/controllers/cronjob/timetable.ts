/**
 * A CronJob's times: its schedule in its zone, moved and tamed as longshore's annotations ask. Pure but for the machine's
 * time zone data.
 */
import { createHash } from 'node:crypto';
import { type DeepReadonly, objectKey } from '../../apimachinery/meta/object.ts';
import {
  type CronJob,
  cronJobExtras,
  nextOnce,
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
  const once = dst === 'once' && isAtFixedTimes(text);
  const timetable: Timetable = {
    next: (after) => (once ? nextOnce(schedule, after, zone) : schedule.next(after, zone)),
  };
  return jitter === undefined ? timetable : movedBy(timetable, offsetWithin(jitter, objectKey(cronJob)));
}

/** Whether two states of a CronJob have the same times, as far as their texts tell. */
export function haveSameTimes(left: DeepReadonly<CronJob>, right: DeepReadonly<CronJob>): boolean {
  if (left.spec.schedule !== right.spec.schedule || left.spec.timeZone !== right.spec.timeZone) return false;
  const [a, b] = [cronJobExtras(left.metadata.annotations), cronJobExtras(right.metadata.annotations)];
  return a.jitter === b.jitter && a.dst === b.dst;
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

/** An hour with a star in it means every so often: that goes by time passed, whatever the clocks show. */
function isAtFixedTimes(text: string): boolean {
  const [first = '', hour = ''] = text
    .replace(/^(CRON_)?TZ=\S+/, '')
    .trim()
    .split(/\s+/);
  return first.startsWith('@') ? !/^@(every|hourly)/.test(first) : !/[*?]/.test(hour);
}
