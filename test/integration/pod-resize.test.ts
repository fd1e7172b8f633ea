/** What the API server says of a resize before a node has heard of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../src/apimachinery/status-error.ts';
import { NODES, PODS, SERVICEACCOUNTS } from '../../src/client/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

test('a resize beyond what a node has at all is refused, and one beyond what is free is not', async (t) => {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.namespaces('n');
  await made.client.create(SERVICEACCOUNTS, 'n', { metadata: { name: 'default' } });
  const node = await made.client.create(NODES, '', { metadata: { name: 'm' }, spec: {} });
  const allocatable = { cpu: '2', memory: '4Gi', pods: '10' };
  await made.client.updateStatus(NODES, { ...node, status: { allocatable, capacity: allocatable } });
  await made.client.create(PODS, 'n', {
    metadata: { name: 'p' },
    spec: {
      nodeName: 'm',
      containers: [{ name: 'c', image: 'busybox', resources: { requests: { cpu: '1', memory: '1Gi' } } }],
    },
  });
  const resize = (requests: Record<string, string>) =>
    made.client.patch(
      PODS,
      'n',
      'p',
      'application/strategic-merge-patch+json',
      { spec: { containers: [{ name: 'c', resources: { requests } }] } },
      'resize',
    );
  await resize({ cpu: '2' });
  await assert.rejects(resize({ cpu: '2001m', memory: '5Gi' }), (error) => {
    assert.ok(error instanceof StatusError);
    assert.equal(
      error.message,
      `pods "p" is forbidden: node didn't have enough allocatable resources: cpu, requested: 2001, allocatable: 2000; memory, requested: 5368709120, allocatable: 4294967296`,
    );
    assert.deepEqual([error.code, error.status.details?.causes], [403, [{ reason: 'NodeCapacity' }]]);
    return true;
  });
});
