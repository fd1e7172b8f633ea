import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newJobController } from '../../src/controllers/job/index.ts';
import { JobWorld } from '../harness/job-world.ts';

test('a Job of five pods, two at a time, runs to its end', async () => {
  const world = new JobWorld();
  await world.start(newJobController);
  const kubelet = await world.runPods(() => ({ ms: 1000, exitCode: 0 }));
  await world.createJob('j', { completions: 5, parallelism: 2 });
  await world.clock.advance(500);
  const early = await world.job('j');
  assert.deepEqual([early.status.active, early.status.ready], [2, 2]);
  await world.clock.advance(10_000);
  const { status } = await world.job('j');
  assert.deepEqual(
    { ...status, conditions: status.conditions?.map((each) => [each.type, each.status, each.reason]) },
    {
      startTime: '2026-01-01T00:00:00Z',
      completionTime: '2026-01-01T00:00:03Z',
      succeeded: 5,
      ready: 0,
      terminating: 0,
      uncountedTerminatedPods: {},
      conditions: [
        ['SuccessCriteriaMet', 'True', 'CompletionsReached'],
        ['Complete', 'True', 'CompletionsReached'],
      ],
    },
  );
  const pods = await world.pods('j');
  assert.deepEqual(
    pods.map((pod) => [pod.status.phase, pod.metadata.finalizers]),
    Array(5).fill(['Succeeded', undefined]),
  );
  kubelet.stop();
  await world.stop();
  assert.equal(world.clock.pending, 0);
});

test('an Indexed Job runs each index once', async () => {
  const world = new JobWorld();
  await world.start(newJobController);
  const kubelet = await world.runPods(() => ({ ms: 100, exitCode: 0 }));
  await world.createJob('j', { completions: 40, parallelism: 7, completionMode: 'Indexed' });
  await world.clock.advance(10_000);
  const { status } = await world.job('j');
  assert.deepEqual([status.completedIndexes, status.succeeded, status.failed], ['0-39', 40, undefined]);
  const pods = await world.pods('j');
  const names = pods.map((pod) => pod.metadata.name.replace(/-.....$/, ''));
  assert.deepEqual(new Set(names).size, 40);
  assert.deepEqual(pods[0]?.spec.hostname, 'j-0');
  kubelet.stop();
  await world.stop();
});
