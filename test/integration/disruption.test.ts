import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { StatusError } from '../../src/apimachinery/status-error.ts';
import { EVENTS, PODDISRUPTIONBUDGETS, PODS, SERVICEACCOUNTS } from '../../src/client/index.ts';
import { newDisruptionController } from '../../src/controllers/disruption/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

async function world(t: TestContext): Promise<WholeWorld> {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.namespaces('n');
  await made.client.create(SERVICEACCOUNTS, 'n', { metadata: { name: 'default' } });
  await made.start((context) => newDisruptionController(context));
  return made;
}

async function readyPod(made: WholeWorld, name: string, ownerReferences: object[] = []): Promise<void> {
  await made.client.create(PODS, 'n', {
    metadata: { name, labels: { app: 'a' }, ownerReferences: ownerReferences as never },
    spec: { containers: [{ name: 'c', image: 'busybox' }] },
  });
  const conditions = [{ type: 'Ready', status: 'True' }];
  const patch = { status: { phase: 'Running', conditions } };
  await made.client.patch(PODS, 'n', name, 'application/merge-patch+json', patch, 'status');
  await made.settle();
}

async function budget(made: WholeWorld, spec: object) {
  await made.client.create(PODDISRUPTIONBUDGETS, 'n', {
    metadata: { name: 'b' },
    spec: { selector: { matchLabels: { app: 'a' } }, ...spec },
  });
  await made.settle();
}

const statusOf = async (made: WholeWorld) => (await made.client.get(PODDISRUPTIONBUDGETS, 'n', 'b')).status;

async function evict(made: WholeWorld, name: string): Promise<string> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'n' } };
  try {
    await made.client.createSubresource(PODS, 'n', name, 'eviction', body);
    return 'evicted';
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${error.code} ${error.status.message} ${error.status.details?.causes?.[0]?.message}`;
  }
}

test('a budget counts healthy pods, lets as many be evicted as it can spare, and no more', async (t) => {
  const made = await world(t);
  for (const name of ['p', 'q']) await readyPod(made, name);
  await budget(made, { minAvailable: 1 });
  const status = await statusOf(made);
  assert.deepEqual(
    [status.currentHealthy, status.desiredHealthy, status.expectedPods, status.disruptionsAllowed],
    [2, 1, 2, 1],
  );
  assert.deepEqual(
    status.conditions?.map(({ type, status: is, reason, message, observedGeneration }) => [
      type,
      is,
      reason,
      message,
      observedGeneration,
    ]),
    [['DisruptionAllowed', 'True', 'SufficientPods', '', 1]],
  );
  assert.equal(await evict(made, 'p'), 'evicted');
  await made.settle();
  assert.equal(
    await evict(made, 'q'),
    "429 Cannot evict pod as it would violate the pod's disruption budget. The disruption budget b needs 1 healthy pods and has 1 currently",
  );
  assert.equal((await statusOf(made)).conditions?.[0]?.reason, 'InsufficientPods');
});

test('a share of pods that a Job runs cannot be worked out, so that nobody may go', async (t) => {
  const made = await world(t);
  const job = { apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'u', controller: true };
  await readyPod(made, 'p', [job]);
  await budget(made, { maxUnavailable: '50%' });
  const status = await statusOf(made);
  assert.equal(status.disruptionsAllowed, 0);
  assert.deepEqual(
    status.conditions?.map(({ status: is, reason, message }) => [is, reason, message]),
    [['False', 'SyncFailed', 'jobs.batch does not implement the scale subresource']],
  );
  const { items } = await made.client.list(EVENTS, { namespace: 'n' });
  assert.deepEqual(
    items.map(({ reason, message }) => [reason, message]),
    [
      [
        'CalculateExpectedPodCountFailed',
        'Failed to calculate the number of expected pods: jobs.batch does not implement the scale subresource',
      ],
    ],
  );
});

test('a pod that was to be disrupted and still runs after two minutes is no longer marked', async (t) => {
  const made = await world(t);
  await readyPod(made, 'p');
  const lastTransitionTime = new Date(made.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  const conditions = [
    {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'm',
      lastTransitionTime,
    },
  ];
  const patch = { status: { conditions } };
  await made.client.patch(PODS, 'n', 'p', 'application/strategic-merge-patch+json', patch, 'status');
  const mark = async () =>
    (await made.client.get(PODS, 'n', 'p')).status.conditions?.find(
      ({ type }) => type === 'DisruptionTarget',
    );
  await made.settle(100_000);
  assert.equal((await mark())?.status, 'True');
  await made.settle(25_000);
  const last = await mark();
  assert.deepEqual([last?.status, last?.reason, last?.message], ['False', undefined, undefined]);
});
