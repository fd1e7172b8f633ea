import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freezeDeep } from '../../../apimachinery/json.ts';
import type { Pod } from '../types.ts';
import { applyPodDefaults } from './defaults.ts';

test('a pod that comes to the network of its node has its ports there, and leaves the stored pod alone', () => {
  const stored = {
    metadata: { name: 'a' },
    spec: {
      containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP' }] }, { name: 'd' }],
      initContainers: [{ name: 'e', ports: [{ containerPort: 81, protocol: 'UDP' }] }],
    },
    status: {},
  } as unknown as Pod;
  freezeDeep(stored);
  const pod: Pod = { ...stored, spec: { ...stored.spec, hostNetwork: true } };
  applyPodDefaults(pod, stored);
  assert.deepEqual(pod.spec.containers[0]?.ports, [{ containerPort: 80, protocol: 'TCP', hostPort: 80 }]);
  assert.equal(pod.spec.initContainers?.[0]?.ports?.[0]?.hostPort, 81);
  assert.equal(stored.spec.containers[0]?.ports?.[0]?.hostPort, undefined);
  const again: Pod = { ...pod, spec: { ...pod.spec, priority: 1 } };
  freezeDeep(pod);
  applyPodDefaults(again, pod);
  assert.equal(again.spec.containers, pod.spec.containers);
});
