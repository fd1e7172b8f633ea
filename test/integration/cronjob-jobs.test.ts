/** A CronJob and the Jobs that bear its name or its owner reference: which it counts, lists, keeps and deletes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly, Draft } from '../../src/apimachinery/meta/object.ts';
import type { CronJob, CronJobSpec, Job } from '../../src/apis/batch/index.ts';
import { type ComponentContext, CRONJOBS, EVENTS, JOBS } from '../../src/client/index.ts';
import { newCronJobController } from '../../src/controllers/cronjob/index.ts';
import { JobWorld } from '../harness/job-world.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
const TEMPLATE = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };

const inUtc = (context: ComponentContext) => newCronJobController(context, { localZone: 'UTC' });

function create(world: JobWorld, spec: Partial<CronJobSpec> = {}): Promise<DeepReadonly<CronJob>> {
  const jobTemplate = {
    metadata: { labels: { team: 'a' }, annotations: { note: 'b' } },
    spec: { template: TEMPLATE },
  };
  return world.client.create(CRONJOBS, 'ns', {
    metadata: { name: 'cj', namespace: 'ns' },
    spec: { schedule: '* * * * *', jobTemplate, ...spec },
  } as DeepReadonly<Draft<CronJob>>);
}

/** A Job that somebody creates by hand, owned by that CronJob or by nobody. */
function createJob(world: JobWorld, name: string, owner?: DeepReadonly<CronJob>): Promise<DeepReadonly<Job>> {
  const ownerReferences =
    owner === undefined
      ? []
      : [
          {
            apiVersion: 'batch/v1',
            kind: 'CronJob',
            name: owner.metadata.name,
            uid: owner.metadata.uid,
            controller: true,
          },
        ];
  return world.client.create(JOBS, 'ns', {
    metadata: { name, namespace: 'ns', ownerReferences },
    spec: { template: TEMPLATE },
  } as DeepReadonly<Draft<Job>>);
}

/** Ends a Job as the Job controller would. */
async function finish(world: JobWorld, name: string, end: 'Complete' | 'Failed', at: string): Promise<void> {
  const status = {
    startTime: at,
    ...(end === 'Complete' ? { completionTime: at } : {}),
    conditions: ['SuccessCriteriaMet', 'FailureTarget', 'Complete', 'Failed']
      .filter(
        (type) => type === end || type === (end === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'),
      )
      .map((type) => ({ type, status: 'True', lastTransitionTime: at, lastProbeTime: at })),
  };
  await world.client.patch(JOBS, 'ns', name, 'application/merge-patch+json', { status }, 'status');
}

const nameAt = (minutes: number): string => `cj-${START / MINUTE + minutes}`;
const cronJobOf = (world: JobWorld) => world.client.get(CRONJOBS, 'ns', 'cj');

async function jobNames(world: JobWorld): Promise<string[]> {
  const { items } = await world.client.list(JOBS, { namespace: 'ns' });
  return items.map((job) => job.metadata.name).sort();
}

async function messages(world: JobWorld, reason: string): Promise<string[]> {
  const { items } = await world.client.list(EVENTS, { namespace: 'ns' });
  return items.filter((event) => event.reason === reason).map(({ message = '' }) => message);
}

test('a Job has its template’s labels and annotations, its time, and an owner that it blocks', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  const { metadata } = await create(world);
  await world.clock.advance(MINUTE + 1000);
  const job = await world.client.get(JOBS, 'ns', nameAt(1));
  assert.equal(job.metadata.labels?.['team'], 'a');
  assert.deepEqual(job.metadata.annotations, {
    note: 'b',
    'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:01:00Z',
  });
  assert.deepEqual(job.metadata.ownerReferences, [
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      name: 'cj',
      uid: metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
  await world.stop();
});

test('a Job that somebody gave to a CronJob is told of and not listed; its success counts all the same', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  const owner = await create(world, { schedule: '0 0 1 1 *' });
  await createJob(world, 'by-hand', owner);
  await world.clock.advance(1000);
  assert.deepEqual(await messages(world, 'UnexpectedJob'), [
    'Saw a job that the controller did not create or forgot: by-hand',
  ]);
  assert.equal((await cronJobOf(world)).status.active, undefined);
  await finish(world, 'by-hand', 'Complete', '2026-01-01T00:00:05Z');
  await world.clock.advance(1000);
  assert.equal((await cronJobOf(world)).status.lastSuccessfulTime, '2026-01-01T00:00:05Z');
  assert.deepEqual(await messages(world, 'SawCompletedJob'), []);
  await world.stop();
});

test('the last success is the latest one, in whatever order the Jobs end', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world);
  await world.clock.advance(2 * MINUTE + 1000);
  await finish(world, nameAt(2), 'Complete', '2026-01-01T00:02:01Z');
  await world.clock.advance(1000);
  await finish(world, nameAt(1), 'Complete', '2026-01-01T00:01:30Z');
  await world.clock.advance(1000);
  const { status } = await cronJobOf(world);
  assert.deepEqual([status.lastSuccessfulTime, status.active], ['2026-01-01T00:02:01Z', undefined]);
  assert.deepEqual((await messages(world, 'SawCompletedJob')).sort(), [
    `Saw completed job: ${nameAt(1)}, condition: Complete`,
    `Saw completed job: ${nameAt(2)}, condition: Complete`,
  ]);
  await world.stop();
});

test('history limits of nothing keep nothing, and each limit counts its own kind of end', async () => {
  for (const [limits, kept] of [
    [{ successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 }, []],
    [{ successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 1 }, [nameAt(4)]],
    [{ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 }, [nameAt(3)]],
  ] as const) {
    const world = new JobWorld();
    await world.start(inUtc);
    await create(world, limits);
    await world.clock.advance(4 * MINUTE + 1000);
    await world.client.patch(CRONJOBS, 'ns', 'cj', 'application/merge-patch+json', {
      spec: { suspend: true },
    });
    for (const [minute, end] of [
      [1, 'Complete'],
      [2, 'Failed'],
      [3, 'Complete'],
      [4, 'Failed'],
    ] as const) {
      await finish(world, nameAt(minute), end, `2026-01-01T00:0${minute}:30Z`);
    }
    await world.clock.advance(1000);
    assert.deepEqual(await jobNames(world), kept);
    assert.equal((await messages(world, 'SuccessfulDelete')).length, 4 - kept.length);
    assert.equal((await cronJobOf(world)).status.active, undefined);
    await world.stop();
  }
});

test('a Job of somebody else that bears the name of a time keeps that time from running, which is told of', async () => {
  const world = new JobWorld();
  await createJob(world, nameAt(1));
  await world.start(inUtc);
  await create(world);
  await world.clock.advance(MINUTE + 1000);
  assert.deepEqual((await cronJobOf(world)).status, {});
  await world.clock.advance(MINUTE);
  const { status } = await cronJobOf(world);
  assert.equal(status.lastScheduleTime, '2026-01-01T00:02:00Z');
  assert.deepEqual(await messages(world, 'MissedSchedule'), [
    'No run for Thu, 01 Jan 2026 00:01:00 +0000: its Job could not be created before a later time came due',
  ]);
  await world.stop();
});

test('times before a CronJob was created never count, however often its schedule has them', async () => {
  const world = new JobWorld();
  await world.clock.advance(30_000);
  await create(world);
  await world.start(inUtc);
  await world.clock.advance(29_000);
  assert.deepEqual(await jobNames(world), []);
  await world.clock.advance(2000);
  assert.deepEqual(await jobNames(world), [nameAt(1)]);
  await world.stop();
});

test('a new zone counts from its next time on', async () => {
  const world = new JobWorld();
  await world.start(inUtc);
  await create(world, { schedule: '30 0 * * *', timeZone: 'Etc/UTC' });
  await world.clock.advance(60 * MINUTE);
  assert.deepEqual(await jobNames(world), [nameAt(30)]);
  // In Tokyo it is 10:00 and the next 00:30 is at 15:30 in UTC.
  const spec = { timeZone: 'Asia/Tokyo' };
  await world.client.patch(CRONJOBS, 'ns', 'cj', 'application/merge-patch+json', { spec });
  await world.clock.advance(14 * 60 * MINUTE);
  assert.deepEqual(await jobNames(world), [nameAt(30)]);
  await world.clock.advance(31 * MINUTE);
  const name = nameAt(15 * 60 + 30);
  assert.deepEqual(await jobNames(world), [nameAt(30), name]);
  const job = await world.client.get(JOBS, 'ns', name);
  assert.equal(
    job.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'],
    '2026-01-02T00:30:00+09:00',
  );
  assert.deepEqual(await messages(world, 'MissedSchedule'), []);
  await world.stop();
});
