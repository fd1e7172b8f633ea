import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastPartOf, limitProperties, sliceOf, slicePath } from './slices.ts';

const POD = '/longshore/one/kubepods/burstable/pod1234-abcd';

test('a group is the slice whose name says what it is below', () => {
  assert.equal(sliceOf(POD), 'longshore-one-kubepods-burstable-pod1234_abcd.slice');
  assert.equal(slicePath(`/longshore/one-two`), '/longshore.slice/longshore-one_two.slice');
  assert.equal(lastPartOf('longshore-one-pod1-side_car_0.slice'), 'side-car-0');
  assert.equal(lastPartOf('cri-containerd-1234.scope'), undefined);
});

test('limits are properties of the slice, and a quota is a whole percentage', () => {
  const limits = (cpuQuota: number, memoryLimit: number) =>
    Object.fromEntries(limitProperties(39, { cpuShares: 1024, cpuQuota, memoryLimit }));
  const infinity = 18_446_744_073_709_551_615n;
  assert.deepEqual(limits(0, 0), { CPUWeight: 39n, CPUQuotaPerSecUSec: infinity, MemoryMax: infinity });
  const held = limitProperties(1, { cpuShares: 2, cpuQuota: 0, memoryLimit: 0, tasksMax: 50 });
  assert.deepEqual(held.at(-1), ['TasksMax', 50n]);
  assert.equal(limits(50_000, 1)['CPUQuotaPerSecUSec'], 500_000n);
  assert.equal(limits(12_345, 1)['CPUQuotaPerSecUSec'], 130_000n);
  assert.equal(limits(0, 64 << 20)['MemoryMax'], 67_108_864n);
});
