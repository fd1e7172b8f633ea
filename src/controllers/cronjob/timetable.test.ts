import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { type CronJob, TimeZone } from '../../apis/batch/index.ts';
import { offsetWithin, timetableOf } from './timetable.ts';

const UTC = TimeZone.load('UTC');

function cronJob(
  schedule: string,
  {
    timeZone,
    annotations,
    name = 'cj',
  }: { timeZone?: string; annotations?: Record<string, string>; name?: string } = {},
): DeepReadonly<CronJob> {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: {
      name,
      namespace: 'ns',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: { schedule, jobTemplate: {}, ...(timeZone === undefined ? {} : { timeZone }) },
    status: {},
  };
}

function times(of: DeepReadonly<CronJob>, after: string, count: number): string[] {
  const timetable = timetableOf(of, UTC);
  const found: string[] = [];
  let at: number | undefined = Date.parse(after);
  while (found.length < count) {
    at = timetable.next(at);
    if (at === undefined) break;
    found.push(rfc3339(at));
  }
  return found;
}

const once = { 'longshore.dev/dst': 'once' };

test('a schedule is read in the CronJob’s zone, or in its own', () => {
  assert.deepEqual(times(cronJob('0 9 * * *', { timeZone: 'Asia/Tokyo' }), '2026-01-01T00:00:00Z', 2), [
    '2026-01-02T00:00:00Z',
    '2026-01-03T00:00:00Z',
  ]);
  assert.deepEqual(times(cronJob('TZ=Asia/Tokyo 0 9 * * *'), '2026-01-01T12:00:00Z', 1), [
    '2026-01-02T00:00:00Z',
  ]);
});

test('jitter moves all times by one stable offset within the span', () => {
  const annotations = { 'longshore.dev/jitter': '10m' };
  const [first = '', second = ''] = times(cronJob('0 0 * * *', { annotations }), '2026-01-01T00:00:00Z', 2);
  const offset = offsetWithin(600_000, 'ns/cj');
  assert.ok(offset > 0 && offset < 600_000);
  assert.equal(Date.parse(second) - Date.parse(first), 86_400_000);
  assert.equal((Date.parse(first) % 86_400_000) - offset, 0);
});

test('the offsets of a thousand CronJobs are spread evenly', () => {
  const tenths = Array<number>(10).fill(0);
  for (let at = 0; at < 1000; at++) {
    const tenth = Math.floor(offsetWithin(600_000, `ns/cj-${at}`) / 60_000);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) assert.ok(count > 60 && count < 140, String(tenths));
});

test('with dst: once a skipped time runs right after the change', () => {
  const options = { timeZone: 'Europe/Berlin', annotations: once };
  assert.deepEqual(times(cronJob('30 2 * * *', options), '2026-03-28T12:00:00Z', 2), [
    '2026-03-29T01:00:00Z',
    '2026-03-30T00:30:00Z',
  ]);
});

test('with dst: once a repeated time runs the first time only', () => {
  const options = { timeZone: 'Europe/Berlin', annotations: once };
  assert.deepEqual(times(cronJob('30 2 * * *', options), '2026-10-24T12:00:00Z', 2), [
    '2026-10-25T00:30:00Z',
    '2026-10-26T01:30:00Z',
  ]);
});

test('with dst: once what runs every so often is left as it is', () => {
  for (const schedule of ['*/30 * * * *', '15 ? * * *', '0 */2 * * *', '@hourly', '@every 1h']) {
    for (const after of ['2026-03-28T20:00:00Z', '2026-10-24T20:00:00Z']) {
      const timeZone = 'Europe/Berlin';
      assert.deepEqual(
        times(cronJob(schedule, { timeZone, annotations: once }), after, 12),
        times(cronJob(schedule, { timeZone }), after, 12),
      );
    }
  }
});

test('with dst: once every zone runs a daily time once a day, for ten years', () => {
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Africa/Casablanca',
  ];
  for (const timeZone of zones) {
    const daily = times(cronJob('45 1 * * *', { timeZone, annotations: once }), '2026-01-01T12:00:00Z', 3650);
    const zone = TimeZone.load(timeZone);
    const days = daily.map((time) => {
      const second = Date.parse(time) / 1000;
      return Math.floor((second + zone.offsetAt(second)) / 86_400);
    });
    for (const [at, day] of days.entries())
      assert.equal(day, (days[0] ?? 0) + at, `${timeZone} ${daily[at]}`);
  }
});

test('a schedule that never matches has no times, with dst: once as well', () => {
  assert.deepEqual(times(cronJob('0 0 31 2 *'), '2026-01-01T00:00:00Z', 1), []);
  const options = { timeZone: 'Europe/Berlin', annotations: once };
  assert.deepEqual(times(cronJob('0 0 31 2 *', options), '2026-01-01T00:00:00Z', 1), []);
});
