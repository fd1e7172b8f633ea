import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { type CronJob, type CronJobSpec, TimeZone } from '../../apis/batch/index.ts';
import type { ObjectReference } from '../../apis/core/types.ts';
import { concurrencyOf, decide } from './decide.ts';

const UTC = TimeZone.load('UTC');
const CREATED = '2026-01-01T00:00:00Z';

function cronJob(
  spec: Partial<CronJobSpec>,
  lastScheduleTime?: string,
  annotations: Record<string, string> = {},
): DeepReadonly<CronJob> {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: {
      name: 'cj',
      namespace: 'ns',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: CREATED,
      annotations,
    },
    spec: { schedule: '0 * * * *', jobTemplate: {}, ...spec },
    status: lastScheduleTime === undefined ? {} : { lastScheduleTime },
  };
}

function decided(of: DeepReadonly<CronJob>, now: string, active: readonly ObjectReference[] = []) {
  const { notes, ...rest } = decide(of, active, Date.parse(now), UTC);
  return { told: notes.map(({ type, reason, message }) => `${type} ${reason} ${message}`), ...rest };
}

test('what is wrong with a schedule or a zone is told in Kubernetes’ words, and nothing is looked at again', () => {
  const wrong: readonly (readonly [Partial<CronJobSpec>, readonly string[]])[] = [
    [
      { timeZone: 'Mars/Base', suspend: true },
      ['Warning UnknownTimeZone invalid timeZone: "Mars/Base": unknown time zone Mars/Base'],
    ],
    [
      { schedule: '61 * * * *' },
      [
        'Warning UnparseableSchedule unparseable schedule: "61 * * * *" : end of range (61) above maximum (59): 61',
      ],
    ],
    [
      { schedule: 'TZ=Mars/Base 0 * * * *' },
      [
        'Warning UnsupportedSchedule CRON_TZ or TZ used in schedule "TZ=Mars/Base 0 * * * *" is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
        'Warning UnparseableSchedule unparseable schedule: "TZ=Mars/Base 0 * * * *" : provided bad location Mars/Base: unknown time zone Mars/Base',
      ],
    ],
    [
      { schedule: '0 0 31 2 *' },
      [
        'Warning InvalidSchedule invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second',
      ],
    ],
  ];
  for (const [spec, told] of wrong) {
    assert.deepEqual(decided(cronJob(spec), '2026-01-01T01:00:00Z'), { told }, told.join());
  }
  assert.deepEqual(decided(cronJob({ schedule: 'nonsense', suspend: true }), '2026-01-01T01:00:00Z'), {
    told: [],
  });
});

test('a schedule with a zone of its own runs by it, and each look says that this is not supported', () => {
  const { told, run, time } = decided(
    cronJob({ schedule: 'CRON_TZ=Asia/Tokyo 0 10 * * *' }),
    '2026-01-01T01:00:00.100Z',
  );
  assert.match(told.join(), /^Warning UnsupportedSchedule CRON_TZ or TZ used in schedule/);
  assert.deepEqual([run, time], [true, Date.parse('2026-01-01T01:00:00Z')]);
});

test('a time that has run, or runs, is not started again', () => {
  const minute = Date.parse('2026-01-01T01:00:00Z') / 60_000;
  const at = '2026-01-01T01:00:10Z';
  assert.equal(decided(cronJob({}, '2026-01-01T01:00:00Z'), at).run, undefined);
  assert.equal(decided(cronJob({}), at, [{ name: `cj-${minute}` }]).run, undefined);
  assert.equal(decided(cronJob({}), at, [{ name: 'cj-1' }]).run, true);
});

test('more than a hundred missed times are told of, and the latest runs', () => {
  const { told, run, time } = decided(cronJob({ schedule: '* * * * *' }), '2026-01-01T01:42:30Z');
  assert.deepEqual(told, [
    'Warning TooManyMissedTimes too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
  ]);
  assert.deepEqual([run, time], [true, Date.parse('2026-01-01T01:42:00Z')]);
  const deadline = cronJob({ schedule: '* * * * *', startingDeadlineSeconds: 600 });
  assert.deepEqual(decided(deadline, '2026-01-01T01:42:30Z').told, []);
});

test('Forbid says that a run is active; the rules of concurrency do not care why', () => {
  const forbid = cronJob({ concurrencyPolicy: 'Forbid' });
  assert.deepEqual(decided(forbid, '2026-01-01T01:00:10Z', [{ name: 'cj-1' }]), {
    told: [
      'Normal JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid',
    ],
    time: Date.parse('2026-01-01T01:00:00Z'),
    missed: 'forbid',
    againMs: 3_590_100,
  });
  const two = { 'longshore.dev/max-active': '2' };
  assert.equal(concurrencyOf(cronJob({}, undefined, two), [{}]), 'run');
  assert.equal(concurrencyOf(cronJob({}, undefined, two), [{}, {}]), 'maxActive');
  assert.equal(concurrencyOf(cronJob({ concurrencyPolicy: 'Replace' }, undefined, two), [{}, {}]), 'replace');
});

test('a CronJob that is being deleted starts nothing', () => {
  const { metadata, ...rest } = cronJob({});
  const leaving = { ...rest, metadata: { ...metadata, deletionTimestamp: CREATED } };
  assert.deepEqual(decided(leaving, '2026-01-01T01:00:10Z'), { told: [] });
});
