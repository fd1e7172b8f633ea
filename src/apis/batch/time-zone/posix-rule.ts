/**
 * The POSIX rule at the end of a time zone file (RFC 9636, section 3.3.1), which holds after the file's last transition:
 * `CET-1CEST,M3.5.0,M10.5.0/3`.
 */
import type { Span, ZoneRules } from './span.ts';

const DAY = 86_400;

/** When, in a year, the clock changes: day and wall-clock time. */
interface ChangeDate {
  readonly kind: 'J' | 'N' | 'M';
  /** For J: day 1 to 365 without leap days; for N: day 0 to 365; for M: the month. */
  readonly first: number;
  /** For M: 1 to 5, where 5 is the last. */
  readonly week: number;
  /** For M: 0 is Sunday. */
  readonly weekday: number;
  /** Seconds after midnight, may be negative or beyond a day. */
  readonly time: number;
}

/** Reads such a rule; undefined for a text that is none. */
export function parsePosixRule(text: string): ZoneRules | undefined {
  const head =
    /^(?:<[^>]+>|[A-Za-z]+)([-+]?[\d:]+)(?:(?:<[^>]+>|[A-Za-z]+)([-+]?[\d:]+)?(?:,([^,]+),([^,]+))?)?$/.exec(
      text,
    );
  if (head === null) return undefined;
  const standard = 0 - secondsOf(head[1] ?? '0');
  if (head[3] === undefined || head[4] === undefined) {
    const always: Span = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, offset: standard };
    return { spanAt: () => always };
  }
  const summer = head[2] === undefined ? standard + 3600 : 0 - secondsOf(head[2]);
  const [from, to] = [parseChangeDate(head[3]), parseChangeDate(head[4])];
  return from && to ? { spanAt: (instant) => spanOf(instant, standard, summer, from, to) } : undefined;
}

/** `2`, `-1:30` or `+02:00:00` in seconds. */
function secondsOf(text: string): number {
  const [hours = '0', minutes = '0', seconds = '0'] = text.replace(/^[-+]/, '').split(':');
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return text.startsWith('-') ? -total : total;
}

function parseChangeDate(text: string): ChangeDate | undefined {
  const match = /^(?:(J?)(\d+)|M(\d+)\.(\d+)\.(\d+))(?:\/([-+]?[\d:]+))?$/.exec(text);
  if (match === null) return undefined;
  const [, julian, day, month, week, weekday, time] = match;
  return {
    kind: month !== undefined ? 'M' : julian === 'J' ? 'J' : 'N',
    first: Number(month ?? day),
    week: Number(week ?? 0),
    weekday: Number(weekday ?? 0),
    time: time === undefined ? 2 * 3600 : secondsOf(time),
  };
}

function spanOf(instant: number, standard: number, summer: number, from: ChangeDate, to: ChangeDate): Span {
  const year = new Date(instant * 1000).getUTCFullYear();
  const changes: { readonly at: number; readonly offset: number }[] = [];
  for (const each of [year - 1, year, year + 1]) {
    // Each date is on the wall clock that holds just before it.
    changes.push({ at: localSeconds(each, from) - standard, offset: summer });
    changes.push({ at: localSeconds(each, to) - summer, offset: standard });
  }
  changes.sort((left, right) => left.at - right.at);
  const next = changes.findIndex((change) => change.at > instant);
  const current = changes[next - 1];
  return {
    start: current?.at ?? Number.NEGATIVE_INFINITY,
    end: changes[next]?.at ?? Number.POSITIVE_INFINITY,
    offset: current?.offset ?? standard,
  };
}

/** The wall-clock time of a change as if it were UTC, seconds since 1970. */
function localSeconds(year: number, date: ChangeDate): number {
  return dayOf(year, date) * DAY + date.time;
}

function dayOf(year: number, { kind, first, week, weekday }: ChangeDate): number {
  const newYear = Date.UTC(year, 0, 1) / 1000 / DAY;
  if (kind === 'N') return newYear + first;
  if (kind === 'J') {
    const leap = new Date(Date.UTC(year, 1, 29)).getUTCDate() === 29;
    return newYear + first - 1 + (leap && first > 59 ? 1 : 0);
  }
  const monthStart = Date.UTC(year, first - 1, 1) / 1000 / DAY;
  const monthEnd = Date.UTC(year, first, 1) / 1000 / DAY;
  // 1970-01-01 was a Thursday.
  const day = monthStart + ((((weekday - monthStart - 4) % 7) + 7) % 7) + (week - 1) * 7;
  return day < monthEnd ? day : day - 7;
}
