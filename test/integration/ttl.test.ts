import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODES } from '../../src/client/index.ts';
import { newTtlController } from '../../src/controllers/ttl/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

test('a node is told for how long it may rely on what it knows, in one write', async (t) => {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.start((context) => newTtlController(context));
  const node = (name: string) => made.client.create(NODES, '', { metadata: { name } } as never);
  const seconds = async (name: string) => {
    await made.settle();
    const { annotations } = (await made.client.get(NODES, '', name)).metadata;
    return annotations?.['node.alpha.kubernetes.io/ttl'];
  };
  await node('first');
  assert.equal(await seconds('first'), '0');
  assert.deepEqual(made.writes, ['patch nodes first']);
  for (let at = 0; at < 100; at++) await node(`n-${at}`);
  assert.equal(await seconds('n-99'), '15');
  assert.equal(await seconds('first'), '0', 'it has not reported yet');
  const type = 'application/merge-patch+json';
  await made.client.patch(NODES, '', 'first', type, { metadata: { annotations: { reported: 'now' } } });
  assert.equal(await seconds('first'), '15');
});
