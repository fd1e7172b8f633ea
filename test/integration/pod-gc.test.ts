import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { NODES, PODS, SERVICEACCOUNTS } from '../../src/client/index.ts';
import { newPodGarbageCollector } from '../../src/controllers/pod-gc/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

async function world(t: TestContext): Promise<WholeWorld> {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.namespaces('a');
  await made.client.create(SERVICEACCOUNTS, 'a', { metadata: { name: 'default' } });
  return made;
}

async function pod(made: WholeWorld, name: string, nodeName?: string, finalizers?: string[]): Promise<void> {
  await made.client.create(PODS, 'a', {
    metadata: { name, ...(finalizers === undefined ? {} : { finalizers }) },
    spec: {
      containers: [{ name: 'c', image: 'busybox' }],
      ...(nodeName === undefined ? {} : { nodeName }),
    },
  });
}

const setPhase = (made: WholeWorld, name: string, phase: string, reason?: string): Promise<unknown> =>
  made.client.patch(PODS, 'a', name, 'application/merge-patch+json', { status: { phase, reason } }, 'status');

test('pods of a node that is gone for 40 seconds are failed, marked as disrupted and removed', async (t) => {
  const made = await world(t);
  await made.client.create(NODES, '', { metadata: { name: 'n1' }, spec: {} });
  await pod(made, 'lost', 'n1', ['example.com/witness']);
  await pod(made, 'kept', 'n1');
  await made.start((context) => newPodGarbageCollector(context));
  await made.settle(120_000);
  assert.equal((await made.client.get(PODS, 'a', 'lost')).status?.phase, 'Pending');
  await made.client.delete(NODES, '', 'n1');
  await made.settle(30_000);
  assert.equal((await made.client.get(PODS, 'a', 'lost')).status?.phase, 'Pending');
  await made.settle(60_000);
  assert.equal(await made.find(PODS, 'a', 'kept'), undefined);
  const { status, metadata } = await made.client.get(PODS, 'a', 'lost');
  assert.notEqual(metadata.deletionTimestamp, undefined);
  assert.equal(status?.phase, 'Failed');
  const condition = status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.equal(condition?.status, 'True');
  assert.equal(condition.reason, 'DeletionByPodGC');
  assert.equal(condition.message, 'PodGC: node no longer exists');
  assert.notEqual(condition.lastTransitionTime, undefined);
});

test('a node that comes back within its time keeps its pods', async (t) => {
  const made = await world(t);
  await pod(made, 'patient', 'n2');
  await made.start((context) => newPodGarbageCollector(context));
  await made.settle(30_000);
  await made.client.create(NODES, '', { metadata: { name: 'n2' }, spec: {} });
  await made.settle(200_000);
  assert.notEqual(await made.find(PODS, 'a', 'patient'), undefined);
});

test('a pod that is being deleted and has no node is failed, so that its end can be counted', async (t) => {
  const made = await world(t);
  await pod(made, 'waiting', undefined, ['batch.kubernetes.io/job-tracking']);
  await made.start((context) => newPodGarbageCollector(context));
  await made.client.delete(PODS, 'a', 'waiting');
  await made.settle(25_000);
  assert.equal((await made.client.get(PODS, 'a', 'waiting')).status?.phase, 'Failed');
});

test('finished pods beyond the threshold go, evicted and oldest first', async (t) => {
  const made = await world(t);
  await made.client.create(NODES, '', { metadata: { name: 'n1' }, spec: {} });
  for (const name of ['oldest', 'old', 'new', 'evicted', 'runs']) {
    await pod(made, name, 'n1');
    await made.settle(2000);
  }
  await setPhase(made, 'oldest', 'Succeeded');
  await setPhase(made, 'old', 'Failed');
  await setPhase(made, 'new', 'Succeeded');
  await setPhase(made, 'evicted', 'Failed', 'Evicted');
  await setPhase(made, 'runs', 'Running');
  await made.start((context) => newPodGarbageCollector(context, { terminatedPodThreshold: 2 }));
  await made.settle(25_000);
  const left = (await made.client.list(PODS, { namespace: 'a' })).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(left.sort(), ['new', 'old', 'runs']);
});

test('a pod being deleted on a node that is out of service goes at once', async (t) => {
  const made = await world(t);
  await made.client.create(NODES, '', {
    metadata: { name: 'n1' },
    spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] },
  });
  await pod(made, 'stuck', 'n1');
  await pod(made, 'lives', 'n1');
  await made.start((context) => newPodGarbageCollector(context));
  await made.client.delete(PODS, 'a', 'stuck');
  await made.settle(25_000);
  assert.equal(await made.find(PODS, 'a', 'stuck'), undefined);
  assert.notEqual(await made.find(PODS, 'a', 'lives'), undefined);
});
