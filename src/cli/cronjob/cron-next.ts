/** `longshore cron next`: when a schedule comes due, and what it means. Needs no server. */
import { createInterface } from 'node:readline';
import { rfc3339, systemClock } from '../../apimachinery/clock.ts';
import { messageOf, systemCodeOf } from '../../apimachinery/thrown.ts';
import {
  describeSchedule,
  formatInZone,
  parseSchedule,
  type Schedule,
  ScheduleError,
  TimeZone,
} from '../../apis/batch/index.ts';
import { UserError } from '../../cluster/index.ts';
import { wantsJson } from '../flags/output-format.ts';

/** Options of the verb, as the command line gives them. */
export interface CronNextOptions {
  readonly timezone?: string;
  readonly from?: string;
  readonly count: number;
  readonly output?: string;
  readonly stdin?: boolean;
}

/** Times printed for one schedule: two years of minutes. */
const COUNT_MAX = 1_000_000;

/** Prints the next times of a schedule, or with `--stdin` of many; answers the exit code. */
export async function cronNext(schedule: string | undefined, options: CronNextOptions): Promise<number> {
  const json = wantsJson(options.output);
  if (options.count < 1 || options.count > COUNT_MAX) {
    throw new UserError(`--count must be from 1 to ${COUNT_MAX}`);
  }
  if (options.stdin === true) {
    if (schedule !== undefined) throw new UserError('give a schedule or --stdin, not both');
    await answerLines(options);
    return 0;
  }
  if (schedule === undefined) {
    throw new UserError('a schedule is missing, such as \'longshore cron next "*/15 * * * *"\'');
  }
  try {
    const answer = compute({ schedule, timeZone: options.timezone, from: options.from }, options.count);
    await written(json ? `${jsonOf(answer)}\n` : textOf(answer));
    return 0;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new UserError(error.message, { cause: error });
  }
}

interface Question {
  readonly schedule: string;
  readonly timeZone?: string | undefined;
  readonly from?: string | undefined;
}

interface Answer {
  readonly question: Question;
  readonly schedule: Schedule;
  readonly zone: TimeZone;
  readonly from: number;
  readonly next: readonly number[];
}

/** What a person who asks can mend. */
class QuestionError extends Error {
  override readonly name = 'QuestionError';
}

const isRefusal = (error: unknown): error is Error =>
  error instanceof QuestionError || error instanceof ScheduleError;

/** RFC 3339 knows no later time, milliseconds; a long `@every` gets there. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59);

/** Throws ScheduleError with robfig's text, or QuestionError. */
function compute(question: Question, count: number): Answer {
  const { timeZone } = question;
  const schedule = parseSchedule(question.schedule, timeZone === '' ? undefined : timeZone);
  const zone = schedule.timeZone ?? zoneOf(timeZone);
  const from = question.from === undefined ? systemClock.now() : instantOf(question.from);
  const next: number[] = [];
  let at = schedule.next(from, zone);
  while (at !== undefined && at <= LATEST) {
    next.push(at);
    if (next.length === count) break;
    at = schedule.next(at, zone);
  }
  return { question, schedule, zone, from, next };
}

/** The zone of a schedule that brings none: as on a CronJob the server's own where none is named, UTC for an empty name. */
function zoneOf(timeZone: string | undefined): TimeZone {
  const local = timeZone === undefined || timeZone === 'Local';
  try {
    return TimeZone.load(local ? Intl.DateTimeFormat().resolvedOptions().timeZone : timeZone);
  } catch (error) {
    // Reached by `@every` alone, which drops the zone that it was read with.
    throw new QuestionError(messageOf(error));
  }
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

function instantOf(text: string): number {
  const instant = RFC_3339.test(text) ? Date.parse(text.replace(' ', 'T').toUpperCase()) : Number.NaN;
  if (Number.isNaN(instant)) {
    throw new QuestionError(
      `from ${JSON.stringify(text)} is no RFC 3339 time, such as 2026-03-29T00:00:00+01:00`,
    );
  }
  return instant;
}

function textOf({ schedule, zone, next }: Answer): string {
  const lines = next.map((at) => `${weekdayOf(at, zone)} ${formatInZone(at, zone)}  ${rfc3339(at)}\n`);
  if (lines.length === 0) lines.push('no time within five years\n');
  return `${describeSchedule(schedule)} (${zone.name})\n${lines.join('')}`;
}

const WEEKDAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];

function weekdayOf(at: number, zone: TimeZone): string {
  const second = at / 1000;
  // 1 January 1970 was a Thursday.
  const day = Math.floor((second + zone.offsetAt(second)) / 86_400) % 7;
  return WEEKDAYS[(day + 7) % 7] ?? '';
}

function jsonOf({ question, schedule, zone, from, next }: Answer): string {
  return JSON.stringify(
    {
      schedule: question.schedule,
      timeZone: zone.name,
      from: rfc3339(from),
      meaning: describeSchedule(schedule),
      next: next.map(rfc3339),
      local: next.map((at) => formatInZone(at, zone)),
    },
    null,
    2,
  );
}

/** Answers that are gathered before they are written, in characters: few writes, and little memory. */
const BATCH_CHARACTERS = 64 * 1024;

/** Answers each line of standard input with one line; a line that makes no sense is answered with its error. */
async function answerLines({ timezone, from, count }: CronNextOptions): Promise<void> {
  // One moment for all lines, so that their answers fit together.
  const now = from ?? rfc3339(systemClock.now());
  let batch = '';
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    batch += `${answerLine(line, { timeZone: timezone, from: now }, count)}\n`;
    if (batch.length < BATCH_CHARACTERS) continue;
    if (!(await written(batch))) return;
    batch = '';
  }
  await written(batch);
}

/** Waits for a slow reader, so that answers do not pile up; false when the reader has gone, as `head` does. */
function written(text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // Whatever goes wrong is told to the callback below as well.
    if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => undefined);
    process.stdout.write(text, (error) => {
      if (error === undefined || error === null) resolve(true);
      else if (systemCodeOf(error) === 'EPIPE') resolve(false);
      else reject(error);
    });
  });
}

function answerLine(line: string, defaults: Omit<Question, 'schedule'>, count: number): string {
  let asked: Readonly<Record<string, unknown>> = {};
  try {
    asked = objectOf(line);
    const question = {
      schedule: textIn(asked, 'schedule') ?? missing('schedule'),
      timeZone: textIn(asked, 'timeZone') ?? defaults.timeZone,
      from: textIn(asked, 'from') ?? defaults.from,
    };
    const { zone, next } = compute(question, count);
    const { schedule, timeZone = zone.name, from } = question;
    return JSON.stringify({ schedule, timeZone, from, next: next.map(rfc3339) });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { schedule, timeZone, from } = asked;
    return JSON.stringify({ schedule, timeZone, from, error: error.message });
  }
}

function objectOf(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Told below, with everything else that is no object.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new QuestionError(
      'the line is no JSON object like {"schedule":"@daily","timeZone":"Europe/Berlin"}',
    );
  }
  return value as Readonly<Record<string, unknown>>;
}

function textIn(asked: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = asked[name];
  if (value !== undefined && value !== null && typeof value !== 'string') {
    throw new QuestionError(`${name} must be a text`);
  }
  return value ?? undefined;
}

function missing(name: string): never {
  throw new QuestionError(`${name} is missing`);
}
