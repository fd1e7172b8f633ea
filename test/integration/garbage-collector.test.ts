import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CONFIGMAPS, EVENTS, NODES } from '../../src/client/index.ts';
import { newGarbageCollector } from '../../src/controllers/garbage-collector/index.ts';
import { ownedBy, WholeWorld } from '../harness/whole-world.ts';

async function world(t: TestContext, before?: (made: WholeWorld) => Promise<void>): Promise<WholeWorld> {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.namespaces('a', 'b');
  await before?.(made);
  await made.start((context) => newGarbageCollector(context, made.resources));
  return made;
}

const names = async (made: WholeWorld, namespace = 'a'): Promise<string[]> =>
  (await made.client.list(CONFIGMAPS, { namespace })).items.map(({ metadata }) => metadata.name).sort();

test('background: dependents of an owner that is gone are deleted, whole generations of them', async (t) => {
  const made = await world(t);
  const owner = await made.configMap('a', 'owner');
  const child = await made.configMap('a', 'child', { ownerReferences: [ownedBy(owner)] });
  await made.configMap('a', 'grandchild', { ownerReferences: [ownedBy(child)] });
  await made.configMap('a', 'bystander');
  await made.settle();
  await made.client.delete(CONFIGMAPS, 'a', 'owner', { propagationPolicy: 'Background' });
  await made.settle();
  assert.deepEqual(await names(made), ['bystander']);
});

test('an owner that never was is found out when the collector starts', async (t) => {
  const made = await world(t, async (early) => {
    const owner = await early.configMap('a', 'owner');
    await early.configMap('a', 'orphan', { ownerReferences: [ownedBy(owner, { uid: 'no-such-uid' })] });
    await early.configMap('a', 'kept', { ownerReferences: [ownedBy(owner)] });
  });
  assert.deepEqual(await names(made), ['kept', 'owner']);
});

test('an object with another owner that exists stays, and loses the dead reference alone', async (t) => {
  const made = await world(t);
  const first = await made.configMap('a', 'first');
  const second = await made.configMap('a', 'second');
  await made.configMap('a', 'child', { ownerReferences: [ownedBy(first), ownedBy(second)] });
  await made.client.delete(CONFIGMAPS, 'a', 'first', { propagationPolicy: 'Background' });
  await made.settle();
  const child = await made.client.get(CONFIGMAPS, 'a', 'child');
  assert.deepEqual(
    child.metadata.ownerReferences?.map(({ name }) => name),
    ['second'],
  );
});

test('foreground: the owner goes after the dependents that block it', async (t) => {
  const made = await world(t);
  const owner = await made.configMap('a', 'owner');
  await made.configMap('a', 'blocking', {
    ownerReferences: [ownedBy(owner)],
    finalizers: ['example.com/hold'],
  });
  await made.configMap('a', 'quick', { ownerReferences: [ownedBy(owner)] });
  await made.client.delete(CONFIGMAPS, 'a', 'owner', { propagationPolicy: 'Foreground' });
  await made.settle();
  assert.deepEqual(await names(made), ['blocking', 'owner']);
  const waiting = await made.client.get(CONFIGMAPS, 'a', 'owner');
  assert.deepEqual(waiting.metadata.finalizers, ['foregroundDeletion']);
  await made.client.patch(CONFIGMAPS, 'a', 'blocking', 'application/merge-patch+json', {
    metadata: { finalizers: [] },
  });
  await made.settle();
  assert.deepEqual(await names(made), []);
});

test('foreground: a dependent that does not block is deleted without the owner waiting for it', async (t) => {
  const made = await world(t);
  const owner = await made.configMap('a', 'owner');
  await made.configMap('a', 'held', {
    ownerReferences: [ownedBy(owner, { blockOwnerDeletion: false })],
    finalizers: ['example.com/hold'],
  });
  await made.client.delete(CONFIGMAPS, 'a', 'owner', { propagationPolicy: 'Foreground' });
  await made.settle();
  assert.deepEqual(await names(made), ['held']);
  assert.notEqual((await made.client.get(CONFIGMAPS, 'a', 'held')).metadata.deletionTimestamp, undefined);
});

test('foreground: generations go from the youngest up', async (t) => {
  const made = await world(t);
  const owner = await made.configMap('a', 'owner');
  const child = await made.configMap('a', 'child', { ownerReferences: [ownedBy(owner)] });
  await made.configMap('a', 'grandchild', { ownerReferences: [ownedBy(child)] });
  await made.settle();
  made.writes.length = 0;
  await made.client.delete(CONFIGMAPS, 'a', 'owner', { propagationPolicy: 'Foreground' });
  await made.settle();
  assert.deepEqual(await names(made), []);
  assert.deepEqual(made.writes, [
    'delete configmaps child',
    'delete configmaps grandchild',
    'patch configmaps child',
    'patch configmaps owner',
  ]);
});

test('foreground: a dependent with another owner that stays is let off, and blocks no more', async (t) => {
  const made = await world(t);
  const owner = await made.configMap('a', 'owner');
  const other = await made.configMap('a', 'other');
  await made.configMap('a', 'child', { ownerReferences: [ownedBy(owner), ownedBy(other)] });
  await made.client.delete(CONFIGMAPS, 'a', 'owner', { propagationPolicy: 'Foreground' });
  await made.settle();
  assert.deepEqual(await names(made), ['child', 'other']);
});

test('foreground: a circle of owners comes to its end', async (t) => {
  const made = await world(t);
  const first = await made.configMap('a', 'first');
  const second = await made.configMap('a', 'second', { ownerReferences: [ownedBy(first)] });
  await made.client.patch(CONFIGMAPS, 'a', 'first', 'application/merge-patch+json', {
    metadata: { ownerReferences: [ownedBy(second)] },
  });
  await made.settle();
  await made.client.delete(CONFIGMAPS, 'a', 'first', { propagationPolicy: 'Foreground' });
  await made.settle(2000);
  assert.deepEqual(await names(made), []);
});

test('orphan: dependents stay and lose their reference before the owner goes', async (t) => {
  const made = await world(t);
  const owner = await made.configMap('a', 'owner');
  for (let at = 0; at < 100; at++) {
    await made.configMap('a', `child-${at}`, { ownerReferences: [ownedBy(owner)] });
  }
  await made.settle();
  await made.client.delete(CONFIGMAPS, 'a', 'owner', { propagationPolicy: 'Orphan' });
  await made.settle();
  const { items } = await made.client.list(CONFIGMAPS, { namespace: 'a' });
  assert.equal(items.length, 100);
  assert(items.every(({ metadata }) => metadata.ownerReferences === undefined));
  assert.equal(made.writes.at(-1), 'patch configmaps owner');
});

test('an owner of the same name but another uid does not keep a dependent', async (t) => {
  const made = await world(t);
  const owner = await made.configMap('a', 'owner');
  await made.configMap('a', 'child', { ownerReferences: [ownedBy(owner)] });
  await made.client.delete(CONFIGMAPS, 'a', 'owner', { propagationPolicy: 'Orphan' });
  await made.configMap('a', 'stale', { ownerReferences: [ownedBy(owner)] });
  await made.settle();
  await made.configMap('a', 'owner');
  await made.settle();
  assert.deepEqual(await names(made), ['child', 'owner']);
});

test('an owner in another namespace is none: the dependent goes and an event says why', async (t) => {
  const made = await world(t);
  const owner = await made.configMap('b', 'owner');
  await made.settle();
  const child = await made.configMap('a', 'child', { ownerReferences: [ownedBy(owner)] });
  await made.settle();
  assert.deepEqual(await names(made), []);
  assert.deepEqual(await names(made, 'b'), ['owner']);
  const { items } = await made.client.list(EVENTS, { namespace: 'a' });
  const told = items.find(({ reason }) => reason === 'OwnerRefInvalidNamespace');
  assert.equal(
    told?.message,
    `ownerRef [v1/ConfigMap, namespace: a, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "a"`,
  );
  assert.equal(told?.involvedObject.uid, child.metadata.uid);
});

test('a cluster-scoped owner may have dependents in any namespace', async (t) => {
  const made = await world(t);
  const node = await made.create('v1', 'nodes', 'Node', '', { metadata: { name: 'n1' } });
  await made.configMap('a', 'of-node', { ownerReferences: [ownedBy(node)] });
  await made.configMap('b', 'of-node', { ownerReferences: [ownedBy(node)] });
  await made.settle();
  assert.deepEqual(await names(made), ['of-node']);
  await made.client.delete(NODES, '', 'n1', { propagationPolicy: 'Background' });
  await made.settle();
  assert.deepEqual([...(await names(made)), ...(await names(made, 'b'))], []);
});

test('an owner of a kind that is not served never costs an object its life', async (t) => {
  const made = await world(t);
  const foreign = { apiVersion: 'apps/v9', kind: 'Contraption', name: 'x', uid: 'uid-x' };
  await made.configMap('a', 'child', { ownerReferences: [foreign] });
  await made.settle(60_000);
  assert.deepEqual(await names(made), ['child']);
});

test('the cost of a deletion follows the dependents concerned', async (t) => {
  const made = await world(t);
  const owner = await made.configMap('a', 'owner');
  for (let at = 0; at < 300; at++) await made.configMap('b', `bystander-${at}`);
  for (let at = 0; at < 20; at++)
    await made.configMap('a', `child-${at}`, { ownerReferences: [ownedBy(owner)] });
  await made.settle();
  made.writes.length = 0;
  await made.client.delete(CONFIGMAPS, 'a', 'owner', { propagationPolicy: 'Foreground' });
  await made.settle();
  assert.deepEqual(await names(made), []);
  assert.equal(made.writes.length, 21, 'a deletion each, and the owner is let go once');
});
