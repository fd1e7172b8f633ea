import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { TimeZone } from '../time-zone/time-zone.ts';
import { parseSchedule, ScheduleError } from './schedule.ts';

const UTC = TimeZone.load('UTC');

/** The next `count` times after `from`, RFC 3339; `timeZone` as a CronJob's. */
function next(schedule: string, timeZone: string | undefined, from: string, count: number): string[] {
  const parsed = parseSchedule(schedule, timeZone);
  const times: string[] = [];
  let at: number | undefined = Date.parse(from);
  while (times.length < count) {
    at = parsed.next(at, UTC);
    if (at === undefined) break;
    times.push(new Date(at).toISOString().replace('.000Z', 'Z'));
  }
  return times;
}

function refusal(schedule: string, timeZone?: string): string {
  try {
    parseSchedule(schedule, timeZone);
  } catch (error) {
    assert.ok(error instanceof ScheduleError);
    return error.message;
  }
  return assert.fail(`${JSON.stringify(schedule)} was accepted`);
}

test('every refused schedule is refused in the words of robfig', () => {
  const refused: Readonly<Record<string, string>> = {
    '': 'empty spec string',
    '   ': 'expected exactly 5 fields, found 0: []',
    '* * * *': 'expected exactly 5 fields, found 4: [* * * *]',
    '* * * * * *': 'expected exactly 5 fields, found 6: [* * * * * *]',
    ' @hourly': 'expected exactly 5 fields, found 1: [@hourly]',
    '60 * * * *': 'end of range (60) above maximum (59): 60',
    '* * 0 * *': 'beginning of range (0) below minimum (1): 0',
    '* * * * 7': 'end of range (7) above maximum (6): 7',
    '5-1 * * * *': 'beginning of range (5) beyond end of range (1): 5-1',
    '0 0 * * fri-mon': 'beginning of range (5) beyond end of range (1): fri-mon',
    '*/0 * * * *': 'step of range should be a positive number: */0',
    '1-2-3 * * * *': 'too many hyphens: 1-2-3',
    '1--3 * * * *': 'too many hyphens: 1--3',
    '11\ufeff1 * * * *':
      'failed to parse int from 11\ufeff1: strconv.Atoi: parsing "11\\ufeff1": invalid syntax',
    '1\u001f2 * * * *': 'failed to parse int from 1\u001f2: strconv.Atoi: parsing "1\\x1f2": invalid syntax',
    '@every 525239351523214063989':
      'failed to parse duration @every 525239351523214063989: time: invalid duration "525239351523214063989"',
    '@every 2562048h': 'failed to parse duration @every 2562048h: time: invalid duration "2562048h"',
    '@every 9223372036854775808ns':
      'failed to parse duration @every 9223372036854775808ns: time: invalid duration "9223372036854775808ns"',
    'TZ=a..b 0 0 * * *': 'provided bad location a..b: time: invalid location name',
    '1/2/3 * * * *': 'too many slashes: 1/2/3',
    'a * * * *': 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax',
    '1- * * * *': 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax',
    '99999999999999999999 * * * *':
      'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
    '*/-2 * * * *': 'negative number (-2) not allowed: -2',
    '@reboot': 'unrecognized descriptor: @reboot',
    '@every': 'unrecognized descriptor: @every',
    '@every x': 'failed to parse duration @every x: time: invalid duration "x"',
    '@every 5': 'failed to parse duration @every 5: time: missing unit in duration "5"',
    '@every 5x': 'failed to parse duration @every 5x: time: unknown unit "x" in duration "5x"',
    'TZ=0': 'invalid schedule format: runtime error: slice bounds out of range [:-1]',
    'TZ=Mars/Olympus * * * * *': 'provided bad location Mars/Olympus: unknown time zone Mars/Olympus',
    'CRON_TZ=../x * * * * *': 'provided bad location ../x: time: invalid location name',
  };
  for (const [schedule, message] of Object.entries(refused)) assert.equal(refusal(schedule), message);
});

test('a schedule with a zone of its own is refused beside spec.timeZone', () => {
  assert.equal(
    refusal('TZ=UTC 0 0 * * *', 'Etc/UTC'),
    'expected exactly 5 fields, found 6: [TZ=UTC 0 0 * * *]',
  );
});

test('days satisfy both fields when one has a star, and one of them when neither has', () => {
  assert.deepEqual(next('0 0 1,15 * 3', undefined, '2026-09-01T00:00:00Z', 4), [
    '2026-09-02T00:00:00Z',
    '2026-09-09T00:00:00Z',
    '2026-09-15T00:00:00Z',
    '2026-09-16T00:00:00Z',
  ]);
  // A step takes the star's effect away, but for a step of one.
  assert.deepEqual(next('0 0 1 * */2', undefined, '2026-09-01T00:00:00Z', 2), [
    '2026-09-03T00:00:00Z',
    '2026-09-05T00:00:00Z',
  ]);
  assert.deepEqual(next('0 0 1 * */1', undefined, '2026-09-01T00:00:00Z', 2), [
    '2026-10-01T00:00:00Z',
    '2026-11-01T00:00:00Z',
  ]);
});

test('a single value with a step goes up to the end of the field', () => {
  assert.deepEqual(next('10/20 0 * * *', undefined, '2026-01-01T00:00:00Z', 3), [
    '2026-01-01T00:10:00Z',
    '2026-01-01T00:30:00Z',
    '2026-01-01T00:50:00Z',
  ]);
});

test('a time that a clock change skips is left out, one that it repeats runs twice', () => {
  assert.deepEqual(next('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3), [
    '2026-03-28T01:30:00Z',
    '2026-03-30T00:30:00Z',
    '2026-03-31T00:30:00Z',
  ]);
  assert.deepEqual(next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 3), [
    '2026-10-25T00:30:00Z',
    '2026-10-25T01:30:00Z',
    '2026-10-26T01:30:00Z',
  ]);
});

test('@every counts from the second it is asked about, whole seconds, at least one', () => {
  assert.deepEqual(next('@every 90s', undefined, '2026-01-01T00:00:00.700Z', 2), [
    '2026-01-01T00:01:30Z',
    '2026-01-01T00:03:00Z',
  ]);
  assert.deepEqual(next('@every 500ms', undefined, '2026-01-01T00:00:00Z', 1), ['2026-01-01T00:00:01Z']);
  assert.deepEqual(next('@every -1h', undefined, '2026-01-01T00:00:00Z', 1), ['2026-01-01T00:00:01Z']);
});

test('@every counts fractions as Go does, and takes the longest duration that there is', () => {
  assert.deepEqual(next('@every 0.9999999999999999999999s', undefined, '2026-01-01T00:00:00Z', 1), [
    '2026-01-01T00:00:01Z',
  ]);
  assert.deepEqual(next('@every 1.9999999999s', undefined, '2026-01-01T00:00:00Z', 1), [
    '2026-01-01T00:00:01Z',
  ]);
  assert.equal(parseSchedule('@every 2562047h47m16.854775807s').everySeconds, 9_223_372_036);
  assert.equal(parseSchedule('@every -9223372036854775808ns').everySeconds, 1);
});

test('white space is what Unicode says, and any of it parts the fields', () => {
  assert.deepEqual(next('\u30000\u00a012\u2003*\t*\u0085*\n', undefined, '2026-01-01T00:00:00Z', 1), [
    '2026-01-01T12:00:00Z',
  ]);
  for (const none of ['\u200b', '\ufeff', '\u001f', '\u180e']) {
    assert.match(refusal(`0${none}12 * * *`), /^expected exactly 5 fields, found 4/);
  }
});

test('minutes are those of UTC where a zone of old was some seconds away from them', () => {
  // Nauru was at +11:07:40 until 1921, Lord Howe at +10:36:20 until February 1895.
  assert.deepEqual(next('9-23 * * * *', 'Pacific/Nauru', '1893-11-02T10:47:13Z', 2), [
    '1893-11-02T11:02:20Z',
    '1893-11-02T11:03:20Z',
  ]);
  assert.deepEqual(next('59 1,2,23 31 * sun', 'Australia/Lord_Howe', '1895-01-31T12:53:40Z', 2), [
    '1895-01-31T13:59:00Z',
    '1895-02-02T15:59:00Z',
  ]);
});

test('a schedule that never comes within five years has no next time', () => {
  assert.deepEqual(next('0 0 30 2 *', undefined, '2026-01-01T00:00:00Z', 1), []);
  assert.deepEqual(next('0 0 29 2 *', undefined, '2096-03-01T00:00:00Z', 1), []);
  assert.deepEqual(next(', * * * *', undefined, '2026-01-01T00:00:00Z', 1), []);
  assert.deepEqual(next('0 0 , * ,', undefined, '2026-01-01T00:00:00Z', 1), []);
});

test('the search ends where a zone left a day out', () => {
  assert.deepEqual(next('0 12 30,31 12 *', 'Pacific/Apia', '2011-12-28T00:00:00Z', 1), [
    '2011-12-30T22:00:00Z',
  ]);
  assert.deepEqual(next('0 12 30 12 *', 'Pacific/Apia', '2011-12-28T00:00:00Z', 1), ['2012-12-29T22:00:00Z']);
});

const value = (low: number, high: number): fc.Arbitrary<string> =>
  fc.integer({ min: low, max: high }).map(String);

function field(low: number, high: number): fc.Arbitrary<string> {
  const range = fc
    .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }))
    .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const base = fc.oneof(fc.constantFrom('*', '?'), value(low, high), range);
  const stepped = fc.tuple(base, fc.integer({ min: 1, max: 70 })).map(([text, step]) => `${text}/${step}`);
  return fc.array(fc.oneof(base, stepped), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
}

const schedules = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6))
  .map((fields) => fields.join(' '));
const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Pacific/Apia',
);

test('a parsed schedule written out parses to the same schedule', () => {
  fc.assert(
    fc.property(schedules, (text) => {
      const parsed = parseSchedule(text);
      const again = parseSchedule(parsed.toString());
      assert.deepEqual(again.fields, parsed.fields);
      assert.equal(again.toString(), parsed.toString());
    }),
  );
});

test('the next time is later, whole minutes, and matches the schedule on the wall clock', () => {
  const instants = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) });
  fc.assert(
    fc.property(schedules, zones, instants, (text, zoneName, after) => {
      const parsed = parseSchedule(text);
      const found = parsed.next(after, TimeZone.load(zoneName));
      if (found === undefined) return;
      assert.ok(found > after);
      assert.equal(found % 60_000, 0);
      const wall = new Date(found + TimeZone.load(zoneName).offsetAt(found / 1000) * 1000);
      assert.ok(parsed.fields?.minute.matches[wall.getUTCMinutes()]);
      assert.ok(parsed.fields?.hour.matches[wall.getUTCHours()]);
    }),
  );
});

test('whatever the text, the parser answers or refuses, and the search ends', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789*/,-? @TZ=evry:jan'.split('')) }), (text) => {
      try {
        parseSchedule(text).next(0, UTC);
      } catch (error) {
        assert.ok(error instanceof ScheduleError);
      }
    }),
    { numRuns: 2000 },
  );
});

interface Recorded {
  readonly schedule: string;
  readonly timeZone: string;
  readonly from: string;
  readonly next?: readonly string[] | null;
  readonly error?: boolean;
}

const RECORDING = new URL('../../../../../shared/oracle/cron-next.jsonl', import.meta.url);

test('every recorded line of Kubernetes agrees', { skip: !existsSync(RECORDING) }, () => {
  const lines = readFileSync(RECORDING, 'utf8').trim().split('\n');
  for (const line of lines) {
    const { schedule, timeZone, from, next: expected, error } = JSON.parse(line) as Recorded;
    const zone = timeZone === '' ? undefined : timeZone;
    if (error) refusal(schedule, zone);
    else assert.deepEqual(next(schedule, zone, from, 6), expected ?? [], line);
  }
});
