import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, Pod, PodSpec } from '../../apis/core/types.ts';
import { type CgroupTraits, NO_CGROUPS } from '../cgroups/index.ts';
import { limitsBeside, linuxResources, podLimits } from './resources.ts';

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
    (each) => linuxResources(pod as unknown as DeepReadonly<Pod>, each, 1000 << 20, NO_CGROUPS).oomScoreAdj,
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

test('a container has the limits of its pod where it has none, and does not swap', () => {
  const containers: Container[] = [
    { name: 'own', resources: { requests: { cpu: '1' }, limits: { cpu: '2', memory: '64Mi' } } },
    { name: 'pods' },
  ];
  const resources = { limits: { cpu: '3', memory: '256Mi' } };
  const pod = { metadata: { name: 'p' }, spec: { containers, resources }, status: {} };
  const told = (machine: CgroupTraits): object[] =>
    containers.map((each) => {
      const { cpuShares, cpuQuota, memoryLimit, swapLimit, unified } = linuxResources(
        pod as unknown as DeepReadonly<Pod>,
        each,
        1000 << 20,
        machine,
      );
      return { cpuShares, cpuQuota, memoryLimit, swapLimit, unified };
    });
  const own = { cpuShares: 1024, cpuQuota: 200_000, memoryLimit: 64 << 20, swapLimit: 0, unified: {} };
  const pods = { cpuShares: 3072, cpuQuota: 300_000, memoryLimit: 256 << 20, swapLimit: 0, unified: {} };
  assert.deepEqual(told({ version: 1, limitsSwap: false, pageSizes: [] }), [own, pods]);
  assert.deepEqual(told({ version: 1, limitsSwap: true, pageSizes: [] }), [
    { ...own, swapLimit: 64 << 20 },
    { ...pods, swapLimit: 256 << 20 },
  ]);
  const whole = { 'memory.oom.group': '1' };
  assert.deepEqual(told({ version: 2, limitsSwap: false, pageSizes: [] })[0], { ...own, unified: whole });
  const none = { ...whole, 'memory.swap.max': '0' };
  assert.deepEqual(told({ version: 2, limitsSwap: true, pageSizes: [] })[1], { ...pods, unified: none });
});

test('of huge pages a container has what it asks for, or its pod, and none of a size that nobody asked for', () => {
  const [small, large] = [2 ** 21, 2 ** 30];
  const asking = (amount: string) => {
    const amounts = { memory: '64Mi', 'hugepages-2Mi': amount };
    return { requests: amounts, limits: amounts };
  };
  const containers: Container[] = [{ name: 'own', resources: asking('4Mi') }, { name: 'none' }];
  const machine: CgroupTraits = { version: 1, limitsSwap: false, pageSizes: [small, large] };
  const pagesOf = (spec: object, container: Container | undefined): object[] => {
    const pod = { metadata: { name: 'p' }, spec, status: {} } as unknown as DeepReadonly<Pod>;
    assert.ok(container);
    const { hugePages } = linuxResources(pod, container, 1000 << 20, machine);
    return hugePages.map(({ size, bytes }) => [size, bytes >> 20]);
  };
  const ofPod = (spec: object): unknown =>
    podLimits(spec as unknown as DeepReadonly<Pod['spec']>, machine.pageSizes).hugePages;
  const none = [large, 0];
  assert.deepEqual(pagesOf({ containers }, containers[0]), [[small, 4], none]);
  assert.deepEqual(pagesOf({ containers }, containers[1]), [[small, 0], none]);
  assert.deepEqual(ofPod({ containers }), [
    { size: small, bytes: 4 << 20 },
    { size: large, bytes: 0 },
  ]);
  const whole = { containers: [{ name: 'none' }], resources: asking('8Mi') };
  assert.deepEqual(pagesOf(whole, containers[1]), [[small, 8], none]);
  assert.deepEqual(ofPod(whole), [
    { size: small, bytes: 8 << 20 },
    { size: large, bytes: 0 },
  ]);
});

test('the pods of a node share what is not reserved', () => {
  const machine = { cpus: 4, memory: 1000 << 20 };
  const cpuQuota = 0;
  const beside = (reserved: Record<string, string>): object => limitsBeside(reserved, machine);
  assert.deepEqual(beside({ cpu: '500m' }), { cpuShares: 3584, cpuQuota, memoryLimit: 0 });
  assert.deepEqual(beside({ memory: '200Mi' }), { cpuShares: 4096, cpuQuota, memoryLimit: 800 << 20 });
  assert.deepEqual(beside({ cpu: '8' }), { cpuShares: 2, cpuQuota, memoryLimit: 0 });
});
