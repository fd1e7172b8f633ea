/** A pod's life in real containers: order, restarts, hooks, ends, last words, probes, debugging. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod } from '../../src/apis/core/types.ts';
import { conditionOf, openPodWorld, type PodWorld, statusOf, waitsFor } from './pod-world.ts';

test('a pod lives as on Kubernetes', async (context) => {
  await using world = await openPodWorld(context);
  if (world === undefined) return;
  const directory = world.engine.directory;
  await world.apply('life', { DIRECTORY: directory });
  await context.test('init containers and sidecars start in order, sidecars end last', () => order(world));
  await context.test('no sidecar keeps a Job from its end', () => withCompany(world));
  await context.test('a failed init container fails the pod', () => initFails(world));
  await context.test('a failed init container is tried again where the pod restarts', () =>
    initTriedAgain(world),
  );
  await context.test('of several containers those that failed run again', () => someFail(world));
  await context.test('a container that keeps failing is held back', () => crashLoop(world));
  await context.test('a rule restarts a container of a pod that never restarts', () => rules(world));
  await context.test('a rule restarts all containers of a pod', () => restartAll(world));
  await context.test('hooks run after the start and before the end', () => hooks(world));
  await context.test('a failed postStart hook ends its container', () => hookFails(world));
  await context.test('no hook keeps a pod that is to end', () => hangingHooks(world));
  await context.test('a failed preStop hook is told, and its container ends at once', () =>
    lastHookFails(world),
  );
  await context.test('sidecars are told at once, and end after those whom they serve', () => lastOnes(world));
  await context.test('what ignores SIGTERM is killed after its grace', () => stubborn(world));
  await context.test('a pod has a deadline', () => deadline(world));
  await context.test('last words come from a file or the log', () => lastWords(world));
  await world.apply('probes');
  await context.test('probes of every kind decide who is ready', () => ready(world));
  await context.test('a failed liveness probe restarts its container', () => sick(world));
  await context.test('a failed startup probe ends its container', () => neverUp(world));
  await context.test('a probe that hangs counts as failed', () => hangs(world));
  await context.test('a probe to nowhere says so', () => nowhere(world));
  await context.test('a probe that cannot be made says nothing of its container', () => cannotAsk(world));
  await context.test('kubectl debug looks into a running pod', () => debug(world));
  await context.test('who was ready is ready still when the server begins again', () => stillReady(world));
});

async function order(world: PodWorld): Promise<void> {
  const pod = await world.succeeded('order');
  assert.deepEqual(await world.lines('order'), ['first', 'beside', 'second', 'main']);
  const file = readFileSync(join(world.engine.directory, 'order/order'), 'utf8');
  assert.equal(file, 'first\nbeside\nsecond\nmain\nbeside ended\n');
  assert.equal(statusOf(pod, 'beside').state?.terminated?.exitCode, 0);
  const conditions = (pod.status.conditions ?? []).map(({ type, status, reason }) => [type, status, reason]);
  assert.deepEqual(
    new Set(conditions.map((each) => each.join(' '))),
    new Set([
      'PodReadyToStartContainers False ',
      'Initialized True PodCompleted',
      'Ready False PodCompleted',
      'ContainersReady False PodCompleted',
      'PodScheduled True ',
    ]),
  );
}

async function withCompany(world: PodWorld): Promise<void> {
  await world.kubectl(['wait', '--for=condition=Complete', 'job/with-company', '--timeout=60s']);
  const text = await world.kubectl(['get', 'pods', '-l', 'job-name=with-company', '-o', 'json']);
  const [pod] = (JSON.parse(text) as { readonly items: readonly Pod[] }).items;
  assert.ok(pod !== undefined);
  assert.equal(pod.status.phase, 'Succeeded');
  assert.equal(statusOf(pod, 'beside').state?.terminated?.exitCode, 137);
}

async function initFails(world: PodWorld): Promise<void> {
  const pod = await world.failed('init-fails');
  assert.equal(statusOf(pod, 'first').state?.terminated?.exitCode, 4);
  assert.equal(statusOf(pod).state?.waiting?.reason, 'PodInitializing');
  assert.equal(conditionOf(pod, 'Initialized'), 'False');
}

async function initTriedAgain(world: PodWorld): Promise<void> {
  const retried = await world.succeeded('init-retries');
  assert.equal(statusOf(retried, 'first').restartCount, 1);
  assert.equal(statusOf(retried, 'first').lastState?.terminated?.exitCode, 4);
  const held = await world.podWhen('init-loop', (each) => waitsFor(each, 'CrashLoopBackOff', 'first'));
  assert.equal(held.status.phase, 'Pending');
  assert.match(statusOf(held, 'first').state?.waiting?.message ?? '', /^back-off \d+s restarting failed/);
  assert.match(await world.kubectl(['get', 'pod', 'init-loop']), / Init:(CrashLoopBackOff|Error) /);
}

async function someFail(world: PodWorld): Promise<void> {
  const pod = await world.succeeded('some-fail');
  assert.deepEqual([statusOf(pod).restartCount, statusOf(pod, 'fine').restartCount], [1, 0]);
  assert.equal(statusOf(pod).lastState?.terminated?.exitCode, 2);
}

async function crashLoop(world: PodWorld): Promise<void> {
  const pod = await world.podWhen('crash-loop', (each) => waitsFor(each, 'CrashLoopBackOff'));
  const { restartCount, state, lastState } = statusOf(pod);
  assert.ok(restartCount >= 1);
  const text = `restarting failed container=c pod=crash-loop_default\\(${pod.metadata.uid}\\)`;
  assert.match(state?.waiting?.message ?? '', new RegExp(`^back-off (10|20|40)s ${text}$`));
  assert.equal(lastState?.terminated?.exitCode, 7);
  await world.event(
    'crash-loop',
    'BackOff',
    /^Back-off restarting failed container c in pod crash-loop_default/,
  );
  assert.equal(await world.kubectl(['logs', 'crash-loop', '--previous']), 'trying\n');
}

async function rules(world: PodWorld): Promise<void> {
  const pod = await world.succeeded('rules');
  assert.equal(statusOf(pod).restartCount, 1);
  assert.equal(statusOf(pod).lastState?.terminated?.exitCode, 42);
  assert.equal(statusOf(pod, 'never').restartCount, 0);
}

async function restartAll(world: PodWorld): Promise<void> {
  const pod = await world.succeeded('restart-all');
  assert.deepEqual((await world.lines('restart-all')).toSorted(), ['init', 'init', 'other', 'other']);
  assert.equal(statusOf(pod).restartCount, 1);
  assert.equal(statusOf(pod, 'other').restartCount, 1);
  assert.equal(statusOf(pod, 'first').restartCount, 1);
  assert.equal(statusOf(pod, 'first').lastState?.terminated?.reason, 'RestartingAllContainers');
  assert.equal(conditionOf(pod, 'AllContainersRestarting'), 'False');
}

async function hooks(world: PodWorld): Promise<void> {
  const out = join(world.engine.directory, 'hooks/hooks');
  await world.podWhen('hooks', (pod) => statusOf(pod).state?.running !== undefined);
  await world.kubectl(['delete', 'pod', 'hooks', '--timeout=30s']);
  assert.equal(readFileSync(out, 'utf8'), 'started\nstopping\nterm\n');
}

async function hookFails(world: PodWorld): Promise<void> {
  const pod = await world.failed('hook-fails');
  assert.equal(statusOf(pod).state?.terminated?.exitCode, 137);
  await world.event('hook-fails', 'FailedPostStartHook', /^PostStartHook failed$/);
  await world.event('hook-fails', 'Killing', /^FailedPostStartHook$/);
}

async function hangingHooks(world: PodWorld): Promise<void> {
  await world.event('hook-hangs', 'Started');
  const before = await world.podWhen('hook-hangs', () => true);
  assert.equal(statusOf(before).state?.waiting?.reason, 'ContainerCreating');
  await world.podWhen('last-hook-hangs', (pod) => statusOf(pod).state?.running !== undefined);
  await world.kubectl(['delete', 'pod', 'hook-hangs', 'last-hook-hangs', '--timeout=30s']);
}

async function lastHookFails(world: PodWorld): Promise<void> {
  await world.podWhen('last-hook-fails', (pod) => statusOf(pod).state?.running !== undefined);
  await world.kubectl(['delete', 'pod', 'last-hook-fails', '--timeout=25s']);
  await world.event('last-hook-fails', 'FailedPreStopHook', /^PreStopHook failed$/);
}

async function lastOnes(world: PodWorld): Promise<void> {
  await world.podWhen('last-ones', (pod) => statusOf(pod).state?.running !== undefined);
  await world.kubectl(['delete', 'pod', 'last-ones', '--timeout=30s']);
  const lines = readFileSync(join(world.engine.directory, 'ends/ends'), 'utf8').trimEnd().split('\n');
  assert.deepEqual(lines.slice(0, 2).toSorted(), ['inner is told', 'outer is told']);
  assert.deepEqual(lines.slice(2), ['c ends', 'inner ends', 'outer ends']);
}

async function stubborn(world: PodWorld): Promise<void> {
  await world.podWhen('stubborn', (pod) => statusOf(pod).state?.running !== undefined);
  await world.kubectl(['delete', 'pod', 'stubborn', '--timeout=30s']);
  await world.event('stubborn', 'Killing', /^Stopping container c$/);
}

async function deadline(world: PodWorld): Promise<void> {
  const { status } = await world.failed('deadline');
  assert.equal(status.reason, 'DeadlineExceeded');
  assert.equal(status.message, 'Pod was active on the node longer than the specified deadline');
}

async function lastWords(world: PodWorld): Promise<void> {
  const pod = await world.failed('last-words');
  const said = (name: string): string | undefined => statusOf(pod, name).state?.terminated?.message;
  assert.deepEqual(['file', 'path', 'log', 'fine'].map(said), ['said', 'there', 'printed\n', undefined]);
}

async function ready(world: PodWorld): Promise<void> {
  const isReady = (name: string) => (pod: Parameters<typeof statusOf>[0]) => statusOf(pod, name).ready;
  const pod = await world.podWhen('ready', (each) =>
    ['exec', 'http', 'tcp'].every((name) => isReady(name)(each)),
  );
  assert.equal(statusOf(pod, 'http').started, true);
  assert.equal(statusOf(pod, 'grpc').ready, false);
  assert.equal(conditionOf(pod, 'Ready'), 'False');
  const message = pod.status.conditions?.find(({ type }) => type === 'ContainersReady')?.message;
  assert.equal(message, 'containers with unready status: [grpc]');
  assert.equal(conditionOf(pod, 'PodReadyToStartContainers'), 'True');
  await world.event('ready', 'Unhealthy', /^Readiness probe failed: /);
}

async function sick(world: PodWorld): Promise<void> {
  const pod = await world.podWhen('sick', (each) => statusOf(each).restartCount > 0);
  assert.equal(statusOf(pod).lastState?.terminated?.exitCode, 137);
  await world.event('sick', 'Unhealthy', /^Liveness probe failed: ill\n$/);
  await world.event('sick', 'Killing', /^Container c failed liveness probe, will be restarted$/);
}

async function neverUp(world: PodWorld): Promise<void> {
  const pod = await world.failed('never-up');
  assert.equal(statusOf(pod).started, false);
  await world.event(
    'never-up',
    'Unhealthy',
    /^Startup probe failed: dial tcp 10\.\S+:9: connect: connection refused$/,
  );
}

async function hangs(world: PodWorld): Promise<void> {
  await world.failed('hangs');
  await world.event(
    'hangs',
    'Unhealthy',
    /^Liveness probe failed: command timed out: "sleep 1000" timed out after 1s$/,
  );
}

async function nowhere(world: PodWorld): Promise<void> {
  await world.event(
    'nowhere',
    'Unhealthy',
    /^Readiness probe failed: Get "http:\/\/10\.\S+:9\/": dial tcp 10\.\S+:9: connect: connection refused$/,
  );
}

async function cannotAsk(world: PodWorld): Promise<void> {
  const why =
    /^Liveness probe errored and resulted in unknown state: rpc error: .*no such file or directory(: unknown)?$/;
  await world.event('cannot-ask', 'Unhealthy', why);
  const pod = await world.podWhen('cannot-ask', (each) => statusOf(each).ready);
  assert.equal(statusOf(pod).restartCount, 0);
}

async function stillReady(world: PodWorld): Promise<void> {
  const since = ({ status }: Pod): string | undefined =>
    status.conditions?.find(({ type, status: holds }) => type === 'Ready' && holds === 'True')
      ?.lastTransitionTime;
  const before = await world.podWhen('cannot-ask', (pod) => since(pod) !== undefined);
  await world.restartServer('SIGTERM');
  // A pod that ran since then shows that the new node agent looks after its pods.
  await world.kubectl(['run', 'later', '--image=busybox:1.37', '--restart=Never', '--', 'true']);
  await world.succeeded('later');
  assert.equal(since(await world.podWhen('cannot-ask', () => true)), since(before));
}

async function debug(world: PodWorld): Promise<void> {
  await world.kubectl([
    'debug',
    'ready',
    '--image=busybox:1.37',
    '--image-pull-policy=IfNotPresent',
    '--target=tcp',
    '-c',
    'looker',
    '--',
    'sh',
    '-c',
    'ps | grep -q "[h]ttpd -f -p 8081" && echo there; echo -n seen > /dev/termination-log',
  ]);
  const pod = await world.podWhen(
    'ready',
    (each) =>
      each.status.ephemeralContainerStatuses?.some(({ state }) => state?.terminated !== undefined) === true,
  );
  assert.deepEqual(await world.lines('ready', 'looker'), ['there']);
  assert.equal(statusOf(pod, 'looker').state?.terminated?.exitCode, 0);
  assert.equal(statusOf(pod, 'tcp').restartCount, 0);
}
