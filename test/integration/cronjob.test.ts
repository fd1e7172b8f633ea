import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport } from '../../src/apimachinery/api-request.ts';
import { rfc3339 } from '../../src/apimachinery/clock.ts';
import type { DeepReadonly, Draft } from '../../src/apimachinery/meta/object.ts';
import { seededRandom } from '../../src/apimachinery/random.ts';
import {
  type CronJob,
  type CronJobSpec,
  type Job,
  parseSchedule,
  TimeZone,
} from '../../src/apis/batch/index.ts';
import { type ComponentContext, CRONJOBS, EVENTS, JOBS } from '../../src/client/index.ts';
import { newCronJobController } from '../../src/controllers/cronjob/index.ts';
import { newJobController } from '../../src/controllers/job/index.ts';
import { FaultyTransport } from '../harness/faulty-transport.ts';
import { JobWorld } from '../harness/job-world.ts';

const MINUTE = 60_000;
const JOB_TEMPLATE = {
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
};

const inUtc = (context: ComponentContext) => newCronJobController(context, { localZone: 'UTC' });

function create(
  world: JobWorld,
  name: string,
  spec: Partial<CronJobSpec>,
  annotations?: Record<string, string>,
): Promise<DeepReadonly<CronJob>> {
  const metadata = { name, namespace: 'ns', ...(annotations === undefined ? {} : { annotations }) };
  return world.client.create(CRONJOBS, 'ns', {
    metadata,
    spec: { schedule: '* * * * *', jobTemplate: JOB_TEMPLATE, ...spec },
  } as DeepReadonly<Draft<CronJob>>);
}

const cronJobOf = (world: JobWorld, name: string) => world.client.get(CRONJOBS, 'ns', name);

async function jobNames(world: JobWorld): Promise<string[]> {
  const { items } = await world.client.list(JOBS, { namespace: 'ns' });
  return items.map((job) => job.metadata.name).sort();
}

/** Reasons of the Events recorded so far, in order. */
async function reasons(world: JobWorld): Promise<string[]> {
  const { items } = await world.client.list(EVENTS, { namespace: 'ns' });
  return items.flatMap((event) => Array<string>(event.count ?? 1).fill(event.reason ?? '')).sort();
}

test('a CronJob starts a Job a minute, named after the minute, and lists it as active', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, 'cj', { timeZone: 'Asia/Tokyo' });
  await world.clock.advance(2 * MINUTE + 1000);
  const minute = Date.UTC(2026, 0, 1) / MINUTE;
  assert.deepEqual(await jobNames(world), [`cj-${minute + 1}`, `cj-${minute + 2}`]);
  const { status } = await cronJobOf(world, 'cj');
  assert.equal(status.lastScheduleTime, '2026-01-01T00:02:00Z');
  assert.deepEqual(
    status.active?.map(({ kind, apiVersion, name }) => [kind, apiVersion, name]),
    [
      ['Job', 'batch/v1', `cj-${minute + 1}`],
      ['Job', 'batch/v1', `cj-${minute + 2}`],
    ],
  );
  const job = await world.client.get(JOBS, 'ns', `cj-${minute + 1}`);
  assert.equal(
    job.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'],
    '2026-01-01T09:01:00+09:00',
  );
  assert.deepEqual(
    job.metadata.ownerReferences?.map(({ kind, name, controller }) => [kind, name, controller]),
    [['CronJob', 'cj', true]],
  );
  await world.stop();
  assert.equal(world.clock.pending, 0);
});

test('Forbid starts nothing while a run is active, Replace deletes it, Allow lets both run', async () => {
  for (const [concurrencyPolicy, active] of [
    ['Forbid', 1],
    ['Replace', 1],
    ['Allow', 3],
  ] as const) {
    const world = new JobWorld();
    await world.start(inUtc);
    await create(world, 'cj', { concurrencyPolicy });
    await world.clock.advance(3 * MINUTE + 1000);
    const { status } = await cronJobOf(world, 'cj');
    assert.equal(status.active?.length, active, concurrencyPolicy);
    const last = concurrencyPolicy === 'Forbid' ? '2026-01-01T00:01:00Z' : '2026-01-01T00:03:00Z';
    assert.equal(status.lastScheduleTime, last);
    assert.equal((await jobNames(world)).length, active);
    await world.stop();
  }
});

test('longshore.dev/max-active allows so many runs at a time', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, 'cj', {}, { 'longshore.dev/max-active': '2' });
  await world.clock.advance(5 * MINUTE);
  assert.equal((await jobNames(world)).length, 2);
  assert.ok((await reasons(world)).includes('MissedSchedule'));
  await world.stop();
});

test('finished Jobs beyond the history limits are deleted, oldest first, and successes are noted', async () => {
  const world = new JobWorld();
  await world.start((context) => {
    const parts = [inUtc(context), newJobController(context)];
    return {
      name: 'both',
      start: async () => void (await Promise.all(parts.map((part) => part.start()))),
      stop: async () => void (await Promise.all(parts.map((part) => part.stop()))),
    };
  });
  const kubelet = await world.runPods(() => ({ ms: 5000, exitCode: 0 }));
  await create(world, 'cj', { successfulJobsHistoryLimit: 2 });
  await world.clock.advance(6 * MINUTE + 30_000);
  const minute = Date.UTC(2026, 0, 1) / MINUTE;
  assert.deepEqual(await jobNames(world), [`cj-${minute + 5}`, `cj-${minute + 6}`]);
  const { status } = await cronJobOf(world, 'cj');
  assert.deepEqual([status.active, status.lastSuccessfulTime], [undefined, '2026-01-01T00:06:05Z']);
  kubelet.stop();
  await world.stop();
});

test('a suspended CronJob starts nothing, tells of each time, and catches up with one run when it is resumed', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, 'cj', { suspend: true });
  await world.clock.advance(3 * MINUTE + 30_000);
  assert.deepEqual(await jobNames(world), []);
  assert.equal((await reasons(world)).filter((each) => each === 'MissedSchedule').length, 3);
  const patch = { spec: { suspend: false } };
  await world.client.patch(CRONJOBS, 'ns', 'cj', 'application/merge-patch+json', patch);
  await world.clock.advance(1000);
  assert.deepEqual(await jobNames(world), [`cj-${Date.UTC(2026, 0, 1, 0, 3) / MINUTE}`]);
  await world.stop();
});

test('after a time without a controller one run catches up, unless its deadline has passed', async () => {
  for (const concurrencyPolicy of ['Allow', 'Forbid', 'Replace'] as const) {
    for (const startingDeadlineSeconds of [undefined, 10, 100]) {
      const world = new JobWorld();
      await world.start(inUtc);
      const deadline = startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds };
      await create(world, 'cj', { schedule: '*/10 * * * *', concurrencyPolicy, ...deadline });
      await world.clock.advance(10 * MINUTE + 1000);
      await world.stop();
      await world.clock.advance(40 * MINUTE + 29_000);
      // It is 00:50:30 now; the runs of 00:20, 00:30, 00:40 and 00:50 have not been started.
      await world.start(inUtc);
      await world.clock.advance(1000);
      const catchesUp = startingDeadlineSeconds !== 10 && concurrencyPolicy !== 'Forbid';
      const { status } = await cronJobOf(world, 'cj');
      const told = `${concurrencyPolicy} ${startingDeadlineSeconds}`;
      assert.equal(
        status.lastScheduleTime,
        catchesUp ? '2026-01-01T00:50:00Z' : '2026-01-01T00:10:00Z',
        told,
      );
      assert.equal((await jobNames(world)).length, catchesUp && concurrencyPolicy === 'Allow' ? 2 : 1, told);
      assert.ok((await reasons(world)).includes('MissedSchedule'), told);
      await world.stop();
    }
  }
});

test('more than a hundred missed times bring a warning and one run', async () => {
  const world = new JobWorld();
  await create(world, 'cj', {});
  await world.clock.advance(200 * MINUTE);
  await world.start(inUtc);
  await world.clock.advance(10);
  assert.equal((await jobNames(world)).length, 1);
  assert.ok((await reasons(world)).includes('TooManyMissedTimes'));
  await world.stop();
});

test('each new value of longshore.dev/run-now starts one run, also of a suspended CronJob', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, 'cj', { suspend: true, schedule: '0 0 1 1 *' }, { 'longshore.dev/run-now': 'a' });
  await world.clock.advance(1000);
  assert.equal((await jobNames(world)).length, 1);
  const patch = { metadata: { annotations: { 'longshore.dev/run-now': 'b' } } };
  await world.client.patch(CRONJOBS, 'ns', 'cj', 'application/merge-patch+json', patch);
  await world.clock.advance(1000);
  const names = await jobNames(world);
  assert.equal(names.length, 2);
  for (const name of names) await world.client.delete(JOBS, 'ns', name, { propagationPolicy: 'Background' });
  await world.stop();
  await world.start(inUtc);
  await world.clock.advance(1000);
  assert.deepEqual([await jobNames(world), (await cronJobOf(world, 'cj')).status.active], [[], undefined]);
  await world.stop();
});

test('a new schedule counts from its next time on', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, 'cj', { schedule: '0 0 1 1 *' });
  await world.clock.advance(90 * MINUTE);
  await world.client.patch(CRONJOBS, 'ns', 'cj', 'application/merge-patch+json', {
    spec: { schedule: '0 * * * *' },
  });
  await world.clock.advance(20 * MINUTE);
  assert.deepEqual(await jobNames(world), []);
  await world.clock.advance(11 * MINUTE);
  assert.deepEqual(await jobNames(world), [`cj-${Date.UTC(2026, 0, 1, 2) / MINUTE}`]);
  await world.stop();
});

test('an active Job that is deleted by hand is noticed', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, 'cj', { concurrencyPolicy: 'Forbid' });
  await world.clock.advance(MINUTE + 1000);
  const [name = ''] = await jobNames(world);
  await world.client.delete(JOBS, 'ns', name, { propagationPolicy: 'Background' });
  await world.clock.advance(1000);
  assert.equal((await cronJobOf(world, 'cj')).status.active, undefined);
  assert.ok((await reasons(world)).includes('MissingJob'));
  await world.clock.advance(MINUTE);
  assert.equal((await jobNames(world)).length, 1);
  await world.stop();
});

test('stopped after any of its writes, it starts each run once and lists it once', async () => {
  for (const losesLastAnswer of [false, true]) {
    for (let diesAfterWrites = 1, dead = true; dead; diesAfterWrites++) {
      const world = new JobWorld();
      const faults = { diesAfterWrites, losesLastAnswer };
      const transport = new FaultyTransport(world.transport, world.clock, seededRandom(1), faults);
      await world.start(inUtc, transport);
      await create(world, 'cj', {}, { 'longshore.dev/run-now': 'a' });
      for (let third = 0; third < 12 && !transport.dead; third++) await world.clock.advance(20_000);
      await world.stop();
      await world.start(inUtc);
      await world.clock.advance(5 * MINUTE - (world.clock.now() - Date.UTC(2026, 0, 1)) + 1000);
      ({ dead } = transport);
      const names = await jobNames(world);
      assert.equal(names.length, 6, `${diesAfterWrites} ${losesLastAnswer}: ${names.join()}`);
      const { status } = await cronJobOf(world, 'cj');
      assert.deepEqual(status.active?.map((each) => each.name).sort(), names);
      assert.equal(status.lastScheduleTime, '2026-01-01T00:05:00Z');
      await world.stop();
    }
  }
});

const SCHEDULES = [
  '30 2 * 3,10,11 *',
  '0 0 * 4,9 1-5',
  '15 1 * * sun',
  '0 12 1 * *',
  '59 23 31 * *',
  '0 0 29 2 *',
  '*/30 3 1 1,7 *',
  '0 0 13 * fri',
  '@monthly',
  '@weekly',
  '20 4 */10 * *',
  '0 9-17/4 * 3 tue',
];
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'America/Sao_Paulo',
];

/** A year has half a million bookmarks for each watch; nobody here needs them. */
function withoutBookmarks(transport: Transport): Transport {
  return {
    send: (request) => transport.send(request),
    watch(request, observer) {
      const { allowWatchBookmarks: _, ...parameters } = request.parameters ?? {};
      return transport.watch({ ...request, parameters }, observer);
    },
  };
}

test('a year of twelve schedules in six zones brings the runs of the table and no other', async () => {
  const world = new JobWorld();
  const year = 365 * 86_400_000;
  const begin = world.clock.now();
  const runs = new Map<string, number[]>();
  const seen = (job: DeepReadonly<Job>): void => {
    const at = job.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? '';
    const cronJob = job.metadata.ownerReferences?.[0]?.name ?? '';
    runs.set(cronJob, [...(runs.get(cronJob) ?? []), Date.parse(at)]);
  };
  await world.start((context) => {
    context.informer(JOBS).onChange({ added: seen });
    return inUtc(context);
  }, withoutBookmarks(world.transport));
  const expected = new Map<string, number[]>();
  for (const [i, schedule] of SCHEDULES.entries()) {
    for (const [k, timeZone] of ZONES.entries()) {
      const name = `cj-${i}-${k}`;
      await create(world, name, { schedule, timeZone, concurrencyPolicy: 'Replace' });
      const [parsed, zone] = [parseSchedule(schedule), TimeZone.load(timeZone)];
      const times: number[] = [];
      for (
        let at = parsed.next(begin, zone);
        at !== undefined && at <= begin + year;
        at = parsed.next(at, zone)
      ) {
        times.push(at);
      }
      if (times.length > 0) expected.set(name, times);
    }
  }
  await world.clock.advance(year + 1000);
  for (const [name, times] of expected)
    assert.deepEqual(runs.get(name)?.map(rfc3339), times.map(rfc3339), name);
  assert.equal(runs.size, expected.size);
  await world.stop();
});
