import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { rfc3339 } from '../../src/apimachinery/clock.ts';
import { JOBS } from '../../src/client/index.ts';
import { newTtlAfterFinishedController } from '../../src/controllers/ttl-after-finished/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

async function world(t: TestContext): Promise<WholeWorld> {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.namespaces('a');
  await made.start((context) => newTtlAfterFinishedController(context));
  return made;
}

async function finishedJob(
  made: WholeWorld,
  name: string,
  type: 'Complete' | 'Failed',
  ttlSecondsAfterFinished?: number,
  annotations?: Record<string, string>,
): Promise<void> {
  await made.client.create(JOBS, 'a', {
    metadata: { name, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      ...(ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished }),
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } },
    },
  });
  const at = rfc3339(made.clock.now());
  const before = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const condition = { status: 'True', lastTransitionTime: at, lastProbeTime: at };
  const ends = type === 'Complete' ? { completionTime: at, succeeded: 1 } : { failed: 1 };
  const conditions = [
    { type: before, ...condition },
    { type, ...condition },
  ];
  const job = await made.client.get(JOBS, 'a', name);
  await made.client.updateStatus(JOBS, {
    ...job,
    status: { ...job.status, startTime: at, ...ends, conditions },
  });
}

const there = async (made: WholeWorld, name: string): Promise<boolean> => {
  const job = await made.find(JOBS, 'a', name);
  return job !== undefined && job.metadata.deletionTimestamp === undefined;
};

test('a finished Job is deleted in the foreground when its time is over, and not before', async (t) => {
  const made = await world(t);
  await finishedJob(made, 'short', 'Complete', 60);
  await finishedJob(made, 'kept', 'Complete');
  await made.settle(59_000);
  assert.equal(await there(made, 'short'), true);
  await made.settle(2_000);
  const job = await made.client.get(JOBS, 'a', 'short');
  assert.deepEqual(job.metadata.finalizers, ['foregroundDeletion']);
  await made.settle(3_600_000);
  assert.equal(await there(made, 'kept'), true);
});

test('zero seconds means at once', async (t) => {
  const made = await world(t);
  await finishedJob(made, 'gone', 'Failed', 0);
  await made.settle();
  assert.equal(await there(made, 'gone'), false);
});

test('a Job given more time in the meantime has it', async (t) => {
  const made = await world(t);
  await finishedJob(made, 'extended', 'Complete', 60);
  await made.settle(30_000);
  await made.client.patch(JOBS, 'a', 'extended', 'application/merge-patch+json', {
    spec: { ttlSecondsAfterFinished: 600 },
  });
  await made.settle(300_000);
  assert.equal(await there(made, 'extended'), true);
  await made.settle(300_000);
  assert.equal(await there(made, 'extended'), false);
});

test('the annotations give failed and succeeded Jobs a time of their own', async (t) => {
  const made = await world(t);
  const annotations = { 'longshore.dev/ttl-after-failed': '1h', 'longshore.dev/ttl-after-succeeded': '10s' };
  await finishedJob(made, 'failed', 'Failed', 60, annotations);
  await finishedJob(made, 'succeeded', 'Complete', 60, annotations);
  await finishedJob(made, 'only-failed', 'Failed', undefined, { 'longshore.dev/ttl-after-failed': '20s' });
  await made.settle(15_000);
  assert.deepEqual(
    await Promise.all(['failed', 'succeeded', 'only-failed'].map((name) => there(made, name))),
    [true, false, true],
  );
  await made.settle(3_000_000);
  assert.deepEqual(await Promise.all(['failed', 'only-failed'].map((name) => there(made, name))), [
    true,
    false,
  ]);
  await made.settle(700_000);
  assert.equal(await there(made, 'failed'), false);
});
