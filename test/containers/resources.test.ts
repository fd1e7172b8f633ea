/** Limits of real containers, what they used, and what is told when the memory does not suffice. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod } from '../../src/apis/core/types.ts';
import { slicePath } from '../../src/kubelet/cgroups/slices.ts';
import { eventually } from '../harness/poll.ts';
import { execute, LONGSHORE } from '../harness/server.ts';
import { openPodWorld, type PodWorld, statusOf } from './pod-world.ts';
import { BY_SYSTEMD } from './programs.ts';

test('pods are held to their limits and what they use is told', async (context) => {
  await using world = await openPodWorld(context, ['--pod-max-pids', '100']);
  if (world === undefined) return;
  await world.apply('resources', { DIRECTORY: world.engine.directory });
  await context.test('requests and limits are those of control groups', () => limited(world));
  await context.test('pods of each class are below the group of their class', () => classes(world));
  await context.test('a container that needs too much memory is told as OOMKilled', () => oomKilled(world));
  await context.test('what a running pod uses can be read of its node', () => measured(world));
  await context.test('a running pod gets other limits', () => resized(world));
  await context.test(
    'a running pod gets other limits as a whole, and so do its containers that have none',
    () => resizedAsAWhole(world),
  );
  await context.test('what a container used is told with its Job', () => used(world));
});

/** Where a controller's files of a group are, in either version of control groups. */
function groupFile(group: string, name: string): string {
  const controller = name.split('.')[0] ?? '';
  const first = join('/sys/fs/cgroup', controller === 'cpuacct' ? 'cpuacct' : controller);
  return join(existsSync(first) ? first : '/sys/fs/cgroup', group, name);
}

/** The group of a pod of the class Burstable, and that of the first run of its container `c`. */
function burstable(world: PodWorld, pod: Pod): { readonly podGroup: string; readonly own: string } {
  const path = `${groupsOf(world)}/burstable/pod${pod.metadata.uid}`;
  const id = (statusOf(pod).containerID ?? '').replace('containerd://', '');
  if (!BY_SYSTEMD) return { podGroup: path, own: `${path}/c-0/${id}` };
  return { podGroup: slicePath(path), own: `${slicePath(`${path}/c-0`)}/cri-containerd-${id}.scope` };
}

/** What all groups of the server's pods are below. */
function groupsOf({ server }: PodWorld): string {
  const text = readFileSync(join(server.dataDirectory, 'kubelet', 'owner.json'), 'utf8');
  return `/longshore/${(JSON.parse(text) as { readonly id: string }).id}/kubepods`;
}

const isHybrid = existsSync('/sys/fs/cgroup/memory');

function amount(group: string, first: string, second: string): string {
  return readFileSync(groupFile(group, isHybrid ? first : second), 'utf8').trim();
}

async function limited(world: PodWorld): Promise<void> {
  const pod = await world.podWhen(
    'limited',
    ({ status }) => status.containerStatuses?.every(({ state }) => state?.running !== undefined) === true,
  );
  const { podGroup, own } = burstable(world, pod);
  assert.equal(amount(own, 'memory.limit_in_bytes', 'memory.max'), String(32 << 20));
  assert.equal(amount(podGroup, 'memory.limit_in_bytes', 'memory.max'), String(48 << 20));
  assert.equal(amount(podGroup, 'pids.max', 'pids.max'), '100');
  if (isHybrid) {
    assert.equal(amount(own, 'cpu.cfs_quota_us', ''), '50000');
    assert.equal(amount(own, 'cpu.shares', ''), '256');
    assert.equal(amount(podGroup, 'cpu.cfs_quota_us', ''), '80000');
    assert.equal(amount(podGroup, 'cpu.shares', ''), '358');
  } else {
    assert.equal(amount(own, '', 'cpu.max'), '50000 100000');
    assert.equal(amount(podGroup, '', 'cpu.max'), '80000 100000');
    assert.equal(amount(own, '', 'memory.swap.max'), '0');
    assert.equal(amount(own, '', 'memory.oom.group'), '1');
  }
  writeFileSync(join(world.engine.directory, 'go'), '');
  await world.succeeded('limited');
  const left = (): boolean =>
    existsSync(groupFile(podGroup, 'memory.stat')) ||
    (isHybrid && existsSync(join('/sys/fs/cgroup/pids', podGroup)));
  await eventually(
    async () => (left() ? undefined : true),
    () => 'the group of a pod that has ended stays',
  );
}

async function classes(world: PodWorld): Promise<void> {
  for (const [name, part] of [
    ['guaranteed', ''],
    ['best-effort', '/besteffort'],
  ]) {
    const pod = await world.succeeded(name ?? '');
    const lines = await world.lines(name ?? '');
    // A container sees its own group as the root where it has a namespace of its own for them.
    const path = `${groupsOf(world)}${part}/pod${pod.metadata.uid}/c-0`;
    const inside = lines.some((line) => line.includes(`${BY_SYSTEMD ? slicePath(path) : path}/`));
    assert.ok(inside || lines.every((line) => line.endsWith(':/')), lines.join('\n'));
  }
}

async function oomKilled(world: PodWorld): Promise<void> {
  const child = await world.podWhen('child-dies', ({ status }) =>
    /Succeeded|Failed/.test(status.phase ?? ''),
  );
  assert.equal(statusOf(child).state?.terminated?.reason, 'OOMKilled');
  const dead = await world.failed('dies');
  assert.equal(statusOf(dead).state?.terminated?.reason, 'OOMKilled');
  assert.equal(statusOf(dead).state?.terminated?.exitCode, 137);
}

const conditionsOf = ({ status }: Pod): string[] =>
  (status.conditions ?? [])
    .filter(({ type }) => type.startsWith('PodResize'))
    .map(({ type, reason = '' }) => `${type} ${reason}`.trim());

const resize = (world: PodWorld, containers: readonly object[]): Promise<void> =>
  resizeOf(world, 'resizable', { containers });

async function resizeOf(world: PodWorld, name: string, spec: object): Promise<void> {
  await world.kubectl(['patch', 'pod', name, '--subresource', 'resize', '-p', JSON.stringify({ spec })]);
}

/** The container's figures are those of its own group, within what it may have. */
async function measured(world: PodWorld): Promise<void> {
  const pod = await world.podWhen('resizable', ({ status }) => status.phase === 'Running');
  const text = await world.kubectl([
    'get',
    '--raw',
    `/api/v1/nodes/${pod.spec.nodeName}/proxy/metrics/resource`,
  ]);
  const [, bytes] =
    /^container_memory_working_set_bytes\{container="c",namespace="default",pod="resizable"\} (\d+) /m.exec(
      text,
    ) ?? [];
  assert.ok(Number(bytes) > 0 && Number(bytes) <= 32 << 20, `${bytes} bytes`);
  assert.match(
    text,
    /^container_cpu_usage_seconds_total\{container="c",namespace="default",pod="resizable"\} \d*\.?\d+ /m,
  );
  const top = await world.kubectl(['top', 'pod', 'resizable', '--containers']);
  assert.match(top, /^resizable +c +\d+m +\d+Mi *$/m);
}

async function resized(world: PodWorld): Promise<void> {
  const ready = ({ status }: Pod): boolean => status.phase === 'Running';
  const before = await world.podWhen('resizable', ready);
  const first = { requests: { cpu: '100m', memory: '16Mi' }, limits: { cpu: '200m', memory: '32Mi' } };
  assert.deepEqual(
    [statusOf(before).resources, statusOf(before).allocatedResources, before.status.allocatedResources],
    [first, first.requests, { cpu: '100m', memory: '32Mi' }],
  );
  const { podGroup, own } = burstable(world, before);
  const more = { requests: { cpu: '150m', memory: '20Mi' }, limits: { cpu: '300m', memory: '64Mi' } };
  await resize(world, [{ name: 'c', resources: more }]);
  const isDone =
    (generation: number) =>
    (pod: Pod): boolean =>
      Number(pod.status.observedGeneration) === generation && conditionsOf(pod).length === 0;
  const after = await world.podWhen('resizable', isDone(2));
  assert.deepEqual([statusOf(after).resources, statusOf(after).allocatedResources], [more, more.requests]);
  assert.equal(statusOf(after).restartCount, 0);
  assert.equal(amount(own, 'memory.limit_in_bytes', 'memory.max'), String(64 << 20));
  assert.equal(amount(podGroup, 'memory.limit_in_bytes', 'memory.max'), String(80 << 20));
  if (isHybrid) assert.equal(amount(own, 'cpu.cfs_quota_us', ''), '30000');
  else assert.equal(amount(own, '', 'cpu.max'), '30000 100000');
  const started = await world.event('resizable', 'ResizeStarted');
  const restarted = {
    name: 'restarted',
    resources: { limits: { memory: '16Mi' }, requests: { memory: '16Mi' } },
  };
  const told = {
    containers: [{ name: 'c', resources: { limits: more.limits, requests: more.requests } }, restarted],
  };
  assert.equal(started.message, `Pod resize started: ${JSON.stringify({ ...told, generation: 2 })}`);
  await world.event('resizable', 'ResizeCompleted', /^Pod resize completed: .*"generation":2}$/);

  await resize(world, [{ name: 'restarted', resources: { limits: { memory: '24Mi' } } }]);
  const again = await world.podWhen('resizable', (pod) => statusOf(pod, 'restarted').restartCount === 1);
  assert.equal(again.status.phase, 'Running');
  await world.event('resizable', 'Killing', /^Container restarted resize requires restart$/);
  const grown = await world.podWhen('resizable', isDone(3));
  assert.equal(statusOf(grown, 'restarted').resources?.limits?.['memory'], '24Mi');

  await assert.rejects(
    resize(world, [{ name: 'c', resources: { requests: { cpu: '999' }, limits: { cpu: '999' } } }]),
    /pods "resizable" is forbidden: node didn't have enough allocatable resources: cpu, requested: 999000, allocatable: /,
  );
  const beside = { name: 'c', image: 'busybox:1.37', command: ['sleep', '3600'] };
  const holding = { spec: { containers: [{ ...beside, resources: { requests: { cpu: '100m' } } }] } };
  await world.kubectl([
    'run',
    'beside',
    '--image=busybox:1.37',
    '--overrides',
    JSON.stringify(holding),
    '--override-type=strategic',
  ]);
  await world.podWhen('beside', ready);
  const all = String(availableParallelism());
  await resize(world, [{ name: 'c', resources: { requests: { cpu: all }, limits: { cpu: all } } }]);
  const waiting = await world.podWhen('resizable', (pod) => conditionsOf(pod).length > 0);
  assert.deepEqual(conditionsOf(waiting), ['PodResizePending Deferred']);
  assert.deepEqual(statusOf(waiting).allocatedResources, more.requests);
  await world.event(
    'resizable',
    'ResizeDeferred',
    /"error":"Node didn't have enough resource: cpu, requested: \d+000, /,
  );
  const small = { requests: { cpu: '100m', memory: '4Ki' }, limits: { cpu: '200m', memory: '4Ki' } };
  await resize(world, [{ name: 'c', resources: small }]);
  const failed = await world.podWhen('resizable', (pod) =>
    conditionsOf(pod).includes('PodResizeInProgress Error'),
  );
  assert.match(
    failed.status.conditions?.find(({ reason }) => reason === 'Error')?.message ?? '',
    /^cannot decrease memory limits: attempting to set container "c" memory limit \(4096\) below current usage \(\d+\)$/,
  );
  await world.event('resizable', 'ResizeError');
  await resize(world, [{ name: 'c', resources: first }]);
  await world.podWhen('resizable', isDone(6));
  assert.equal(amount(own, 'memory.limit_in_bytes', 'memory.max'), String(32 << 20));
  await world.kubectl(['delete', 'pod', 'resizable', 'beside', '--grace-period=1']);
}

async function resizedAsAWhole(world: PodWorld): Promise<void> {
  const before = await world.podWhen('as-a-whole', ({ status }) => status.phase === 'Running');
  const { own } = burstable(world, before);
  const limitNow = (): string => amount(own, 'memory.limit_in_bytes', 'memory.max');
  assert.equal(limitNow(), String(32 << 20));
  await resizeOf(world, 'as-a-whole', { resources: { limits: { memory: '48Mi' } } });
  const after = await world.podWhen(
    'as-a-whole',
    (pod) => pod.status.resources?.limits?.['memory'] === '48Mi' && conditionsOf(pod).length === 0,
  );
  assert.deepEqual([limitNow(), statusOf(after).restartCount], [String(48 << 20), 0]);
  const small = { memory: '4Ki' };
  await resizeOf(world, 'as-a-whole', { resources: { limits: small, requests: small } });
  const failed = await world.podWhen('as-a-whole', (pod) => conditionsOf(pod).length > 0);
  assert.deepEqual(conditionsOf(failed), ['PodResizeInProgress Error']);
  // Granted, and not what it has.
  assert.deepEqual(
    [failed.status.allocatedResources, failed.status.resources?.limits],
    [small, { memory: '48Mi' }],
  );
  await world.kubectl(['delete', 'pod', 'as-a-whole']);
}

interface Told {
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
  readonly runs?: readonly Told[];
}

const usageOf = ({ metadata }: { readonly metadata: Pod['metadata'] }): Record<string, Told> =>
  JSON.parse(metadata.annotations?.['longshore.dev/usage'] ?? '{}') as Record<string, Told>;

async function used(world: PodWorld): Promise<void> {
  await world.kubectl(['wait', '--for=condition=Complete', 'job/busy', '--timeout=60s']);
  const text = await world.kubectl(['get', 'pods', '-l', 'job-name=busy', '-o', 'json']);
  const [pod] = (JSON.parse(text) as { readonly items: readonly Pod[] }).items;
  assert.ok(pod);
  const { c, first, side } = usageOf(pod);
  assert.ok(c !== undefined && c.cpuSeconds > 0.05 && c.cpuSeconds < 60, JSON.stringify(c));
  assert.ok(c.peakMemoryBytes > 20 << 20 && c.peakMemoryBytes < 100 << 20, JSON.stringify(c));
  const sum = (c.runs ?? []).reduce((seconds, run) => seconds + run.cpuSeconds, 0);
  assert.deepEqual([c.runs?.length, Math.abs(sum - c.cpuSeconds) < 0.01], [2, true], JSON.stringify(c));
  assert.ok(first !== undefined && first.peakMemoryBytes > 5 << 20, JSON.stringify(first));
  assert.ok(side !== undefined, 'nothing is told of the sidecar');
  const job = JSON.parse(await world.kubectl(['get', 'job', 'busy', '-o', 'json'])) as Pod;
  const { runs, ...whole } = c;
  assert.deepEqual(usageOf(job), { c: whole, first, side }, JSON.stringify(runs));
  const sentence =
    /^It used [\d.]+ s of processor time; the most memory of a container was \d+ MiB \(c\)\.\nBy container: /m;
  assert.match(await why(world), sentence);
  await world.kubectl(['delete', 'pods', '-l', 'job-name=busy']);
  assert.match(await why(world), sentence);
  await world.kubectl(['delete', 'job', 'busy']);
  const gone = await why(world);
  assert.match(gone, /^Job busy is gone\. The last that was told of it: Completed: Job completed\.$/m);
  assert.match(gone, sentence);
}

async function why({ server }: PodWorld): Promise<string> {
  const args = [LONGSHORE, 'why', 'job/busy', '--kubeconfig', server.kubeconfig];
  const { stdout, stderr, code } = await execute(process.execPath, args);
  assert.equal(code, 0, stderr);
  return stdout;
}
