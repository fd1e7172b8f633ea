/** What only some runtimes can do, on the one that is here: where it says that it can, pods get it; elsewhere they are told. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCri } from '../../src/kubelet/runtimes/cri/client.ts';
import { featuresOf } from '../../src/kubelet/runtimes/cri/from-cri.ts';
import type { RuntimeFeatures } from '../../src/kubelet/runtimes/runtime.ts';
import { openPodWorld, type PodWorld, statusOf, waitsFor } from './pod-world.ts';

test('pods get what the runtime can do, and are told what it cannot', async (context) => {
  const flags = ['--extended-resource', 'example.com/card=example.com/card=0'];
  await using world = await openPodWorld(context, flags);
  if (world === undefined) return;
  const { features, version } = await abilities(world);
  context.diagnostic(`${world.engine.name} ${version}: ${JSON.stringify(features)}`);
  const directory = join(world.engine.directory, 'shared');
  mkdirSync(join(directory, 'inner'), { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(directory, 'inner')]);
  try {
    describeCard(world);
    await world.apply('abilities', { DIRECTORY: directory });
    await context.test('groups of the image are left out', () => strictGroups(world, features));
    await context.test('users of its own', () => ownUsers(world, features));
    await context.test('what is mounted below a read-only mount is read-only', () => below(world, features));
    await context.test('devices by their CDI name', () => card(world, version));
  } finally {
    execFileSync('umount', ['--lazy', join(directory, 'inner')]);
  }
});

async function abilities(world: PodWorld): Promise<{ features: RuntimeFeatures; version: string }> {
  const cri = await openCri(world.engine.endpoint);
  try {
    const [state, { runtimeVersion }] = await Promise.all([cri.state(), cri.version()]);
    return { features: featuresOf(state), version: runtimeVersion };
  } finally {
    cri.close();
  }
}

/** Describes a device of the kind of /dev/zero to the runtime, as a vendor's tool does. */
function describeCard(world: PodWorld): void {
  const directory = join(world.engine.directory, 'cdi');
  mkdirSync(directory, { recursive: true });
  const edits = {
    env: ['CARD=zero'],
    deviceNodes: [{ path: '/dev/card', type: 'c', major: 1, minor: 5, permissions: 'rw' }],
  };
  const devices = [{ name: '0', containerEdits: edits }];
  const spec = { cdiVersion: '0.5.0', kind: 'example.com/card', devices };
  writeFileSync(join(directory, 'card.json'), JSON.stringify(spec));
}

async function strictGroups(world: PodWorld, { supplementalGroupsPolicy }: RuntimeFeatures): Promise<void> {
  if (supplementalGroupsPolicy) {
    const pod = await world.succeeded('strict-groups');
    assert.deepEqual(await world.lines('strict-groups'), ['Groups:\t0 4000 ']);
    const user = { uid: 1000, gid: 0, supplementalGroups: [0, 4000] };
    assert.deepEqual(statusOf(pod).user, { linux: user });
    return;
  }
  const { status } = await world.failed('strict-groups');
  assert.equal(status.reason, 'SupplementalGroupsPolicyNotSupported');
  const message = 'Pod was rejected: SupplementalGroupsPolicy=Strict is not supported in this node';
  assert.equal(status.message, message);
}

async function ownUsers(world: PodWorld, { userNamespaces }: RuntimeFeatures): Promise<void> {
  if (userNamespaces.length === 0) {
    await world.event('own-users', 'FailedCreatePodSandBox', /runtime does not support user namespaces$/);
    return;
  }
  await world.succeeded('own-users');
  const [map, ...rest] = await world.lines('own-users');
  assert.match(map ?? '', /^ +0 +65536 +65536$/);
  assert.deepEqual(rest, ['0', '0', 'own-users']);
}

async function below(world: PodWorld, { recursiveReadOnlyMounts }: RuntimeFeatures): Promise<void> {
  if (recursiveReadOnlyMounts) {
    const pod = await world.succeeded('read-only-below');
    assert.ok((await world.lines('read-only-below')).includes('refused'));
    const mount = statusOf(pod).volumeMounts?.find(({ name }) => name === 'v');
    assert.equal(mount?.recursiveReadOnly, 'Enabled');
    return;
  }
  const pod = await world.podWhen('read-only-below', (each) => waitsFor(each, 'CreateContainerConfigError'));
  assert.match(statusOf(pod).state?.waiting?.message ?? '', /recursive read-only mode, but it is not supp/);
}

/** containerd before 1.7 knows nothing of such names and says nothing either. */
async function card(world: PodWorld, version: string): Promise<void> {
  const knows = !/^v?1\.[0-6]\./.test(version);
  if (knows) await world.succeeded('carded');
  else await world.podWhen('carded', ({ status }) => /Succeeded|Failed/.test(status.phase ?? ''));
  assert.deepEqual(await world.lines('carded'), knows ? ['card zero', 'device'] : ['card ']);
}
