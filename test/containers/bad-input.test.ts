/** Users' mistakes: the kubelet's reason in status and events, and `longshore why` in sentences. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod } from '../../src/apis/core/types.ts';
import { eventually } from '../harness/poll.ts';
import { execute, LONGSHORE } from '../harness/server.ts';
import { openPodWorld, type PodWorld, statusOf } from './pod-world.ts';

test('a mistake is told where the user looks', async (context) => {
  await using world = await openPodWorld(context);
  if (world === undefined) return;
  const readonly = join(world.engine.directory, 'readonly');
  mkdirSync(readonly);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', readonly]);
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  try {
    await world.apply('bad-input', { READONLY: readonly, PORT: String(port) });
    for (const [name, check] of CASES) await context.test(`${name} says so`, () => check(world));
  } finally {
    listener.close();
    execFileSync('umount', ['--lazy', readonly]);
  }
});

/** The pod of a Job, once it is as wanted. */
async function podOf(world: PodWorld, job: string, isReady: (pod: Pod) => boolean): Promise<Pod> {
  const name = await eventually(
    async () => {
      const path = 'jsonpath={.items[*].metadata.name}';
      const names = await world.kubectl(['get', 'pods', '-l', `job-name=${job}`, '-o', path]);
      return names.split(' ')[0] || undefined;
    },
    () => `job ${job} has no pod`,
  );
  return world.podWhen(name, isReady);
}

const ended = ({ status }: Pod): boolean => status.phase === 'Failed';
const waiting =
  (reason: string) =>
  (pod: Pod): boolean =>
    statusOf(pod).state?.waiting?.reason === reason;

async function why(world: PodWorld, job: string): Promise<string> {
  const args = [LONGSHORE, 'why', `job/${job}`, '--kubeconfig', world.server.kubeconfig];
  const { code, stdout, stderr } = await execute(process.execPath, args);
  assert.equal(code, 0, stderr);
  return stdout;
}

const CASES: readonly (readonly [string, (world: PodWorld) => Promise<void>])[] = [
  ['a command that does not exist', noCommand],
  ['a volume whose ConfigMap is missing', noConfigMap],
  ['a variable whose ConfigMap is missing', noVariable],
  ['a mount over /proc', overProc],
  ['a probe to nowhere', probeToNowhere],
  ['a port in use', portInUse],
  ['a read-only disk', readOnly],
  ['an image that does not exist', noImage],
  ['a container that keeps failing', keepsFailing],
];

async function noCommand(world: PodWorld): Promise<void> {
  const pod = await podOf(world, 'no-command', ended);
  const { exitCode, reason, message, startedAt } = statusOf(pod).state?.terminated ?? {};
  assert.equal(exitCode, 128);
  assert.equal(startedAt, '1970-01-01T00:00:00Z');
  assert.equal(reason, 'StartError');
  assert.match(
    message ?? '',
    /exec: "\/no\/such\/program": stat \/no\/such\/program: no such file or directory/,
  );
  await world.event(pod.metadata.name, 'Failed', /^Error: .*no such file or directory/);
  assert.match(
    await why(world, 'no-command'),
    /container c exited with code 128 \(StartError\): .*no such file/,
  );
}

async function noConfigMap(world: PodWorld): Promise<void> {
  const pod = await podOf(world, 'no-config-map', ({ status }) => status.startTime !== undefined);
  const message = 'MountVolume.SetUp failed for volume "v" : configmap "nobody" not found';
  await world.event(pod.metadata.name, 'FailedMount', new RegExp(`^${message}$`));
  assert.equal(pod.status.phase, 'Pending');
  assert.match(
    await why(world, 'no-config-map'),
    /waits: for its start on node \S+: MountVolume\.SetUp failed .*configmap "nobody" not found/,
  );
}

async function noVariable(world: PodWorld): Promise<void> {
  const pod = await podOf(world, 'no-variable', waiting('CreateContainerConfigError'));
  assert.equal(statusOf(pod).state?.waiting?.message, 'configmap "nobody" not found');
  await world.event(pod.metadata.name, 'Failed', /^Error: configmap "nobody" not found$/);
  assert.match(await why(world, 'no-variable'), /CreateContainerConfigError: configmap "nobody" not found/);
}

async function overProc(world: PodWorld): Promise<void> {
  const pod = await podOf(world, 'over-proc', ended);
  const { reason, message } = statusOf(pod).state?.terminated ?? {};
  assert.equal(reason, 'StartError');
  assert.match(message ?? '', /"?\/proc"? cannot be mounted because it is (inside|not of type) /);
  assert.match(await why(world, 'over-proc'), /\/proc"? cannot be mounted/);
}

async function probeToNowhere(world: PodWorld): Promise<void> {
  const pod = await podOf(world, 'probe-to-nowhere', ended);
  await world.event(
    pod.metadata.name,
    'Unhealthy',
    /^Liveness probe failed: dial tcp 10\.\S+:9: connect: connection refused$/,
  );
  await world.event(pod.metadata.name, 'Killing', /^Stopping container c|^Container c failed liveness probe/);
  assert.match(
    await why(world, 'probe-to-nowhere'),
    /Liveness probe failed: dial tcp \S+:9: connect: connection refused/,
  );
}

async function portInUse(world: PodWorld): Promise<void> {
  const pod = await podOf(world, 'port-in-use', ended);
  assert.match(statusOf(pod).state?.terminated?.message ?? '', /in use/);
  assert.match(await why(world, 'port-in-use'), /exited with code 3 \(Error\): .*in use/);
}

async function readOnly(world: PodWorld): Promise<void> {
  const pod = await podOf(world, 'read-only', waiting('CreateContainerConfigError'));
  const message = 'failed to create subPath directory for volumeMount "v" of container "c"';
  assert.equal(statusOf(pod).state?.waiting?.message, message);
  assert.match(await why(world, 'read-only'), new RegExp(`CreateContainerConfigError: ${message}`));
}

async function noImage(world: PodWorld): Promise<void> {
  await podOf(world, 'no-image', waiting('ImagePullBackOff'));
  assert.match(
    await why(world, 'no-image'),
    /ImagePullBackOff: Back-off pulling image "registry\.invalid\/nothing:1"/,
  );
}

async function keepsFailing(world: PodWorld): Promise<void> {
  await podOf(world, 'keeps-failing', waiting('CrashLoopBackOff'));
  assert.match(
    await why(world, 'keeps-failing'),
    /CrashLoopBackOff: back-off \d+s restarting failed container=c .*; it exited with code 7 \(Error\): no luck\.$/m,
  );
}
