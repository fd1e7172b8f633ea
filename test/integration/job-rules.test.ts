import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly, Draft } from '../../src/apimachinery/meta/object.ts';
import { newForbidden } from '../../src/apimachinery/status-error.ts';
import type { Job } from '../../src/apis/batch/index.ts';
import type { Pod } from '../../src/apis/core/types.ts';
import { EVENTS, JOBS, PODS } from '../../src/client/index.ts';
import { newJobController } from '../../src/controllers/job/index.ts';
import { JobWorld } from '../harness/job-world.ts';

const TRACKING = 'batch.kubernetes.io/job-tracking';
const MERGE = 'application/merge-patch+json';

async function worldWithController(): Promise<JobWorld> {
  const world = new JobWorld();
  await world.start(newJobController);
  return world;
}

function conditionsOf({ status }: DeepReadonly<Job>): unknown[] {
  return (status.conditions ?? []).map(({ type, status: value, reason }) => [type, value, reason]);
}

async function messages(world: JobWorld): Promise<string[]> {
  const { items } = await world.client.list(EVENTS, { namespace: 'ns' });
  return items.map((event) => `${event.type} ${event.reason} ${event.message}`).sort();
}

function bare(world: JobWorld, name: string, labels: Record<string, string>): Promise<DeepReadonly<Pod>> {
  const spec = { containers: [{ name: 'c', image: 'busybox' }] };
  return world.client.create(PODS, 'ns', {
    metadata: { name, namespace: 'ns', labels },
    spec,
  } as DeepReadonly<Draft<Pod>>);
}

test('a suspended Job loses its pods without counting them, and starts anew when it is resumed', async () => {
  const world = await worldWithController();
  await world.createJob('j', { parallelism: 2, completions: 2 });
  await world.clock.advance(5000);
  await world.client.patch(JOBS, 'ns', 'j', MERGE, { spec: { suspend: true } });
  await world.clock.advance(5000);
  const suspended = await world.job('j');
  assert.deepEqual(conditionsOf(suspended), [['Suspended', 'True', 'JobSuspended']]);
  assert.deepEqual(
    [
      suspended.status.active,
      suspended.status.failed,
      suspended.status.startTime,
      (await world.pods()).length,
    ],
    [undefined, undefined, undefined, 0],
  );
  await world.client.patch(JOBS, 'ns', 'j', MERGE, { spec: { suspend: false } });
  await world.clock.advance(5000);
  const resumed = await world.job('j');
  assert.deepEqual(conditionsOf(resumed), [['Suspended', 'False', 'JobResumed']]);
  assert.deepEqual([resumed.status.active, resumed.status.startTime], [2, '2026-01-01T00:00:10Z']);
  const told = await messages(world);
  assert.ok(told.includes('Normal Suspended Job suspended') && told.includes('Normal Resumed Job resumed'));
  await world.stop();
});

test('the deadline counts from the resumption, and running pods are waited for before the Job has failed', async () => {
  const world = await worldWithController();
  const kubelet = await world.runPods(() => undefined);
  await world.createJob('j', { suspend: true, activeDeadlineSeconds: 20 });
  await world.clock.advance(60_000);
  await world.client.patch(JOBS, 'ns', 'j', MERGE, { spec: { suspend: false } });
  await world.clock.advance(19_000);
  assert.equal((await world.job('j')).status.active, 1);
  await world.clock.advance(2000);
  const job = await world.job('j');
  assert.deepEqual(conditionsOf(job).slice(1), [
    ['FailureTarget', 'True', 'DeadlineExceeded'],
    ['Failed', 'True', 'DeadlineExceeded'],
  ]);
  assert.equal(job.status.failed, 1);
  kubelet.stop();
  await world.stop();
});

test('a pod that its selector matches and nobody owns is adopted, one that matches no more is released', async () => {
  const world = await worldWithController();
  await bare(world, 'p', { own: 'me' });
  await world.createJob('j', {
    manualSelector: true,
    selector: { matchLabels: { own: 'me' } },
    template: {
      metadata: { labels: { own: 'me' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] },
    },
  });
  await world.clock.advance(1000);
  const adopted = await world.client.get(PODS, 'ns', 'p');
  assert.deepEqual(
    [adopted.metadata.ownerReferences?.[0]?.name, adopted.metadata.finalizers],
    ['j', [TRACKING]],
  );
  assert.deepEqual([(await world.job('j')).status.active, (await world.pods()).length], [1, 1]);
  await world.client.patch(PODS, 'ns', 'p', MERGE, { metadata: { labels: { own: 'other' } } });
  await world.clock.advance(1000);
  const released = await world.client.get(PODS, 'ns', 'p');
  assert.deepEqual([released.metadata.ownerReferences ?? [], released.metadata.finalizers ?? []], [[], []]);
  assert.equal((await world.pods('j')).length, 1, 'another pod has taken its place');
  await world.client.patch(PODS, 'ns', 'p', MERGE, { metadata: { labels: { own: 'me' } } });
  await world.clock.advance(1000);
  const present = (await world.pods('j')).map((pod) => pod.metadata.name);
  assert.equal(present.length, 1, `one of two goes again: ${present.join()}`);
  await world.stop();
});

test('the pods of a deleted Job lose their finalizer, and so do pods that lost their owner', async () => {
  const world = await worldWithController();
  await world.createJob('j', { parallelism: 3, completions: 3 });
  await world.clock.advance(1000);
  const [first] = await world.pods('j');
  assert.ok(first);
  await world.client.patch(PODS, 'ns', first.metadata.name, MERGE, {
    metadata: { ownerReferences: null, labels: null },
  });
  await world.clock.advance(1000);
  assert.equal((await world.client.get(PODS, 'ns', first.metadata.name)).metadata.finalizers, undefined);
  await world.client.delete(JOBS, 'ns', 'j', { propagationPolicy: 'Background' });
  await world.clock.advance(1000);
  for (const pod of await world.pods()) assert.equal(pod.metadata.finalizers, undefined);
  await world.stop();
});

test('a Job managed by another controller is left alone, with its pods', async () => {
  const world = await worldWithController();
  await world.createJob('j', { managedBy: 'example.com/other' });
  await world.clock.advance(60_000);
  assert.deepEqual([(await world.job('j')).status, await world.pods()], [{}, []]);
  await world.stop();
});

test('a quota that refuses pods gets one try at a time, with an event', async () => {
  const world = new JobWorld();
  let creates = 0;
  const transport = {
    watch: world.transport.watch.bind(world.transport),
    send(request: Parameters<typeof world.transport.send>[0]) {
      if (request.verb !== 'create' || request.resource !== 'pods') return world.transport.send(request);
      creates += 1;
      return Promise.reject(newForbidden('', 'pods', 'j-x', 'exceeded quota'));
    },
  };
  await world.start(newJobController, transport);
  await world.createJob('j', { parallelism: 50, completions: 50 });
  await world.clock.advance(10_000);
  assert.ok(creates >= 3 && creates <= 5, `${creates} tries in ten seconds`);
  const told = await messages(world);
  assert.deepEqual(told, ['Warning FailedCreate Error creating: pods "j-x" is forbidden: exceeded quota']);
  await world.stop();
});

test('pods that end together are judged together', async () => {
  const world = await worldWithController();
  const successPolicy = { rules: [{ succeededIndexes: '0' }] };
  await world.createJob('j', { parallelism: 3, completions: 3, completionMode: 'Indexed', successPolicy });
  await world.clock.advance(1000);
  for (const pod of await world.pods('j')) {
    await world.play(pod, 'Succeeded');
    await world.clock.advance(100);
  }
  await world.clock.advance(2000);
  const { status } = await world.job('j');
  assert.deepEqual([status.completedIndexes, status.succeeded, status.failed], ['0-2', 3, undefined]);
  await world.stop();
});

test('a met success policy stops the other pods, which count neither way', async () => {
  const world = await worldWithController();
  const kubelet = await world.runPods((pod) =>
    pod.spec.hostname === 'j-1' ? { ms: 1000, exitCode: 0 } : undefined,
  );
  const successPolicy = { rules: [{ succeededCount: 1 }] };
  await world.createJob('j', { parallelism: 3, completions: 3, completionMode: 'Indexed', successPolicy });
  await world.clock.advance(10_000);
  const job = await world.job('j');
  assert.deepEqual(conditionsOf(job), [
    ['SuccessCriteriaMet', 'True', 'SuccessPolicy'],
    ['Complete', 'True', 'SuccessPolicy'],
  ]);
  const { completedIndexes, succeeded, failed } = job.status;
  assert.deepEqual(
    [completedIndexes, succeeded, failed, (await world.pods()).length],
    ['1', 1, undefined, 1],
  );
  kubelet.stop();
  await world.stop();
});

test('longshore.dev/retry-delay sets the time between tries', async () => {
  const world = await worldWithController();
  const kubelet = await world.runPods((_pod, attempt) => ({ ms: 0, exitCode: attempt < 3 ? 1 : 0 }));
  await world.createJob('j', {}, { 'longshore.dev/retry-delay': '1s..2s' });
  await world.clock.advance(30_000);
  const { status } = await world.job('j');
  assert.deepEqual([status.succeeded, status.failed], [1, 3]);
  const { completionTime = '' } = status;
  assert.ok(Date.parse(completionTime) <= world.clock.now() - 22_000, completionTime);
  kubelet.stop();
  await world.stop();
});

test('longshore.dev/fail-on-image-pull fails a pod that cannot get its image, and says so in the condition', async () => {
  const world = await worldWithController();
  await world.createJob('j', { backoffLimit: 0 }, { 'longshore.dev/fail-on-image-pull': '5m' });
  await world.createJob('k', { backoffLimit: 0 });
  await world.clock.advance(1000);
  for (const { metadata } of await world.pods()) {
    const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
    const containerStatuses = [
      { name: 'c', image: 'busybox', imageID: '', ready: false, restartCount: 0, state: { waiting } },
    ];
    const status = { phase: 'Pending', startTime: '2026-01-01T00:00:01Z', containerStatuses };
    await world.client.patch(PODS, 'ns', metadata.name, MERGE, { status }, 'status');
  }
  await world.clock.advance(4 * 60_000);
  assert.equal((await world.job('j')).status.active, 1);
  await world.clock.advance(70_000);
  const { status } = await world.job('j');
  const failed = status.conditions?.find((each) => each.type === 'Failed');
  assert.equal(failed?.reason, 'BackoffLimitExceeded');
  assert.match(
    failed?.message ?? '',
    /^Job has reached the specified backoff limit: Container c of pod j-\w{5} could not get its image or configuration for 5m0s \(ImagePullBackOff: no such image\)$/,
  );
  assert.equal((await world.job('k')).status.active, 1, 'without the annotation it waits for ever');
  await world.stop();
});

test('a finished Job is left as it is, also by a controller that starts later', async () => {
  const world = await worldWithController();
  const kubelet = await world.runPods(() => ({ ms: 0, exitCode: 0 }));
  await world.createJob('j', { completions: 2 });
  await world.clock.advance(2000);
  const { resourceVersion } = (await world.job('j')).metadata;
  await world.stop();
  await world.start(newJobController);
  for (const pod of await world.pods('j')) await world.client.delete(PODS, 'ns', pod.metadata.name);
  await world.clock.advance(60_000);
  assert.equal((await world.job('j')).metadata.resourceVersion, resourceVersion);
  assert.deepEqual(await world.pods(), []);
  kubelet.stop();
  await world.stop();
});

test('a failure beside pods that are ready is counted when the wait before its replacement is over', async () => {
  const world = await worldWithController();
  await world.createJob('j', { parallelism: 2, completions: 2 });
  await world.clock.advance(3000);
  const [first, second] = await world.pods('j');
  assert.ok(first && second);
  await world.play(second, 'Running', { ready: true });
  await world.clock.advance(3000);
  await world.play(first, 'Failed');
  // No status says that none is active and one is ready: Kubernetes cannot store it either until it starts the next pod.
  await world.clock.advance(9_000);
  assert.equal((await world.job('j')).status.failed, undefined);
  await world.clock.advance(3_000);
  const { failed, active } = (await world.job('j')).status;
  assert.deepEqual([failed, active], [1, 2]);
  await world.stop();
});
