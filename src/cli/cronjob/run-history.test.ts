import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { CronJob, Job } from '../../apis/batch/types.ts';
import type { Event, Pod } from '../../apis/core/types.ts';
import { historyOf } from './run-history.ts';

const CRON_JOB: DeepReadonly<CronJob> = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: {
    name: 'cj',
    namespace: 'ns',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: { schedule: '* * * * *', jobTemplate: {} },
  status: {},
};

const minuteOf = (time: string): number => Date.parse(time) / 60_000;

function metadata(name: string, owner: string, annotations: Record<string, string> = {}) {
  return {
    name,
    namespace: 'ns',
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:01:00Z',
    annotations,
    ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: owner, uid: owner, controller: true }],
  };
}

function job(name: string, status: Job['status'], annotations: Record<string, string>): DeepReadonly<Job> {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadata(name, 'u', annotations),
    spec: { template: {} },
    status,
  };
}

let events = 0;
function event(reason: string, message: string, lastTimestamp: string, uid = 'u'): DeepReadonly<Event> {
  events += 1;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: metadata(`cj.${events}`, ''),
    involvedObject: { kind: 'CronJob', name: 'cj', uid },
    reason,
    message,
    lastTimestamp,
  };
}

test('a Job tells when it was due, when it ran, how it ended, how often it was tried again, and why it failed', () => {
  const at = { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T01:01:00+01:00' };
  const condition = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'too often' };
  const failed = job(
    'cj-1',
    {
      startTime: '2026-01-01T00:01:01Z',
      failed: 3,
      conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:09:00Z' }],
    },
    at,
  );
  const running = job(
    'cj-2',
    { startTime: '2026-01-01T00:20:00Z', active: 1 },
    { 'longshore.dev/run-now': 'a' },
  );
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata('p', 'cj-2'),
    spec: { containers: [] },
    status: { containerStatuses: [{ name: 'c', ready: true, restartCount: 2, image: 'i', imageID: 'i' }] },
  } as DeepReadonly<Pod>;
  const foreign = { ...running, metadata: metadata('other', 'somebody') };
  assert.deepEqual(historyOf(CRON_JOB, { jobs: [running, foreign, failed], pods: [pod], events: [] }), [
    {
      job: 'cj-1',
      cause: 'schedule',
      scheduledFor: '2026-01-01T00:01:00Z',
      started: '2026-01-01T00:01:01Z',
      ended: '2026-01-01T00:09:00Z',
      result: 'Failed',
      retries: 2,
      why: 'BackoffLimitExceeded: too often',
    },
    { job: 'cj-2', cause: 'run-now', started: '2026-01-01T00:20:00Z', result: 'Running', retries: 2 },
  ]);
});

test('runs whose Jobs are gone are told from the Events that are left', () => {
  const name = (time: string): string => `cj-${minuteOf(time)}`;
  const [done, replaced, unknown] = [
    '2026-01-01T00:01:00Z',
    '2026-01-01T00:02:00Z',
    '2026-01-01T00:03:00Z',
  ].map(name);
  const sources = {
    jobs: [],
    pods: [],
    events: [
      event('SuccessfulCreate', `Created job ${done}`, '2026-01-01T00:01:00Z'),
      event('SawCompletedJob', `Saw completed job: ${done}, condition: Complete`, '2026-01-01T00:01:30Z'),
      event('SuccessfulDelete', `Deleted job ${done}`, '2026-01-01T00:05:00Z'),
      event('SuccessfulCreate', `Created job ${replaced}`, '2026-01-01T00:02:00Z'),
      event(
        'SuccessfulDelete',
        `(combined from similar events): Deleted job ${replaced}`,
        '2026-01-01T00:03:00Z',
      ),
      event('SuccessfulCreate', `Created job ${unknown}`, '2026-01-01T00:03:00Z'),
      event(
        'SuccessfulCreate',
        'Created job cj-1',
        '2026-01-01T00:03:00Z',
        'an earlier CronJob of that name',
      ),
    ],
  };
  assert.deepEqual(
    historyOf(CRON_JOB, sources).map(({ job: of, cause, scheduledFor, ended, result }) => [
      of,
      cause,
      scheduledFor,
      ended,
      result,
    ]),
    [
      [done, 'schedule', '2026-01-01T00:01:00Z', '2026-01-01T00:01:30Z', 'Complete'],
      [replaced, 'schedule', '2026-01-01T00:02:00Z', '2026-01-01T00:03:00Z', 'Deleted'],
      [unknown, 'schedule', '2026-01-01T00:03:00Z', undefined, 'Unknown'],
    ],
  );
});

test('times that brought no run are told with their reason', () => {
  const sources = {
    jobs: [],
    pods: [],
    events: [
      event(
        'MissedSchedule',
        'No run for Thu, 01 Jan 2026 00:01:00 +0000: its starting deadline had passed',
        rfc3339(0),
      ),
      event(
        'MissedSchedule',
        'No runs for 12 times up to Thu, 01 Jan 2026 00:20:00 +0000: the server was down',
        rfc3339(0),
      ),
      event(
        'MissedSchedule',
        'No run for longshore.dev/run-now "a: b": it is Forbid',
        '2026-01-01T00:30:00Z',
      ),
      event('FailedCreate', 'Error creating job: exceeded quota', '2026-01-01T00:40:00Z'),
      event('TooManyMissedTimes', 'too many missed start times', '2026-01-01T00:40:00Z'),
    ],
  };
  assert.deepEqual(historyOf(CRON_JOB, sources), [
    {
      cause: 'schedule',
      scheduledFor: '2026-01-01T00:01:00Z',
      result: 'Missed',
      why: 'its starting deadline had passed',
    },
    {
      cause: 'schedule',
      scheduledFor: '2026-01-01T00:20:00Z',
      result: 'Missed',
      why: 'the server was down',
      missed: 12,
    },
    { cause: 'run-now', ended: '2026-01-01T00:30:00Z', result: 'Missed', why: 'it is Forbid' },
    {
      cause: 'schedule',
      ended: '2026-01-01T00:40:00Z',
      result: 'NotCreated',
      why: 'Error creating job: exceeded quota',
    },
  ]);
});

test('runs that began within one second are listed as their Events say, whatever the names of their Jobs', () => {
  const startTime = '2026-01-01T00:01:00Z';
  const named = ['cj-c', 'cj-a', 'cj-b', 'cj-e', 'cj-d'];
  const jobs = named.map((name) => job(name, { startTime }, { 'longshore.dev/run-now': name }));
  const told = named.slice(0, 3).map((name, at) => {
    const { metadata: of, ...rest } = event('SuccessfulCreate', `Created job ${name}`, startTime);
    return { ...rest, metadata: { ...of, name: `cj.1886e4a5b8c0000${at}` } };
  });
  for (const events of [told, told.toReversed()]) {
    for (const order of [jobs, jobs.toReversed()]) {
      assert.deepEqual(
        historyOf(CRON_JOB, { jobs: order, pods: [], events }).map((run) => run.job),
        ['cj-c', 'cj-a', 'cj-b', 'cj-d', 'cj-e'],
      );
    }
  }
});

test('a time that was told of as missed and ran later is one run that says why it was late', () => {
  const at = { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:20:00Z' };
  const late = job('cj-1', { startTime: '2026-01-01T00:25:00Z', active: 1 }, at);
  const told = (minute: number, count = '') =>
    event(
      'MissedSchedule',
      `No run${count && 's'} for ${count}Thu, 01 Jan 2026 00:${minute}:00 +0000: it was suspended`,
      `2026-01-01T00:${minute}:00Z`,
    );
  assert.deepEqual(
    historyOf(CRON_JOB, {
      jobs: [late],
      pods: [],
      events: [told(10), told(20), told(30, 'about 2000 times up to ')],
    }),
    [
      { cause: 'schedule', scheduledFor: '2026-01-01T00:10:00Z', result: 'Missed', why: 'it was suspended' },
      {
        job: 'cj-1',
        cause: 'schedule',
        scheduledFor: '2026-01-01T00:20:00Z',
        started: '2026-01-01T00:25:00Z',
        result: 'Running',
        retries: 0,
        why: 'started late: it was suspended',
      },
      {
        cause: 'schedule',
        scheduledFor: '2026-01-01T00:30:00Z',
        result: 'Missed',
        why: 'it was suspended',
        missed: 2000,
      },
    ],
  );
});

test('what a run used is told, also when its Job is gone', () => {
  const name = `cj-${minuteOf('2026-01-01T00:01:00Z')}`;
  const used = '{"c":{"cpuSeconds":1.5,"peakMemoryBytes":2048},"d":{"cpuSeconds":1,"peakMemoryBytes":4096}}';
  const present = job('cj-29454722', {}, { 'longshore.dev/usage': used });
  const told: DeepReadonly<Event> = {
    ...event('ResourcesUsed', 'c: cpuSeconds=3 peakMemoryBytes=1024', '2026-01-01T00:01:09Z', 'gone'),
    involvedObject: { kind: 'Job', name, uid: 'gone' },
  };
  const events = [
    event('SuccessfulCreate', `Created job ${name}`, '2026-01-01T00:01:00Z'),
    event('SawCompletedJob', `Saw completed job: ${name}, condition: Complete`, '2026-01-01T00:01:09Z'),
    told,
  ];
  const runs = historyOf(CRON_JOB, { jobs: [present], pods: [], events });
  const figures = new Map(runs.map((run) => [run.job, [run.cpuSeconds, run.peakMemoryBytes]]));
  assert.deepEqual(figures.get(name), [3, 1024]);
  assert.deepEqual(figures.get('cj-29454722'), [2.5, 4096]);
  assert.deepEqual(runs.find((run) => run.job === name)?.containers, {
    c: { cpuSeconds: 3, peakMemoryBytes: 1024 },
  });
});
