import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CONFIGMAPS, PODS, RESOURCEQUOTAS, SERVICEACCOUNTS } from '../../src/client/index.ts';
import { newResourceQuotaController } from '../../src/controllers/resource-quota/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

async function world(t: TestContext): Promise<WholeWorld> {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.namespaces('n');
  await made.client.create(SERVICEACCOUNTS, 'n', { metadata: { name: 'default' } });
  const namespaced = made.resources.filter((each) => each.namespaced);
  await made.start((context) => newResourceQuotaController(context, namespaced));
  return made;
}

async function quota(made: WholeWorld, hard: Record<string, string>): Promise<void> {
  await made.client.create(RESOURCEQUOTAS, 'n', { metadata: { name: 'q' }, spec: { hard } });
  await made.settle();
}

const statusOf = async (made: WholeWorld) => (await made.client.get(RESOURCEQUOTAS, 'n', 'q')).status;

async function pod(made: WholeWorld, name: string): Promise<void> {
  const resources = { requests: { cpu: '500m' } };
  await made.client.create(PODS, 'n', {
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'busybox', resources }] },
  });
}

test('a new quota shows what is used already', async (t) => {
  const made = await world(t);
  await made.configMap('n', 'x');
  await quota(made, { configmaps: '2', 'count/jobs.batch': '5' });
  assert.deepEqual(await statusOf(made), {
    hard: { configmaps: '2', 'count/jobs.batch': '5' },
    used: { configmaps: '1', 'count/jobs.batch': '0' },
  });
});

test('what goes, and pods that end, are no longer counted', async (t) => {
  const made = await world(t);
  await quota(made, { 'requests.cpu': '2', pods: '3', 'count/configmaps': '9' });
  for (const name of ['a', 'b', 'c']) await pod(made, name);
  await made.configMap('n', 'x');
  assert.deepEqual((await statusOf(made)).used, {
    'requests.cpu': '1500m',
    pods: '3',
    'count/configmaps': '1',
  });
  await made.client.delete(PODS, 'n', 'a', { gracePeriodSeconds: 0 });
  await made.client.delete(CONFIGMAPS, 'n', 'x');
  const ended = { status: { phase: 'Succeeded' } };
  await made.client.patch(PODS, 'n', 'b', 'application/merge-patch+json', ended, 'status');
  await made.settle();
  assert.deepEqual((await statusOf(made)).used, {
    'requests.cpu': '500m',
    pods: '1',
    'count/configmaps': '0',
  });
});

test('a quota follows its spec, and refuses what is beyond it in the words of Kubernetes', async (t) => {
  const made = await world(t);
  await quota(made, { pods: '5' });
  await pod(made, 'a');
  await made.client.patch(RESOURCEQUOTAS, 'n', 'q', 'application/merge-patch+json', {
    spec: { hard: { pods: '1', secrets: '4' } },
  });
  await made.settle();
  assert.deepEqual(await statusOf(made), {
    hard: { pods: '1', secrets: '4' },
    used: { pods: '1', secrets: '0' },
  });
  await assert.rejects(pod(made, 'b'), {
    message: 'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
  });
});

test('a pod that comes under a quota by an update is counted at once', async (t) => {
  const made = await world(t);
  const spec = { hard: { pods: '1' }, scopes: ['Terminating'] as const };
  await made.client.create(RESOURCEQUOTAS, 'n', { metadata: { name: 'q' }, spec });
  await made.settle();
  for (const name of ['a', 'b']) await pod(made, name);
  const deadline = { spec: { activeDeadlineSeconds: 3600 } };
  await made.client.patch(PODS, 'n', 'a', 'application/merge-patch+json', deadline);
  assert.deepEqual((await statusOf(made)).used, { pods: '1' });
  await assert.rejects(
    made.client.patch(PODS, 'n', 'b', 'application/merge-patch+json', deadline),
    /exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1/,
  );
});

test('what leaves the scopes of a quota by an update is no longer counted', async (t) => {
  const made = await world(t);
  const spec = { hard: { pods: '1' }, scopes: ['NotTerminating' as const] };
  await made.client.create(RESOURCEQUOTAS, 'n', { metadata: { name: 'q' }, spec });
  await made.settle();
  await pod(made, 'a');
  assert.deepEqual((await statusOf(made)).used, { pods: '1' });
  const bounded = { spec: { activeDeadlineSeconds: 60 } };
  await made.client.patch(PODS, 'n', 'a', 'application/merge-patch+json', bounded);
  await made.settle();
  assert.deepEqual((await statusOf(made)).used, { pods: '0' });
});
