import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../core/types.ts';
import type { Consumption } from './consumption.ts';
import { nodeMetrics, podMetrics } from './metrics.ts';

const NOW = Date.UTC(2026, 0, 1);
const use = (more: Partial<Consumption> = {}): Consumption => ({
  time: NOW - 1_000,
  cpuSeconds: 7,
  rate: { cpus: 0.25, windowMs: 15_345 },
  workingSetBytes: 3 * 1024 * 1024,
  memoryBytes: 4 * 1024 * 1024,
  ...more,
});
const container = (name: string, used?: Consumption) => ({
  name,
  startedAt: 0,
  id: 'i',
  image: 'busybox',
  ...(used === undefined ? {} : { use: used }),
});
const pod = { metadata: { name: 'p', namespace: 'n', labels: { app: 'a' } } } as unknown as Pod;
const consumption = { namespace: 'n', name: 'p', uid: 'u', startedAt: 0 };

test('amounts are told as metrics-server tells them', () => {
  const node = { name: 'm', bootedAt: 0, memoryAvailableBytes: 0, pods: [] };
  const odd = use({ rate: { cpus: 0.123456789, windowMs: 1_000 }, workingSetBytes: 1_025 });
  assert.deepEqual(nodeMetrics({ metadata: { name: 'm' } } as never, { ...node, use: odd }, NOW), {
    kind: 'NodeMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: { name: 'm', creationTimestamp: '2026-01-01T00:00:00Z' },
    timestamp: '2025-12-31T23:59:59Z',
    window: '1s',
    usage: { cpu: '123456789n', memory: '1025' },
  });
  assert.deepEqual(podMetrics(pod, { ...consumption, containers: [container('c', use())] }, NOW), {
    kind: 'PodMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: {
      name: 'p',
      namespace: 'n',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: 'a' },
    },
    timestamp: '2025-12-31T23:59:59Z',
    window: '15.345s',
    containers: [{ name: 'c', usage: { cpu: '250m', memory: '3Mi' } }],
  });
});

test('a pod of which a part is not known is not told', () => {
  const { rate: _, ...fresh } = use();
  assert.equal(podMetrics(pod, { ...consumption, containers: [] }, NOW), undefined);
  assert.equal(
    podMetrics(pod, { ...consumption, containers: [container('a', use()), container('b', fresh)] }, NOW),
    undefined,
  );
  assert.equal(
    podMetrics(pod, { ...consumption, containers: [container('a', use()), container('b')] }, NOW),
    undefined,
  );
});
