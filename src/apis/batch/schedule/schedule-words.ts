/**
 * Says in English what a schedule means. It goes by the values that match, not by the text, so that two ways to write one
 * schedule read the same; the zone is left to the caller. Pure.
 */
import type { ScheduleField } from './field.ts';
import type { Schedule } from './schedule.ts';
import type { ScheduleFields } from './schedule-fields.ts';

/** Times of day that are listed one by one; more are told as minutes and hours. */
const LISTED_TIMES_MAX = 6;

/** Values of a regular row that are listed one by one; more are told by their step. */
const LISTED_VALUES_MAX = 4;

const MONTHS = [
  '',
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Monday first, so that the weekend is one run of days. */
const WEEK = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** What the schedule means, such as `every 15 minutes` or `at 02:30 on Monday through Friday`. */
export function describeSchedule(schedule: Schedule): string {
  if (schedule.everySeconds !== undefined)
    return `every ${spanWords(schedule.everySeconds)}, counted from the time before`;
  const { fields } = schedule;
  if (fields === undefined) return 'never';
  const days = dayWords(fields);
  const [minutes, hours] = [valuesOf(fields.minute), valuesOf(fields.hour)];
  if (days === undefined || minutes.length === 0 || hours.length === 0 || fields.month.empty) return 'never';
  const times = timeWords(minutes, hours);
  const daily = days === '' && times.startsWith('at ') && hours.length < 24 ? ' every day' : '';
  return `${times}${daily}${days}`;
}

function valuesOf(field: ScheduleField): readonly number[] {
  return field.matches.flatMap((match, value) => (match ? [value] : []));
}

/** The distance between neighbours when it is the same for all of three or more values. */
function stepOf(values: readonly number[]): number | undefined {
  const [first = 0, second = 0] = values;
  const step = second - first;
  return values.length > 2 && values.every((value, at) => value === first + at * step) ? step : undefined;
}

/** The step, when it goes on evenly from one round of `size` values into the next. */
function evenStep(values: readonly number[], size: number): number | undefined {
  if (values.length === 1) return undefined;
  const step = values.length === 2 ? (values[1] ?? 0) - (values[0] ?? 0) : stepOf(values);
  return step !== undefined && step * values.length === size ? step : undefined;
}

function timeWords(minutes: readonly number[], hours: readonly number[]): string {
  const [minute = 0] = minutes;
  const [firstHour = 0] = hours;
  const lastHour = hours.at(-1) ?? 0;
  const lastMinute = minutes.at(-1) ?? 0;
  const everyHour = hours.length === 24;
  const inOneRun = lastHour - firstHour === hours.length - 1;
  const step = minutes.length === 60 ? 1 : evenStep(minutes, 60);
  const often = step === undefined ? undefined : `every ${counted(step, 'minute')}`;
  if (everyHour && often !== undefined)
    return minute === 0 ? often : `${often}, from minute ${minute} of each hour on`;
  if (everyHour) return `every hour, ${minuteWords(minutes)}`;
  if (often !== undefined && inOneRun)
    return `${often} from ${clock(firstHour, minute)} through ${clock(lastHour, lastMinute)}`;
  const hourStep = evenStep(hours, 24);
  if (minutes.length === 1 && hourStep !== undefined && hours.length > LISTED_VALUES_MAX) {
    return `every ${counted(hourStep, 'hour')} from ${clock(firstHour, minute)} on`;
  }
  if (minutes.length * hours.length <= LISTED_TIMES_MAX) {
    return `at ${joined(hours.flatMap((hour) => minutes.map((each) => clock(hour, each))))}`;
  }
  if (minutes.length === 1 && inOneRun) {
    return `every hour from ${clock(firstHour, minute)} through ${clock(lastHour, minute)}`;
  }
  return `${often ?? minuteWords(minutes)} of hour ${rowWords(hours, String)}`;
}

function minuteWords(minutes: readonly number[]): string {
  if (minutes.length === 1) return minutes[0] === 0 ? 'on the hour' : `at minute ${minutes[0]}`;
  return `at minutes ${rowWords(minutes, String)}`;
}

/**
 * Days and months with a blank in front: empty for every day, undefined for no day at all. A day must satisfy both day
 * fields where either has a star, which for a star means the other field alone; else one of the two is enough.
 */
function dayWords({ dayOfMonth, dayOfWeek, month }: ScheduleFields): string | undefined {
  const months = valuesOf(month);
  const allMonths = months.length === 12;
  const during = allMonths ? '' : rowWords(months, (value) => MONTHS[value] ?? '');
  const eitherIsEnough = !dayOfMonth.star && !dayOfWeek.star;
  const dates = valuesOf(dayOfMonth);
  const weekdays = valuesOf(dayOfWeek);
  if (dates.length === 0 || weekdays.length === 0) {
    if (!eitherIsEnough || dates.length + weekdays.length === 0) return undefined;
  }
  const full = { dates: dates.length === 31, weekdays: weekdays.length === 7 };
  const everyDay = eitherIsEnough ? full.dates || full.weekdays : full.dates && full.weekdays;
  if (everyDay) return allMonths ? '' : ` every day in ${during}`;
  const byDate = dates.length > 0 && !full.dates;
  const byWeek = weekdays.length > 0 && !full.weekdays;
  const dateText = byDate ? `the ${dateWords(dates)} of ` : '';
  const weekText = byWeek ? weekWords(weekdays) : '';
  if (byDate && !byWeek) return ` on ${dateText}${allMonths ? 'the month' : during}`;
  const within = allMonths ? '' : `${byDate ? ',' : ''} in ${during}`;
  return ` on ${byDate ? `${dateText}the month or on ` : ''}${weekText}${within}`;
}

function dateWords(dates: readonly number[]): string {
  return rowWords(dates, ordinal);
}

function weekWords(weekdays: readonly number[]): string {
  const mondayFirst = weekdays.map((day) => (day + 6) % 7).toSorted((a, b) => a - b);
  return runWords(mondayFirst, (day) => WEEK[day] ?? '');
}

/** Values as a list with runs taken together, or by their step where they are many and regular. */
function rowWords(values: readonly number[], name: (value: number) => string): string {
  const step = stepOf(values);
  if (step === undefined || step < 2 || values.length <= LISTED_VALUES_MAX) return runWords(values, name);
  return `${name(values[0] ?? 0)} through ${name(values.at(-1) ?? 0)} in steps of ${step}`;
}

function runWords(values: readonly number[], name: (value: number) => string): string {
  const parts: string[] = [];
  for (let at = 0; at < values.length; at++) {
    const first = at;
    while ((values[at + 1] ?? 0) === (values[at] ?? 0) + 1) at++;
    const [from = 0, to = 0] = [values[first], values[at]];
    if (at - first >= 2) parts.push(`${name(from)} through ${name(to)}`);
    else parts.push(...values.slice(first, at + 1).map(name));
  }
  return joined(parts);
}

function joined(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

function clock(hour: number, minute: number): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

function ordinal(value: number): string {
  const teen = value > 10 && value < 14;
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th');
  return `${value}${ending}`;
}

/** `minute`, `15 minutes`. */
function counted(count: number, unit: string): string {
  return count === 1 ? unit : `${count} ${unit}s`;
}

function spanWords(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ] as const;
  const told = parts.filter(([count]) => count > 0);
  if (told.length === 1) return told.map(([count, unit]) => counted(count, unit)).join('');
  return told.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' ');
}
