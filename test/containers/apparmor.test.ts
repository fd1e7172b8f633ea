/** Containers confined by AppArmor, on containerd and on Docker; where the machine has none, that they are refused. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Pod } from '../../src/apis/core/types.ts';
import { kubectl } from '../harness/kubectl.ts';
import { eventually } from '../harness/poll.ts';
import type { TestServer } from '../harness/server.ts';
import { sharedDockerWorld } from './docker-world.ts';
import { openPodWorld, statusOf } from './pod-world.ts';

const PROFILE = `longshore-test-${process.pid}`;
/** Lets everything be done but one thing. */
const RULES = `profile ${PROFILE} flags=(attach_disconnected,mediate_deleted) {
  file,
  capability,
  network,
  mount,
  signal,
  ptrace,
  deny /tmp/denied w,
}
`;

const openDocker = sharedDockerWorld();

test('containers are confined by AppArmor on containerd', async (context) => {
  await using world = await openPodWorld(context);
  if (world !== undefined) await confined(context, world.server, /^cri-containerd\S* \(enforce\)$/);
});

test('containers are confined by AppArmor on Docker', async (context) => {
  const on = await openDocker(context);
  if (on !== undefined) await confined(context, on.server, /^docker-default \(enforce\)$/);
});

async function confined(context: TestContext, server: TestServer, runtimes: RegExp): Promise<void> {
  const manifest = readFileSync(join(import.meta.dirname, 'manifests/apparmor.yaml'), 'utf8');
  const apply = () => kubectl(server, ['apply', '-f', '-'], manifest.replaceAll(/\$\{PROFILE\}/g, PROFILE));
  if (!isEnabled()) {
    await apply();
    for (const name of ['own', 'default', 'unknown']) {
      const { status } = await podWhen(server, name, (pod) => pod.status.phase === 'Failed');
      assert.equal(status.reason, 'AppArmor');
      const message = 'Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host';
      assert.equal(status.message, message);
    }
    await linesOf(server, 'unconfined');
    return;
  }
  execFileSync('apparmor_parser', ['--replace'], { input: RULES });
  context.after(() => execFileSync('apparmor_parser', ['--remove'], { input: RULES }));
  await apply();
  assert.deepEqual(await linesOf(server, 'own'), [`${PROFILE} (enforce)`, 'kept', 'denied']);
  const [current = '', ...rest] = await linesOf(server, 'default');
  assert.match(current, runtimes);
  assert.deepEqual(rest, ['kept']);
  assert.deepEqual(await linesOf(server, 'unconfined'), ['unconfined', 'kept']);
  // Whether it is found out when the container is made or when it starts is the runtime's to say.
  const unknown = await podWhen(server, 'unknown', (pod) => messageOf(pod) !== '');
  assert.match(messageOf(unknown), /longshore-none|apparmor/i);
}

function isEnabled(): boolean {
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'utf8').startsWith('Y');
  } catch {
    return false; // The kernel was built without it.
  }
}

function messageOf(pod: Pod): string {
  if (pod.status.containerStatuses === undefined) return '';
  const { waiting, terminated } = statusOf(pod).state ?? {};
  return (waiting?.reason === 'ContainerCreating' ? '' : waiting?.message) ?? terminated?.message ?? '';
}

async function linesOf(server: TestServer, name: string): Promise<string[]> {
  await podWhen(server, name, (pod) => /Succeeded|Failed/.test(pod.status.phase ?? ''));
  const text = await kubectl(server, ['logs', name]);
  return text.trimEnd().split('\n');
}

async function podWhen(server: TestServer, name: string, isReady: (pod: Pod) => boolean): Promise<Pod> {
  let last: Pod | undefined;
  return eventually(
    async () => {
      last = JSON.parse(await kubectl(server, ['get', 'pod', name, '-o', 'json'])) as Pod;
      return isReady(last) ? last : undefined;
    },
    () => `pod ${name} stays at ${JSON.stringify(last?.status)}`,
  );
}
