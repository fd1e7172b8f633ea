import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { type CronJob, TimeZone } from '../../apis/batch/index.ts';
import { dueInAll, dueNow, NoTimesError, tooManyMissed, untilNext } from './due.ts';
import { timetableOf } from './timetable.ts';

interface Traits {
  readonly schedule?: string;
  readonly lastScheduleTime?: string;
  readonly startingDeadlineSeconds?: number;
}

const CREATED = '2026-01-01T00:00:00Z';

function cronJob({ schedule = '0 * * * *', lastScheduleTime, ...spec }: Traits): DeepReadonly<CronJob> {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'cj', namespace: 'ns', uid: 'u', resourceVersion: '1', creationTimestamp: CREATED },
    spec: { schedule, jobTemplate: {}, ...spec },
    status: lastScheduleTime === undefined ? {} : { lastScheduleTime },
  };
}

const UTC = TimeZone.load('UTC');

function due(traits: Traits, now: string): { latest: string | undefined; count: number } {
  const of = cronJob(traits);
  const { latest, count } = dueNow(of, timetableOf(of, UTC), Date.parse(now));
  return { latest: latest === undefined ? undefined : rfc3339(latest), count };
}

function secondsUntilNext(traits: Traits, now: string): number {
  const of = cronJob(traits);
  return (untilNext(of, timetableOf(of, UTC), Date.parse(now)) ?? Number.NaN) / 1000;
}

test('nothing is due before the first time after the creation', () => {
  assert.deepEqual(due({}, '2026-01-01T00:59:59Z'), { latest: undefined, count: 0 });
  assert.deepEqual(due({}, '2026-01-01T01:00:00Z'), { latest: '2026-01-01T01:00:00Z', count: 1 });
});

test('of several missed times the latest is due', () => {
  assert.deepEqual(due({}, '2026-01-01T05:30:00Z'), { latest: '2026-01-01T05:00:00Z', count: 5 });
  const lastScheduleTime = '2026-01-01T03:00:00Z';
  assert.deepEqual(due({ lastScheduleTime }, '2026-01-01T05:30:00Z'), {
    latest: '2026-01-01T05:00:00Z',
    count: 2,
  });
});

test('an irregular schedule has its latest time found near now, and none when the estimate falls into a pause', () => {
  const schedule = '30 6-16/4 * * 1-5';
  assert.equal(due({ schedule }, '2026-01-12T15:00:00Z').latest, '2026-01-12T14:30:00Z');
  // On a Sunday Kubernetes does not find the run of the Friday before.
  assert.equal(due({ schedule }, '2026-01-11T15:00:00Z').latest, undefined);
});

test('@every counts from the last run', () => {
  const traits = { schedule: '@every 40m', lastScheduleTime: '2026-01-01T00:07:00Z' };
  assert.deepEqual(due(traits, '2026-01-01T02:30:00Z'), { latest: '2026-01-01T02:07:00Z', count: 3 });
});

test('the starting deadline hides what is older', () => {
  const traits = { startingDeadlineSeconds: 600 };
  assert.equal(due(traits, '2026-01-01T05:09:00Z').latest, '2026-01-01T05:00:00Z');
  assert.equal(due(traits, '2026-01-01T05:30:00Z').latest, undefined);
  const of = cronJob(traits);
  assert.equal(dueInAll(of, timetableOf(of, UTC), Date.parse('2026-01-01T05:30:00Z')).count, 5);
});

test('more than a hundred missed times are too many', () => {
  const of = cronJob({ schedule: '* * * * *' });
  const after = (minutes: number) => dueNow(of, timetableOf(of, UTC), Date.parse(CREATED) + minutes * 60_000);
  assert.equal(tooManyMissed(after(100)), false);
  assert.equal(tooManyMissed(after(102)), true);
});

test('a schedule without times is refused', () => {
  assert.throws(() => due({ schedule: '0 0 31 2 *' }, '2026-01-01T05:00:00Z'), NoTimesError);
});

test('the next look is a tenth of a second after the next time', () => {
  assert.equal(secondsUntilNext({}, '2026-01-01T00:59:00Z'), 60.1);
  assert.equal(secondsUntilNext({}, '2026-01-01T01:00:00Z'), 3600.1);
  assert.equal(
    secondsUntilNext({ lastScheduleTime: '2026-01-01T01:00:00Z' }, '2026-01-01T01:00:10Z'),
    3590.1,
  );
});

test('a year of missed minutes costs no walk through them', () => {
  const of = cronJob({ schedule: '* * * * *' });
  let asked = 0;
  const timetable = timetableOf(of, UTC);
  const counting = {
    next(after: number) {
      asked += 1;
      return timetable.next(after);
    },
  };
  const { count } = dueNow(of, counting, Date.parse('2036-01-01T00:00:30Z'));
  assert.equal(count, 3652 * 24 * 60);
  assert.ok(asked <= 6, `${asked} times were computed`);
});
