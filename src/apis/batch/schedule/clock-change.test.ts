import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rfc3339 } from '../../../apimachinery/clock.ts';
import { TimeZone } from '../time-zone/time-zone.ts';
import { nextOnce } from './clock-change.ts';
import { parseSchedule } from './schedule.ts';

function times(schedule: string, zone: string, after: string, count: number): string[] {
  const [parsed, place] = [parseSchedule(schedule), TimeZone.load(zone)];
  const found: string[] = [];
  let at: number | undefined = Date.parse(after);
  while (found.length < count) {
    at = nextOnce(parsed, at, place);
    if (at === undefined) break;
    found.push(rfc3339(at));
  }
  return found;
}

test('a time that a clock change skips runs at the change, and the next day at its own time', () => {
  assert.deepEqual(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2), [
    '2026-03-29T01:00:00Z',
    '2026-03-30T00:30:00Z',
  ]);
  assert.deepEqual(times('30 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z', 2), [
    '2026-03-08T07:00:00Z',
    '2026-03-09T06:30:00Z',
  ]);
  // Lord Howe's clocks go on by half an hour, from 02:00 to 02:30.
  assert.deepEqual(times('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00:00Z', 2), [
    '2026-10-03T15:30:00Z',
    '2026-10-04T15:15:00Z',
  ]);
});

test('a time that a clock change repeats runs the first time only', () => {
  assert.deepEqual(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2), [
    '2026-10-25T00:30:00Z',
    '2026-10-26T01:30:00Z',
  ]);
  assert.deepEqual(times('30 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z', 2), [
    '2026-11-01T05:30:00Z',
    '2026-11-02T06:30:00Z',
  ]);
  assert.deepEqual(times('45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T12:00:00Z', 2), [
    '2026-04-04T14:45:00Z',
    '2026-04-05T15:15:00Z',
  ]);
  // Asked in the second round of the repeated hour, too.
  assert.deepEqual(times('10,50 2 * * *', 'Europe/Berlin', '2026-10-25T01:20:00Z', 1), [
    '2026-10-26T01:10:00Z',
  ]);
});

test('several skipped times make one run at the change', () => {
  assert.deepEqual(times('0,20,40 2,3 * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 3), [
    '2026-03-29T01:00:00Z',
    '2026-03-29T01:20:00Z',
    '2026-03-29T01:40:00Z',
  ]);
});

test('the day after a change of half an hour keeps its midnight', () => {
  assert.deepEqual(times('@daily', 'Australia/Lord_Howe', '2026-04-04T12:00:00Z', 3), [
    '2026-04-04T13:00:00Z',
    '2026-04-05T13:30:00Z',
    '2026-04-06T13:30:00Z',
  ]);
});

test('a day that a zone left out runs at the change', () => {
  // Apia went from the end of 29 December 2011 to the beginning of 31 December.
  assert.deepEqual(times('0 12 * * *', 'Pacific/Apia', '2011-12-29T23:00:00Z', 2), [
    '2011-12-30T10:00:00Z',
    '2011-12-30T22:00:00Z',
  ]);
});

test('the schedule’s own zone goes first, @every stays as it is, and what never matches has no times', () => {
  assert.deepEqual(times('TZ=Europe/Berlin 30 2 * * *', 'UTC', '2026-03-29T00:00:00Z', 1), [
    '2026-03-29T01:00:00Z',
  ]);
  assert.deepEqual(times('@every 1h', 'Europe/Berlin', '2026-03-29T00:30:00Z', 1), ['2026-03-29T01:30:00Z']);
  assert.deepEqual(times('0 0 31 2 *', 'Europe/Berlin', '2026-01-01T00:00:00Z', 1), []);
});

test('in every zone, from any time on, a daily time comes once for each day of the calendar', () => {
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'America/Sao_Paulo',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
      fc.integer({ min: Date.UTC(2015, 0, 1) / 1000, max: Date.UTC(2035, 0, 1) / 1000 }),
      (zone, hour, minute, from) => {
        const [schedule, place] = [parseSchedule(`${minute} ${hour} * * *`), TimeZone.load(zone)];
        const [first = 0, ...later] = daysFrom(from, 400, (after) => nextOnce(schedule, after, place), place);
        assert.deepEqual(
          later,
          later.map((_, at) => first + at + 1),
        );
      },
    ),
    { numRuns: 50 },
  );
});

/** The days of the calendar, counted from 1970, of so many times. */
function daysFrom(
  second: number,
  count: number,
  next: (after: number) => number | undefined,
  zone: TimeZone,
): readonly number[] {
  const days: number[] = [];
  for (let at = next(second * 1000); at !== undefined && days.length < count; at = next(at)) {
    days.push(Math.floor((at / 1000 + zone.offsetAt(at / 1000)) / 86_400));
  }
  return days;
}
