/** What a node does with pods that use too much, and when its memory or disk runs short. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Node, Pod } from '../../src/apis/core/types.ts';
import { eventually } from '../harness/poll.ts';
import { askCri } from './cri-engine.ts';
import { makeBusyboxImage } from './images.ts';
import { openPodWorld, type PodWorld, statusOf } from './pod-world.ts';

const NODE = hostname().toLowerCase();

test('a node keeps its logs, containers and memory within bounds', async (context) => {
  const flags = ['--container-log-max-size', '16Ki', '--container-log-max-files', '3'];
  await using world = await openPodWorld(context, [...flags, '--system-reserved', 'cpu=100m,memory=256Mi']);
  if (world === undefined) return;
  await world.apply('pressure', { DIRECTORY: world.engine.directory });
  await context.test('a followed log is whole across its rotations', () => rotation(world));
  await context.test('a volume that is too full evicts its pod', () => greedyVolume(world));
  await context.test(
    'a pod that breaks its own limits is at fault, whatever a failure policy says of disruptions',
    () => atFault(world),
  );
  await context.test('a container that writes too much evicts its pod', () => greedyRoot(world));
  await context.test('of the runs of a container the last two are kept', () => oldRuns(world));
  await context.test('what is reserved is kept from pods', () => reserved(world));
  await context.test('short of memory, a node says so, evicts pods and takes no more', () => memory(world));
  await context.test('short of tasks, it does the same, and who has most of them goes first', () =>
    tasks(world),
  );
});

test('short of disk, a node evicts pods and says so, and leaves images on another disk alone', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  const small = mkdtempSync(join(tmpdir(), 'longshore-disk-'));
  symlinkSync(small, join(directory, 'kubelet'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', small]);
  try {
    const flags = ['--eviction-hard', 'nodefs.available<32Mi', '--minimum-image-ttl-duration', '1ms'];
    await using world = await openPodWorld(context, flags, { dataDirectory: directory });
    if (world === undefined) return;
    await disk(world, flags);
  } finally {
    execFileSync('umount', ['--recursive', '--lazy', small]);
    for (const path of [small, directory]) rmSync(path, { recursive: true, force: true });
  }
});

async function rotation(world: PodWorld): Promise<void> {
  await world.podWhen('chatty', (pod) => statusOf(pod).state?.running !== undefined);
  const text = await world.kubectl(['logs', '-f', 'chatty']);
  const numbers = text.match(/(?<=^line )\d+/gm)?.map(Number) ?? [];
  assert.deepEqual(
    numbers,
    Array.from({ length: 2400 }, (_, index) => index + 1),
  );
  const { metadata } = await world.succeeded('chatty');
  const logs = join(world.server.dataDirectory, `kubelet/pods/default_chatty_${metadata.uid}/c`);
  const files = readdirSync(logs).sort();
  const aside = files.filter((name) => name !== '0.log').map((name) => name.replace(/\d{8}-\d{6}/, 'stamp'));
  assert.deepEqual(aside, ['0.log.stamp.gz', '0.log.stamp'], files.join(' '));
}

async function greedyVolume(world: PodWorld): Promise<void> {
  const { status } = await world.failed('greedy-volume');
  assert.equal(status.reason, 'Evicted');
  assert.equal(status.message, 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". ');
  // It was in nobody's way, but broke a limit of its own.
  assert.ok(!status.conditions?.some(({ type }) => type === 'DisruptionTarget'));
  await world.event('greedy-volume', 'Evicted', /^Usage of EmptyDir volume "v" exceeds the limit "1Mi"/);
}

async function atFault(world: PodWorld): Promise<void> {
  await world.kubectl(['wait', '--for=condition=Failed', 'job/at-fault', '--timeout=60s']);
  const counts = 'jsonpath={.status.succeeded}/{.status.failed}';
  assert.equal(await world.kubectl(['get', 'job', 'at-fault', '-o', counts]), '/1');
}

async function greedyRoot(world: PodWorld): Promise<void> {
  const { status } = await world.failed('greedy-root');
  assert.equal(status.reason, 'Evicted');
  assert.equal(
    status.message,
    'Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ',
  );
}

async function oldRuns(world: PodWorld): Promise<void> {
  const pod = await world.podWhen('restarts', (each) => statusOf(each).restartCount >= 2);
  const logs = join(world.server.dataDirectory, `kubelet/pods/default_restarts_${pod.metadata.uid}/c`);
  const count = statusOf(pod).restartCount;
  assert.deepEqual(readdirSync(logs).sort(), [`${count - 1}.log`, `${count}.log`]);
  const labelSelector = { 'io.kubernetes.pod.name': 'restarts' };
  const left = await askCri(world.engine, (cri) => cri.listContainers({ labelSelector }));
  assert.equal(left.length, 2);
}

async function node(world: PodWorld): Promise<Node> {
  return JSON.parse(await world.kubectl(['get', 'node', NODE, '-o', 'json'])) as Node;
}

async function reserved(world: PodWorld): Promise<void> {
  const { capacity = {}, allocatable = {} } = (await node(world)).status;
  const bytes = (text = ''): number => Number(text.replace(/Ki$/, '')) * (text.endsWith('Ki') ? 1024 : 1);
  const evicted = 100 << 20;
  assert.equal(bytes(capacity['memory']) - bytes(allocatable['memory']), (256 << 20) + evicted);
  assert.match(allocatable['cpu'] ?? '', /^\d*900m$/);
}

/** Once the node says that it is, or is not, short of something. */
async function nodeSays(world: PodWorld, type: string, wanted: string): Promise<void> {
  let last: unknown;
  await eventually(
    async () => {
      const { conditions = [] } = (await node(world)).status;
      last = conditions.find((condition) => condition.type === type);
      return conditions.find((condition) => condition.type === type)?.status === wanted || undefined;
    },
    () => `the node says ${JSON.stringify(last)}`,
  );
}

async function memory(world: PodWorld): Promise<void> {
  await world.podWhen('hungry', (pod) => statusOf(pod).state?.running !== undefined);
  await nodeSays(world, 'MemoryPressure', 'False');
  await world.restartServer('SIGTERM', [
    '--eviction-hard',
    'memory.available<99%',
    '--eviction-pressure-transition-period',
    '1s',
  ]);
  await nodeSays(world, 'MemoryPressure', 'True');
  const { status } = await world.failed('hungry');
  assert.equal(status.reason, 'Evicted');
  assert.match(
    status.message ?? '',
    /^The node was low on resource: memory\. Threshold quantity: \d+\w*, available: \d+\w*\. Container c was using \d+\w*, request is 0, has larger consumption of memory\. $/,
  );
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'late' } };
  const spec = { nodeName: NODE, containers: [{ name: 'c', image: 'busybox:1.37' }] };
  await world.kubectl(['apply', '-f', '-'], JSON.stringify({ ...pod, spec }));
  const late: Pod = await world.failed('late');
  assert.equal(late.status.reason, 'Evicted');
  assert.equal(late.status.message, 'Pod was rejected: The node had condition: [MemoryPressure]. ');
  await world.restartServer('SIGTERM');
  await nodeSays(world, 'MemoryPressure', 'False');
}

async function tasks(world: PodWorld): Promise<void> {
  await world.apply('forks');
  for (const name of ['few', 'forks'])
    await world.podWhen(name, (pod) => statusOf(pod).state?.running !== undefined);
  await nodeSays(world, 'PIDPressure', 'False');
  const flags = ['--eviction-hard', 'pid.available<100%', '--eviction-pressure-transition-period', '1s'];
  await world.restartServer('SIGTERM', flags);
  await nodeSays(world, 'PIDPressure', 'True');
  const ends: number[] = [];
  for (const name of ['forks', 'few']) {
    const pod = await world.failed(name);
    assert.equal(pod.status.reason, 'Evicted');
    assert.match(
      pod.status.message ?? '',
      /^The node was low on resource: pids\. Threshold quantity: \d+\w*, available: \d+\w*\. $/,
    );
    ends.push(Date.parse(statusOf(pod).state?.terminated?.finishedAt ?? ''));
  }
  assert.ok(ends[0] !== undefined && ends[1] !== undefined && ends[0] < ends[1], ends.join(' '));
  // What a pod asks for does not help it here.
  const resources = { requests: { memory: '1Mi' } };
  const spec = { nodeName: NODE, containers: [{ name: 'c', image: 'busybox:1.37', resources }] };
  const modest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'modest' }, spec };
  await world.kubectl(['apply', '-f', '-'], JSON.stringify(modest));
  const { status } = await world.failed('modest');
  assert.equal(status.message, 'Pod was rejected: The node had condition: [PIDPressure]. ');
  await world.restartServer('SIGTERM');
  await nodeSays(world, 'PIDPressure', 'False');
}

async function disk(world: PodWorld, flags: readonly string[]): Promise<void> {
  const { engine } = world;
  const other = 'docker.io/library/unused:1';
  await engine.importArchive(makeBusyboxImage(engine.directory, [other], { unused: '1' }));
  // The age of an image counts from when the node first saw it.
  await world.restartServer('SIGTERM', flags);
  await world.apply('disk');
  const pod = await world.failed('filler');
  assert.equal(pod.status.reason, 'Evicted');
  assert.match(
    pod.status.message ?? '',
    /^The node was low on resource: ephemeral-storage\. Threshold quantity: 32Mi, available: \d+\w*\. /,
  );
  const target = pod.status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.deepEqual([target?.status, target?.reason], ['True', 'TerminationByKubelet']);
  await nodeSays(world, 'DiskPressure', 'True');
  const images = await askCri(engine, (cri) => cri.listImages());
  const names = images.flatMap(({ repoTags }) => repoTags);
  assert.ok(names.includes(other), 'to remove it would free nothing of the disk that is full');
}
