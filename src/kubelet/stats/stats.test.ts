import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryFrom } from './machine-consumption.ts';
import { metricsText } from './metrics-text.ts';
import { statsSummary } from './summary.ts';

test('pages of files that nobody has used lately are no part of the working set', () => {
  const text = 'MemTotal:  1000 kB\nMemFree:  400 kB\nActive(file): 50 kB\nInactive(file):  200 kB\n';
  assert.deepEqual(memoryFrom(text, 1, 1), {
    memoryBytes: 600 * 1024,
    workingSetBytes: 400 * 1024,
    memoryAvailableBytes: 600 * 1024,
  });
  assert.deepEqual(memoryFrom('', 1000, 300), {
    memoryBytes: 700,
    workingSetBytes: 700,
    memoryAvailableBytes: 300,
  });
});

test('figures are written as Prometheus reads them', () => {
  const samples = [
    { labels: { pod: 'a"\\\n', container: 'c' }, value: 1.5, time: 1_000.4 },
    { labels: {}, value: 0 },
  ];
  assert.equal(
    metricsText([
      { name: 'a_total', type: 'counter', help: 'A.', samples },
      { name: 'b', type: 'gauge', help: 'B.', samples: [] },
    ]),
    '# HELP a_total A.\n# TYPE a_total counter\na_total{container="c",pod="a\\"\\\\\\n"} 1.5 1000\na_total 0\n',
  );
});

test('what cannot be measured is left out of the summary', () => {
  const use = { time: 2_000, cpuSeconds: 1.5, workingSetBytes: 1, memoryBytes: 2 };
  const pod = { namespace: 'n', name: 'p', uid: 'u', startedAt: 1_000 };
  const container = { name: 'c', startedAt: 1_000, id: 'i', image: 'busybox' };
  const summary = statsSummary({
    name: 'm',
    bootedAt: 0,
    use,
    memoryAvailableBytes: 3,
    pods: [{ ...pod, containers: [container] }],
  });
  assert.deepEqual(summary, {
    node: {
      nodeName: 'm',
      startTime: '1970-01-01T00:00:00Z',
      cpu: { time: '1970-01-01T00:00:02Z', usageCoreNanoSeconds: 1.5e9 },
      memory: { time: '1970-01-01T00:00:02Z', availableBytes: 3, usageBytes: 2, workingSetBytes: 1 },
    },
    pods: [
      {
        podRef: { name: 'p', namespace: 'n', uid: 'u' },
        startTime: '1970-01-01T00:00:01Z',
        containers: [{ name: 'c', startTime: '1970-01-01T00:00:01Z' }],
      },
    ],
  });
});
