import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlFiles, usageFrom } from './control-files.ts';

const written = (version: 1 | 2, cpuShares: number, cpuQuota: number, memoryLimit: number): string[] =>
  controlFiles(version, { cpuShares, cpuQuota, memoryLimit }).map(({ name, text }) => `${name} ${text}`);

test('limits are written as each version of control groups has them', () => {
  assert.deepEqual(written(1, 1024, 50_000, 1 << 20), [
    'cpu.shares 1024',
    'cpu.cfs_period_us 100000',
    'cpu.cfs_quota_us 50000',
    'memory.limit_in_bytes 1048576',
  ]);
  assert.deepEqual(written(2, 1024, 50_000, 1 << 20), [
    'cpu.weight 39',
    'cpu.max 50000 100000',
    'memory.max 1048576',
  ]);
  assert.deepEqual(written(1, 2, 0, 0).slice(2), ['cpu.cfs_quota_us -1', 'memory.limit_in_bytes -1']);
  assert.deepEqual(written(2, 2, 0, 0), ['cpu.weight 1', 'cpu.max max 100000', 'memory.max max']);
  assert.deepEqual(written(2, 262_144, 0, 0)[0], 'cpu.weight 10000');
});

test('how many tasks there may be is told in the same way by both versions, where there is a limit', () => {
  const limits = { cpuShares: 2, cpuQuota: 0, memoryLimit: 0 };
  for (const version of [1, 2] as const) {
    const files = controlFiles(version, { ...limits, tasksMax: 50 });
    assert.deepEqual(files.at(-1), { controller: 'pids', name: 'pids.max', text: '50' });
    assert.ok(controlFiles(version, limits).every(({ controller }) => controller !== 'pids'));
  }
});

test('limits of huge pages are written in the names that the kernel has for their sizes', () => {
  const hugePages = [
    { size: 65_536, bytes: 0 },
    { size: 2 ** 21, bytes: 4 << 20 },
    { size: 2 ** 30, bytes: 2 ** 30 },
  ];
  const names = (version: 1 | 2): string[] =>
    controlFiles(version, { cpuShares: 2, cpuQuota: 0, memoryLimit: 0, hugePages })
      .filter(({ controller }) => controller === 'hugetlb')
      .map(({ name, text }) => `${name} ${text}`);
  assert.deepEqual(names(1), [
    'hugetlb.64KB.limit_in_bytes 0',
    'hugetlb.2MB.limit_in_bytes 4194304',
    'hugetlb.1GB.limit_in_bytes 1073741824',
  ]);
  assert.deepEqual(names(2), ['hugetlb.64KB.max 0', 'hugetlb.2MB.max 4194304', 'hugetlb.1GB.max 1073741824']);
});

test('usage is read as each version of control groups tells it', () => {
  const one = new Map([
    ['cpuacct.usage', '1500000000\n'],
    ['memory.max_usage_in_bytes', '4096\n'],
    ['memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n'],
  ]);
  assert.deepEqual(
    usageFrom(1, (name) => one.get(name)),
    { cpuSeconds: 1.5, peakMemoryBytes: 4096, oomKills: 1 },
  );
  const two = new Map([
    ['cpu.stat', 'usage_usec 2500000\nuser_usec 1\n'],
    ['memory.peak', '8192\n'],
    ['memory.events', 'low 0\noom 1\noom_kill 2\noom_group_kill 0\n'],
  ]);
  assert.deepEqual(
    usageFrom(2, (name) => two.get(name)),
    { cpuSeconds: 2.5, peakMemoryBytes: 8192, oomKills: 2 },
  );
  assert.equal(
    usageFrom(2, () => undefined),
    undefined,
  );
});
