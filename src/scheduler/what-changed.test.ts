import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Node, Pod } from '../apis/core/types.ts';
import { isOtherForNodes, isOtherForPods, isOtherForScheduler } from './what-changed.ts';

const node = (change: object): DeepReadonly<Node> =>
  ({ metadata: { name: 'n' }, spec: {}, status: {}, ...change }) as unknown as DeepReadonly<Node>;

const pod = (change: object): DeepReadonly<Pod> =>
  ({ metadata: { name: 'p' }, spec: {}, status: {}, ...change }) as unknown as DeepReadonly<Pod>;

const ready = (status: string, heartbeat: string): DeepReadonly<Node> =>
  node({ status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime: heartbeat }] } });

test('isOtherForPods() hears of what lets pods in, and not of heartbeats', () => {
  assert.equal(isOtherForPods(ready('True', '12:01'), ready('True', '12:00')), false);
  assert.equal(isOtherForPods(ready('True', '12:01'), ready('Unknown', '12:00')), true);
  const changes = [
    { spec: { unschedulable: true } },
    { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } },
    { status: { allocatable: { cpu: '2' } } },
    { metadata: { name: 'n', labels: { zone: 'a' } } },
  ];
  for (const change of changes) assert.equal(isOtherForPods(node(change), node({})), true);
});

test('isOtherForScheduler() hears of what a waiting pod may be decided by, and not of its status', () => {
  assert.equal(isOtherForScheduler(pod({ status: { conditions: [] } }), pod({})), false);
  assert.equal(isOtherForScheduler(pod({ status: { phase: 'Failed' } }), pod({})), true);
  const gated = pod({ spec: { schedulingGates: [{ name: 'wait' }] } });
  assert.equal(isOtherForScheduler(pod({}), gated), true);
});

test('isOtherForNodes() hears of what a bound pod counts for: labels, leaving, a resize', () => {
  assert.equal(isOtherForNodes(pod({ status: { phase: 'Running' } }), pod({})), false);
  const of = (change: object) => pod({ metadata: { name: 'p', ...change } });
  for (const change of [{ labels: { a: 'b' } }, { deletionTimestamp: 'now' }, { generation: 2 }]) {
    assert.equal(isOtherForNodes(of(change), of({})), true);
  }
});
