import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, Pod, PodSpec } from '../../apis/core/types.ts';
import { linuxResources } from './resources.ts';

const asking = (name: string, memory: string, more: Partial<Container> = {}): Container => ({
  name,
  resources: { requests: { memory } },
  ...more,
});

/** How soon each container is killed on a node of 1,000 MiB, init containers first. */
function scores(spec: Partial<PodSpec>): number[] {
  const pod = { metadata: { name: 'p' }, spec: { containers: [], ...spec }, status: {} };
  const { containers, initContainers = [] } = pod.spec;
  return [...initContainers, ...containers].map(
    (each) => linuxResources(pod as unknown as DeepReadonly<Pod>, each, 1000 << 20, 1).oomScoreAdj,
  );
}

test('a sidecar is not killed before those whom it serves', () => {
  const initContainers = [
    asking('small', '1Mi', { restartPolicy: 'Always' }),
    asking('large', '600Mi', { restartPolicy: 'Always' }),
    asking('first', '1Mi'),
  ];
  const containers = [asking('a', '200Mi'), asking('b', '400Mi')];
  assert.deepEqual(scores({ initContainers, containers }), [800, 400, 999, 800, 600]);
});

test('what a pod asks for as a whole beyond its containers is shared among them', () => {
  const resources = { requests: { memory: '600Mi' } };
  assert.deepEqual(
    scores({ resources, containers: [asking('a', '100Mi'), asking('b', '300Mi')] }),
    [800, 600],
  );
});

test('what the node needs goes last', () => {
  assert.deepEqual(
    scores({ priorityClassName: 'system-node-critical', containers: [{ name: 'a' }] }),
    [-997],
  );
  assert.deepEqual(scores({ containers: [{ name: 'a' }] }), [1000]);
  assert.deepEqual(scores({ containers: [asking('a', '999Mi')] }), [3]);
});
