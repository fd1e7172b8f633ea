/** What is told of times that brought no run: each once, with its own reason, whatever happens in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiAnswer, ApiRequest, Transport } from '../../src/apimachinery/api-request.ts';
import type { DeepReadonly, Draft } from '../../src/apimachinery/meta/object.ts';
import { newForbidden } from '../../src/apimachinery/status-error.ts';
import type { CronJob, CronJobSpec } from '../../src/apis/batch/index.ts';
import { type ComponentContext, CRONJOBS, EVENTS, JOBS } from '../../src/client/index.ts';
import { newCronJobController } from '../../src/controllers/cronjob/index.ts';
import { JobWorld } from '../harness/job-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const JOB_TEMPLATE = {
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
};

const inUtc = (context: ComponentContext) => newCronJobController(context, { localZone: 'UTC' });

function create(
  world: JobWorld,
  spec: Partial<CronJobSpec>,
  annotations: Record<string, string> = {},
): Promise<DeepReadonly<CronJob>> {
  return world.client.create(CRONJOBS, 'ns', {
    metadata: { name: 'cj', namespace: 'ns', annotations },
    spec: { schedule: '* * * * *', jobTemplate: JOB_TEMPLATE, ...spec },
  } as DeepReadonly<Draft<CronJob>>);
}

const change = (world: JobWorld, spec: object) =>
  world.client.patch(CRONJOBS, 'ns', 'cj', 'application/merge-patch+json', { spec });

/** What the Events MissedSchedule say, oldest first: how many times, up to when (the time of day), and why. */
async function missed(world: JobWorld): Promise<string[]> {
  const { items } = await world.client.list(EVENTS, { namespace: 'ns' });
  const stampOf = (name: string): string => name.slice(name.lastIndexOf('.'));
  return items
    .filter(({ reason }) => reason === 'MissedSchedule')
    .toSorted((a, b) => (stampOf(a.metadata.name) < stampOf(b.metadata.name) ? -1 : 1))
    .map(({ message = '', count = 1 }) => {
      const [, times = '1', at, why] =
        /^No runs? for (?:(?:about )?(\d+) times up to )?\S+ \S+ \S+ \S+ (\d\d:\d\d):\d\d \S+ (.*)$/.exec(
          message,
        ) ?? [];
      assert.equal(count, 1, `told ${count} times: ${message}`);
      return `${times} ${at} ${why}`;
    });
}

async function jobCount(world: JobWorld): Promise<number> {
  return (await world.client.list(JOBS, { namespace: 'ns' })).items.length;
}

const SUSPENDED = 'the CronJob was suspended at the time';
const DEADLINE = 'its starting deadline had passed';
const FORBID = 'an earlier run was still active and the concurrency policy is Forbid';
const DOWN = 'nobody was there to start it: the server was down or its clock was moved';

test('after a time without a controller each missed time has its reason, for each policy and deadline', async () => {
  for (const concurrencyPolicy of ['Allow', 'Forbid', 'Replace'] as const) {
    for (const startingDeadlineSeconds of [undefined, 0, 10, 100]) {
      const world = new JobWorld();
      await create(world, { schedule: '*/10 * * * *', concurrencyPolicy });
      await world.start(inUtc);
      await world.clock.advance(10 * MINUTE + 1000);
      await world.stop();
      if (startingDeadlineSeconds !== undefined) await change(world, { startingDeadlineSeconds });
      await world.clock.advance(40 * MINUTE + 29_000);
      // It is 00:50:30 now; the runs of 00:20, 00:30, 00:40 and 00:50 have not been started.
      await world.start(inUtc);
      await world.clock.advance(1000);
      const inTime = startingDeadlineSeconds === undefined || startingDeadlineSeconds === 100;
      const last = !inTime
        ? [`1 00:50 ${DEADLINE}`]
        : concurrencyPolicy === 'Forbid'
          ? [`1 00:50 ${FORBID}`]
          : [];
      const told = [`3 00:40 ${DOWN}`, ...last];
      const about = `${concurrencyPolicy} ${startingDeadlineSeconds}`;
      assert.deepEqual(await missed(world), told, about);
      assert.equal(await jobCount(world), last.length === 0 && concurrencyPolicy === 'Allow' ? 2 : 1, about);
      // Whoever starts again has nothing more to tell.
      await world.stop();
      await world.start(inUtc);
      await world.clock.advance(1000);
      assert.deepEqual(await missed(world), told, about);
      await world.stop();
      assert.equal(world.clock.pending, 0);
    }
  }
});

test('the times of a suspended CronJob are told of once each, through restarts, and none is left out', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, { suspend: true });
  await world.clock.advance(20 * MINUTE + 30_000);
  for (let restart = 0; restart < 3; restart++) {
    await world.stop();
    await world.clock.advance(5 * MINUTE);
    await world.start(inUtc);
    await world.clock.advance(25 * MINUTE);
  }
  // It is 01:50:30: each minute up to now is one of those told of, but for those since the last hour was full.
  const told = await missed(world);
  assert.deepEqual(
    told.slice(0, 5),
    [1, 2, 3, 4, 5].map((minute) => `1 00:0${minute} ${SUSPENDED}`),
  );
  assert.deepEqual(told.slice(5), [`60 01:05 ${SUSPENDED}`]);
  await change(world, { suspend: false });
  await world.clock.advance(1000);
  // The last of them runs now.
  assert.deepEqual((await missed(world)).slice(6), [`45 01:50 ${SUSPENDED}`]);
  assert.equal(await jobCount(world), 1);
  await world.stop();
});

test('a CronJob that stays suspended is written once an hour', async () => {
  const world = new JobWorld();
  let writes = 0;
  const counting: Transport = {
    send(request: ApiRequest): Promise<ApiAnswer> {
      if (request.resource === 'cronjobs' && request.verb === 'patch') writes += 1;
      return world.transport.send(request);
    },
    watch: (request, observer) => world.transport.watch(request, observer),
  };
  await world.start(inUtc, counting);
  await create(world, { suspend: true });
  await world.clock.advance(24 * HOUR);
  assert.equal(writes, 5 + 23);
  await world.stop();
});

test('a time that a run of before held up is told of as Forbid, once, through a restart, and may run later', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, { schedule: '*/10 * * * *', concurrencyPolicy: 'Forbid' });
  await world.clock.advance(31 * MINUTE);
  await world.stop();
  await world.start(inUtc);
  await world.clock.advance(MINUTE);
  assert.deepEqual(await missed(world), [`1 00:20 ${FORBID}`, `1 00:30 ${FORBID}`]);
  const { items } = await world.client.list(JOBS, { namespace: 'ns' });
  for (const { metadata } of items) {
    await world.client.delete(JOBS, 'ns', metadata.name, { propagationPolicy: 'Background' });
  }
  await world.clock.advance(1000);
  const { status } = await world.client.get(CRONJOBS, 'ns', 'cj');
  assert.equal(status.lastScheduleTime, '2026-01-01T00:30:00Z');
  assert.equal((await missed(world)).length, 2);
  await world.stop();
});

test('with a deadline of nothing every time misses it while the controller looks on', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, { schedule: '0 * * * *', startingDeadlineSeconds: 0 });
  await world.clock.advance(3 * HOUR + 1000);
  assert.deepEqual(
    await missed(world),
    [1, 2, 3].map((hour) => `1 0${hour}:00 ${DEADLINE}`),
  );
  await world.stop();
});

test('a clock set forward brings one run soon, and what it skipped is told of; set back, it brings nothing twice', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, { schedule: '0 * * * *' });
  await world.clock.advance(HOUR + 1000);
  world.clock.setWall(Date.UTC(2026, 0, 1, 5, 30));
  await world.clock.advance(6 * MINUTE);
  assert.deepEqual(await missed(world), [`3 04:00 ${DOWN}`]);
  assert.equal(
    (await world.client.get(CRONJOBS, 'ns', 'cj')).status.lastScheduleTime,
    '2026-01-01T05:00:00Z',
  );
  world.clock.setWall(Date.UTC(2026, 0, 1, 2, 30));
  await world.clock.advance(3 * HOUR);
  assert.equal(await jobCount(world), 2);
  await world.clock.advance(HOUR);
  assert.equal(
    (await world.client.get(CRONJOBS, 'ns', 'cj')).status.lastScheduleTime,
    '2026-01-01T06:00:00Z',
  );
  assert.equal((await missed(world)).length, 1);
  await world.stop();
});

test('what a new schedule would have brought before it was there is not missed', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, { schedule: '0 0 1 1 *' });
  await world.clock.advance(150 * MINUTE);
  await change(world, { schedule: '0 * * * *' });
  await world.clock.advance(HOUR);
  assert.deepEqual(await missed(world), []);
  assert.equal(
    (await world.client.get(CRONJOBS, 'ns', 'cj')).status.lastScheduleTime,
    '2026-01-01T03:00:00Z',
  );
  await world.stop();
});

test('a time whose Job the server refused until the next time came is told of with that reason', async () => {
  const world = new JobWorld();
  let refuses = true;
  const refusing: Transport = {
    send(request) {
      if (refuses && request.resource === 'jobs' && request.verb === 'create') {
        return Promise.reject(newForbidden('batch', 'jobs', 'cj', 'exceeded quota'));
      }
      return world.transport.send(request);
    },
    watch: (request, observer) => world.transport.watch(request, observer),
  };
  await world.start(inUtc, refusing);
  await create(world, { schedule: '*/10 * * * *' });
  await world.clock.advance(25 * MINUTE);
  refuses = false;
  await world.clock.advance(20 * MINUTE);
  // It tried again ever more rarely, so that the time of 00:20 went by as well.
  assert.deepEqual(
    await missed(world),
    ['00:10', '00:20'].map((at) => `1 ${at} its Job could not be created before a later time came due`),
  );
  assert.equal(await jobCount(world), 2);
  await world.stop();
});

test('a year without a controller is told of with an estimate, and costs no walk through it', async () => {
  const world = new JobWorld();
  await create(world, {});
  await world.clock.advance(365 * 24 * HOUR + 30_000);
  await world.start(inUtc);
  await world.clock.advance(1000);
  assert.equal(await jobCount(world), 1);
  assert.deepEqual(await missed(world), [`${365 * 24 * 60 - 1} 23:59 ${DOWN}`]);
  await world.stop();
});
