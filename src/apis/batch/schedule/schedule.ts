/**
 * The schedule language of CronJobs: what the standard parser of robfig/cron v3 accepts, for Kubernetes reads schedules
 * with it. Five fields (minute, hour, day of month, month, day of week), each a list of `*`, `?`, numbers, names and
 * ranges with steps; `@hourly` … `@yearly`; `@every DURATION`; a `TZ=` or `CRON_TZ=` prefix. Error texts are robfig's.
 */

import { parseGoDuration } from '../../../apimachinery/go-duration.ts';
import { messageOf } from '../../../apimachinery/thrown.ts';
import { TimeZone } from '../time-zone/time-zone.ts';
import { formatField, parseField, singleField, starField } from './field.ts';
import type { ScheduleFields } from './schedule-fields.ts';
import { nextMatch } from './search.ts';

/** Why a schedule was refused, in robfig's words. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/** A schedule that was understood. */
export class Schedule {
  /** The fields, or undefined for `@every`. */
  readonly fields: ScheduleFields | undefined;
  /** For `@every`: the span between two runs, whole seconds, at least one. Else undefined. */
  readonly everySeconds: number | undefined;
  /** The zone that the schedule names itself; undefined when it leaves that to the caller. */
  readonly timeZone: TimeZone | undefined;

  constructor(what: ScheduleFields | { readonly everySeconds: number }, timeZone: TimeZone | undefined) {
    this.fields = 'everySeconds' in what ? undefined : what;
    this.everySeconds = 'everySeconds' in what ? what.everySeconds : undefined;
    this.timeZone = timeZone;
  }

  /**
   * The first time after `after` (milliseconds since 1970), or undefined when there is none within five years. Clock
   * changes have the effect they have on Kubernetes. The schedule's own zone goes before `zone`.
   */
  next(after: number, zone: TimeZone): number | undefined {
    const second = Math.floor(after / 1000);
    if (this.everySeconds !== undefined) return (second + this.everySeconds) * 1000;
    if (this.fields === undefined) return undefined;
    const found = nextMatch(this.fields, second, this.timeZone ?? zone);
    return found === undefined ? undefined : found * 1000;
  }

  /** A text that parses to an equal schedule. */
  toString(): string {
    const prefix = this.timeZone === undefined ? '' : `TZ=${this.timeZone.name} `;
    if (this.fields === undefined) return `${prefix}@every ${this.everySeconds}s`;
    const { minute, hour, dayOfMonth, month, dayOfWeek } = this.fields;
    return prefix + [minute, hour, dayOfMonth, month, dayOfWeek].map(formatField).join(' ');
  }
}

/**
 * Reads a schedule. With `timeZone` it is read as the CronJob controller reads that of a CronJob with `spec.timeZone`,
 * which is to put `TZ=…` in front; a schedule that brings a zone of its own is then refused. Throws {@link ScheduleError}.
 */
export function parseSchedule(text: string, timeZone?: string): Schedule {
  const whole = timeZone === undefined ? text : `TZ=${timeZone} ${text}`;
  if (whole === '') throw new ScheduleError('empty spec string');
  const prefix = /^(?:CRON_)?TZ=/.exec(whole)?.[0];
  if (prefix === undefined) return parseBody(whole, undefined);
  const space = whole.indexOf(' ');
  // Kubernetes guards its parser against the crash that a prefix without a space brings about, and answers this.
  if (space < 0)
    throw new ScheduleError('invalid schedule format: runtime error: slice bounds out of range [:-1]');
  const name = whole.slice(prefix.length, space);
  const body = trimmed(whole.slice(space));
  if (name === 'Local') return parseBody(body, undefined);
  let zone: TimeZone;
  try {
    zone = TimeZone.load(name);
  } catch (error) {
    throw new ScheduleError(`provided bad location ${name}: ${messageOf(error)}`);
  }
  return parseBody(body, zone);
}

function parseBody(body: string, zone: TimeZone | undefined): Schedule {
  if (body.startsWith('@')) return parseDescriptor(body, zone);
  const parts = body.split(SPACES).filter((part) => part !== '');
  if (parts.length !== 5) {
    throw new ScheduleError(`expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`);
  }
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = parts;
  try {
    return new Schedule(
      {
        minute: parseField(minute, 'minute'),
        hour: parseField(hour, 'hour'),
        dayOfMonth: parseField(dayOfMonth, 'dayOfMonth'),
        month: parseField(month, 'month'),
        dayOfWeek: parseField(dayOfWeek, 'dayOfWeek'),
      },
      zone,
    );
  } catch (error) {
    throw new ScheduleError(messageOf(error));
  }
}

const EVERY = '@every ';

function parseDescriptor(text: string, zone: TimeZone | undefined): Schedule {
  const hourly: ScheduleFields = {
    minute: singleField('minute', 0),
    hour: starField('hour'),
    dayOfMonth: starField('dayOfMonth'),
    month: starField('month'),
    dayOfWeek: starField('dayOfWeek'),
  };
  const daily: ScheduleFields = { ...hourly, hour: singleField('hour', 0) };
  const monthly: ScheduleFields = { ...daily, dayOfMonth: singleField('dayOfMonth', 1) };
  switch (text) {
    case '@yearly':
    case '@annually':
      return new Schedule({ ...monthly, month: singleField('month', 1) }, zone);
    case '@monthly':
      return new Schedule(monthly, zone);
    case '@weekly':
      return new Schedule({ ...daily, dayOfWeek: singleField('dayOfWeek', 0) }, zone);
    case '@daily':
    case '@midnight':
      return new Schedule(daily, zone);
    case '@hourly':
      return new Schedule(hourly, zone);
  }
  if (!text.startsWith(EVERY)) throw new ScheduleError(`unrecognized descriptor: ${text}`);
  try {
    const seconds = parseGoDuration(text.slice(EVERY.length)) / 1_000_000_000n;
    return new Schedule({ everySeconds: seconds < 1n ? 1 : Number(seconds) }, undefined);
  } catch (error) {
    throw new ScheduleError(`failed to parse duration ${text}: ${messageOf(error)}`);
  }
}

/** What Go's unicode.IsSpace takes for white space. */
const SPACES = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

function trimmed(text: string): string {
  return text.replace(new RegExp(`^${SPACES.source}`), '').replace(new RegExp(`${SPACES.source}$`), '');
}
