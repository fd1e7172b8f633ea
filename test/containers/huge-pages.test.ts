/** Huge pages of the machine, and pods that ask for some. Where the kernel has none, that a node says so. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Node, Pod } from '../../src/apis/core/types.ts';
import { openPodWorld, type PodWorld, statusOf } from './pod-world.ts';

/** How many pages of 2 MiB the machine has set aside. */
const POOL = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages';
const PAGES = 8;

test('a pod has the huge pages that it asks for, and no more', async (context) => {
  const before = existsSync(POOL) ? readFileSync(POOL, 'utf8') : undefined;
  if (before !== undefined) writeFileSync(POOL, String(Number(before) + PAGES));
  try {
    await using world = await openPodWorld(context);
    if (world === undefined) return;
    const { capacity, allocatable } = await nodeOf(world);
    if (before === undefined) {
      assert.equal(capacity?.['hugepages-2Mi'], undefined);
      return;
    }
    const mebibytes = (Number(before) + PAGES) * 2;
    assert.equal(capacity?.['hugepages-2Mi'], `${mebibytes}Mi`);
    const kibibytes = (amount = ''): number => Number(amount.replace(/Ki$/, ''));
    // Besides, evictions begin when 100 MiB are left.
    const missing = kibibytes(capacity?.['memory']) - kibibytes(allocatable?.['memory']);
    assert.equal(missing, (mebibytes + 100) * 1024);
    await paged(world);
  } finally {
    if (before !== undefined) writeFileSync(POOL, before);
  }
});

async function nodeOf(world: PodWorld): Promise<Node['status']> {
  const text = await world.kubectl(['get', 'node', hostname().toLowerCase(), '-o', 'json']);
  return (JSON.parse(text) as Node).status;
}

async function paged(world: PodWorld): Promise<void> {
  await world.apply('huge-pages', { DIRECTORY: world.engine.directory });
  const pod = await world.podWhen('paged', ({ status }) => {
    const states = status.containerStatuses?.map(({ state }) => state?.running) ?? [];
    return states.length === 2 && !states.includes(undefined);
  });
  const limits = limitsOf(world, pod);
  writeFileSync(join(world.engine.directory, 'go'), '');
  await world.succeeded('paged');
  const said = await world.lines('paged');
  if (limits === undefined) assert.deepEqual(said, ['has', 'more'], 'this machine limits no huge pages');
  else {
    const asked = String(4 << 20);
    assert.deepEqual(limits, { pod: [asked, '0'], c: [asked, '0'], without: ['0', '0'] });
    assert.deepEqual(said, ['has']);
  }
  await world.event('beyond', 'FailedScheduling', /Insufficient hugepages-2Mi/);
}

/** The limits of pages of 2 MiB and of 1 GiB, of the pod and of its containers; undefined where the kernel has none. */
function limitsOf(world: PodWorld, pod: Pod): Readonly<Record<string, readonly string[]>> | undefined {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const of = (fits: (type: string, options: readonly string[]) => boolean): string | undefined =>
    mounts
      .map((line) => line.split(' '))
      .find(([, , type = '', options = '']) => fits(type, options.split(',')))?.[1];
  const first = of((type, options) => type === 'cgroup' && options.includes('hugetlb'));
  const root = first ?? of((type) => type === 'cgroup2') ?? '';
  const owner = readFileSync(join(world.server.dataDirectory, 'kubelet/owner.json'), 'utf8');
  const { id } = JSON.parse(owner) as { readonly id: string };
  const group = join(root, `/longshore/${id}/kubepods/burstable/pod${pod.metadata.uid}`);
  const file = first === undefined ? 'max' : 'limit_in_bytes';
  if (!existsSync(join(group, `hugetlb.2MB.${file}`))) return undefined;
  const limits = (place: string): string[] =>
    ['2MB', '1GB'].map((size) => readFileSync(join(place, `hugetlb.${size}.${file}`), 'utf8').trim());
  const own = (name: string): string[] =>
    limits(join(group, `${name}-0`, statusOf(pod, name).containerID?.replace('containerd://', '') ?? ''));
  return { pod: limits(group), c: own('c'), without: own('without') };
}
