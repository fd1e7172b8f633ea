import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSchedule } from './schedule.ts';
import { describeSchedule } from './schedule-words.ts';

const WORDS: Readonly<Record<string, string>> = {
  '* * * * *': 'every minute',
  '*/15 * * * *': 'every 15 minutes',
  '0,30 * * * *': 'every 30 minutes',
  '5/15 * * * *': 'every 15 minutes, from minute 5 of each hour on',
  '0 * * * *': 'every hour, on the hour',
  '@hourly': 'every hour, on the hour',
  '7 * * * *': 'every hour, at minute 7',
  '5,20,50 * * * *': 'every hour, at minutes 5, 20 and 50',
  '*/7 * * * *': 'every hour, at minutes 0 through 56 in steps of 7',
  '30 2 * * *': 'at 02:30 every day',
  '@daily': 'at 00:00 every day',
  '0 6,18 * * *': 'at 06:00 and 18:00 every day',
  '30 2 * * 1-5': 'at 02:30 on Monday through Friday',
  '30 2 ? * mon-fri': 'at 02:30 on Monday through Friday',
  '0 0 * * sat,sun': 'at 00:00 on Saturday and Sunday',
  '@weekly': 'at 00:00 on Sunday',
  '*/15 9-17 * * 1-5': 'every 15 minutes from 09:00 through 17:45 on Monday through Friday',
  '* 9 * * *': 'every minute from 09:00 through 09:59',
  '0 9-17 * * *': 'every hour from 09:00 through 17:00',
  '0 */2 * * *': 'every 2 hours from 00:00 on',
  '30 1-23/2 * * *': 'every 2 hours from 01:30 on',
  '*/20 0,6,12,18 * * *': 'every 20 minutes of hour 0, 6, 12 and 18',
  '0 0 1 * *': 'at 00:00 on the 1st of the month',
  '@monthly': 'at 00:00 on the 1st of the month',
  '@yearly': 'at 00:00 on the 1st of January',
  '0 12 1,15 jan,jul *': 'at 12:00 on the 1st and 15th of January and July',
  '0 0 */2 * *': 'at 00:00 on the 1st through 31st in steps of 2 of the month',
  '0 0 22-31 * *': 'at 00:00 on the 22nd through 31st of the month',
  '0 0 * 4-9 *': 'at 00:00 every day in April through September',
  '0 0 * 12 fri': 'at 00:00 on Friday in December',
  '* * * 5 *': 'every minute every day in May',
  '@every 1h30m': 'every 1 hour 30 minutes, counted from the time before',
  '@every 1m': 'every minute, counted from the time before',
  '@every 10s': 'every 10 seconds, counted from the time before',
};

test('a schedule is told in words', () => {
  for (const [schedule, words] of Object.entries(WORDS)) {
    assert.equal(describeSchedule(parseSchedule(schedule)), words, schedule);
  }
});

test('two day fields without a star mean either; a star leaves it to the other', () => {
  const day = (fields: string): string => describeSchedule(parseSchedule(`0 0 ${fields}`));
  assert.equal(day('13 * fri'), 'at 00:00 on the 13th of the month or on Friday');
  assert.equal(day('13 6 fri'), 'at 00:00 on the 13th of the month or on Friday, in June');
  assert.equal(day('*/10 * fri'), 'at 00:00 on the 1st, 11th, 21st and 31st of the month or on Friday');
  assert.equal(day('*/1 * fri'), 'at 00:00 on Friday');
  assert.equal(day('13 * ?'), 'at 00:00 on the 13th of the month');
  assert.equal(day('1-31 * fri'), 'at 00:00 every day');
  assert.equal(day('13 * 0-6'), 'at 00:00 every day');
  assert.equal(day(', * fri'), 'at 00:00 on Friday');
});

test('a field of commas alone lets nothing through', () => {
  for (const schedule of [', * * * *', '* , * * *', '* * , * *', '* * * , *', '* * * * ,', '* * , * ,']) {
    assert.equal(describeSchedule(parseSchedule(schedule)), 'never', schedule);
  }
});

test('two ways to write one schedule read the same', () => {
  const value = (low: number, high: number) => fc.integer({ min: low, max: high });
  const field = (low: number, high: number) =>
    fc.oneof(
      fc.constant('*'),
      value(low, high).map(String),
      fc.tuple(value(low, high), value(low, high)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      value(1, 12).map((step) => `*/${step}`),
      fc.array(value(low, high), { minLength: 1, maxLength: 6 }).map((list) => list.join(',')),
    );
  const schedules = fc
    .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6))
    .map((fields) => fields.join(' '));
  fc.assert(
    fc.property(schedules, (text) => {
      const schedule = parseSchedule(text);
      const words = describeSchedule(schedule);
      assert.equal(describeSchedule(parseSchedule(schedule.toString())), words);
      assert.doesNotMatch(words, /undefined|NaN| {2}|^ | $/);
    }),
  );
});
