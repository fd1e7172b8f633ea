import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeSettings } from './node-flags.ts';

test('what is not given has its default', () => {
  const { syncMs, evictionHard, reserved } = nodeSettings({});
  assert.equal(syncMs, 60_000);
  assert.equal(evictionHard.length, 5);
  assert.deepEqual(reserved, {});
});

test('durations, amounts, shares and lists are read', () => {
  const settings = nodeSettings({
    syncFrequency: '1m30s',
    containerLogMaxSize: '1Mi',
    evictionHard: 'memory.available<10%,nodefs.available<1Gi',
    systemReserved: 'cpu=500m,memory=1Gi',
    imageGcHighThreshold: 50,
    podMaxPids: 100,
  });
  assert.equal(settings.syncMs, 90_000);
  assert.equal(settings.logs.bytesMax, 1 << 20);
  assert.deepEqual(settings.evictionHard, [
    { signal: 'memory.available', amount: 0.1, isShare: true, format: 'BinarySI' },
    { signal: 'nodefs.available', amount: 1 << 30, isShare: false, format: 'BinarySI' },
  ]);
  assert.deepEqual(settings.reserved, { cpu: '500m', memory: '1Gi' });
  assert.equal(settings.imageGc.lowPercent, 50);
  assert.deepEqual([settings.podTasksMax, nodeSettings({}).podTasksMax], [100, undefined]);
  assert.deepEqual(nodeSettings({ evictionHard: '' }).evictionHard, []);
});

test('what makes no sense is refused with the name of its flag', () => {
  const cases: readonly (readonly [Parameters<typeof nodeSettings>[0], RegExp])[] = [
    [{ syncFrequency: 'often' }, /^--sync-frequency often: use a duration/],
    [{ containerLogMaxSize: '-1' }, /^--container-log-max-size -1: /],
    [{ containerLogMaxFiles: 1 }, /^--container-log-max-files 1: use 2 or more/],
    [{ podMaxPids: 0 }, /^--pod-max-pids 0: use 1 or more$/],
    [{ evictionHard: 'disk<1Gi' }, /^--eviction-hard: 'disk<1Gi': use memory\.available/],
    [{ evictionHard: 'memory.available<much' }, /^--eviction-hard: .*'much' is neither/],
    [{ imageGcHighThreshold: 101 }, /^--image-gc-low-threshold 80 and --image-gc-high-threshold 101/],
    [{ systemReserved: 'gpu=1' }, /^--system-reserved gpu=1: use cpu, memory/],
  ];
  for (const [flags, message] of cases) assert.throws(() => nodeSettings(flags), { message });
});
