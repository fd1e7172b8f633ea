import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, PodSpec } from '../../types.ts';
import { applyPodLevelResourceDefaults, requestsFromLimits } from './resource-defaults.ts';

test('amounts that a changed pod has in common with the stored one stay as they are', () => {
  const requests = Object.freeze({ cpu: '1' });
  const container = { name: 'c', resources: { requests, limits: { cpu: '1', memory: '1Gi' } } } as Container;
  requestsFromLimits(container);
  assert.deepEqual(container.resources?.requests, { cpu: '1', memory: '1Gi' });
  const spec = {
    containers: [{ name: 'c', resources: { requests: { memory: '8Mi' } } }],
    resources: Object.freeze({ requests, limits: { cpu: '2', 'hugepages-2Mi': '4Mi' } }),
  } as unknown as PodSpec;
  applyPodLevelResourceDefaults(spec);
  assert.deepEqual(spec.resources?.requests, { cpu: '1', memory: '8Mi', 'hugepages-2Mi': '4Mi' });
  assert.deepEqual(requests, { cpu: '1' });
});
