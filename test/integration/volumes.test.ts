import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  EVENTS,
  NODES,
  PERSISTENTVOLUMECLAIMS,
  PERSISTENTVOLUMES,
  PODS,
  SERVICEACCOUNTS,
  STORAGECLASSES,
} from '../../src/client/index.ts';
import { newEphemeralVolumeController } from '../../src/controllers/ephemeral-volume/index.ts';
import { newLocalPathProvisioner } from '../../src/controllers/local-path/index.ts';
import { newPersistentVolumeController } from '../../src/controllers/persistent-volume/index.ts';
import { newVolumeProtectionControllers } from '../../src/controllers/volume-protection/index.ts';
import { newScheduler } from '../../src/scheduler/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

/** Directories that only remember what was asked of them. */
class Directories {
  readonly made = new Set<string>();
  readonly removed: string[] = [];
  make(_node: string, name: string): Promise<string> {
    this.made.add(name);
    return Promise.resolve(`/volumes/${name}`);
  }
  remove(_node: string, name: string): Promise<void> {
    this.removed.push(name);
    return Promise.resolve();
  }
}

async function world(t: TestContext): Promise<{ made: WholeWorld; directories: Directories }> {
  const made = new WholeWorld();
  t.after(() => made.stop());
  const directories = new Directories();
  await made.namespaces('n', 'default');
  await made.client.create(SERVICEACCOUNTS, 'n', { metadata: { name: 'default' } });
  await made.client.create(NODES, '', {
    metadata: { name: 'node', labels: { 'kubernetes.io/hostname': 'node' } },
    spec: {},
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      capacity: { cpu: '4', memory: '4Gi', pods: '9' },
      allocatable: { cpu: '4', memory: '4Gi', pods: '9' },
    },
  });
  // The node lifecycle controller would do so.
  const untainted = { spec: { taints: null } };
  await made.client.patch(NODES, '', 'node', 'application/merge-patch+json', untainted);
  await made.start((context) =>
    newPersistentVolumeController(context, (path) => directories.remove('node', path)),
  );
  await made.start((context) => newEphemeralVolumeController(context));
  for (const index of [0, 1]) {
    await made.start((context) => newVolumeProtectionControllers(context)[index] as never);
  }
  await made.start((context) => newLocalPathProvisioner(context, ['node'], directories));
  await made.start((context) => newScheduler(context, { host: 'here' }));
  return { made, directories };
}

const claimSpec = (more: object = {}) => ({
  accessModes: ['ReadWriteOnce' as const],
  resources: { requests: { storage: '1Gi' } },
  ...more,
});

const podSpec = (claimName: string) => ({
  containers: [{ name: 'c', image: 'busybox' }],
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
});

const hostPathVolume = (name: string, storage: string, more: object = {}) => ({
  metadata: { name },
  spec: {
    capacity: { storage },
    accessModes: ['ReadWriteOnce' as const],
    storageClassName: 'hand',
    hostPath: { path: `/tmp/volumes/${name}` },
    ...more,
  },
});

async function reasons(made: WholeWorld, name: string): Promise<string[]> {
  const { items } = await made.client.list(EVENTS);
  return items
    .filter((each) => each.involvedObject.name === name)
    .map((each) => `${each.reason}: ${each.message}`);
}

test('a claim of the default class waits for its first pod, gets a directory where that goes, and it goes with the claim', async (t) => {
  const { made, directories } = await world(t);
  await made.client.create(PERSISTENTVOLUMECLAIMS, 'n', { metadata: { name: 'c' }, spec: claimSpec() });
  await made.settle();
  const before = await made.client.get(PERSISTENTVOLUMECLAIMS, 'n', 'c');
  assert.deepEqual(
    [before.spec.storageClassName, before.status.phase, before.metadata.finalizers],
    ['local-path', 'Pending', ['kubernetes.io/pvc-protection']],
  );
  assert.deepEqual(await reasons(made, 'c'), [
    'WaitForFirstConsumer: waiting for first consumer to be created before binding',
  ]);

  await made.client.create(PODS, 'n', { metadata: { name: 'p' }, spec: podSpec('c') });
  await made.settle();
  const name = `pvc-${before.metadata.uid}`;
  const claim = await made.client.get(PERSISTENTVOLUMECLAIMS, 'n', 'c');
  assert.deepEqual(claim.status, {
    phase: 'Bound',
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
  });
  assert.equal(claim.spec.volumeName, name);
  const volume = await made.client.get(PERSISTENTVOLUMES, '', name);
  assert.deepEqual(
    [volume.status.phase, volume.spec.hostPath?.path, volume.spec.claimRef?.uid],
    ['Bound', `/volumes/${name}`, before.metadata.uid],
  );
  assert.equal((await made.client.get(PODS, 'n', 'p')).spec.nodeName, 'node');

  await made.client.delete(PERSISTENTVOLUMECLAIMS, 'n', 'c');
  await made.settle();
  assert.notEqual(await made.find(PERSISTENTVOLUMECLAIMS, 'n', 'c'), undefined, 'a pod uses it');
  await made.client.delete(PODS, 'n', 'p', { gracePeriodSeconds: 0 });
  await made.settle();
  assert.equal(await made.find(PERSISTENTVOLUMECLAIMS, 'n', 'c'), undefined);
  assert.equal(await made.find(PERSISTENTVOLUMES, '', name), undefined);
  assert.deepEqual(directories.removed, [name]);
});

test('a claim gets the smallest volume that will do; the volume stays, released, when it is to be retained', async (t) => {
  const { made, directories } = await world(t);
  for (const [name, size] of [
    ['big', '9Gi'],
    ['small', '512Mi'],
    ['fit', '2Gi'],
  ] as const) {
    await made.client.create(PERSISTENTVOLUMES, '', hostPathVolume(name, size));
  }
  await made.settle();
  assert.equal((await made.client.get(PERSISTENTVOLUMES, '', 'small')).status.phase, 'Available');
  const spec = claimSpec({ storageClassName: 'hand' });
  await made.client.create(PERSISTENTVOLUMECLAIMS, 'n', { metadata: { name: 'c' }, spec });
  await made.settle();
  const claim = await made.client.get(PERSISTENTVOLUMECLAIMS, 'n', 'c');
  assert.deepEqual(
    [claim.spec.volumeName, claim.status.phase, claim.status.capacity],
    ['fit', 'Bound', { storage: '2Gi' }],
  );
  assert.deepEqual(claim.metadata.annotations, {
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
  });
  await made.client.delete(PERSISTENTVOLUMECLAIMS, 'n', 'c');
  await made.settle();
  assert.equal((await made.client.get(PERSISTENTVOLUMES, '', 'fit')).status.phase, 'Released');
  assert.deepEqual(directories.removed, []);
});

test('a released volume that is to be deleted goes with its directory below /tmp, and fails elsewhere', async (t) => {
  const { made, directories } = await world(t);
  const policy = { persistentVolumeReclaimPolicy: 'Delete' as const };
  await made.client.create(PERSISTENTVOLUMES, '', hostPathVolume('a', '1Gi', policy));
  const elsewhere = { ...policy, hostPath: { path: '/srv/b' } };
  await made.client.create(PERSISTENTVOLUMES, '', hostPathVolume('b', '1Gi', elsewhere));
  for (const volumeName of ['a', 'b']) {
    const spec = claimSpec({ storageClassName: 'hand', volumeName });
    await made.client.create(PERSISTENTVOLUMECLAIMS, 'n', { metadata: { name: volumeName }, spec });
    await made.settle();
    await made.client.delete(PERSISTENTVOLUMECLAIMS, 'n', volumeName);
    await made.settle();
  }
  assert.equal(await made.find(PERSISTENTVOLUMES, '', 'a'), undefined);
  assert.deepEqual(directories.removed, ['/tmp/volumes/a']);
  const { status } = await made.client.get(PERSISTENTVOLUMES, '', 'b');
  const message = 'host_path deleter only supports /tmp/.+ but received provided /srv/b';
  assert.deepEqual(status, {
    phase: 'Failed',
    message,
    lastPhaseTransitionTime: status.lastPhaseTransitionTime,
  });
  assert.deepEqual(await reasons(made, 'b'), [`VolumeFailedDelete: ${message}`]);
});

test('a claim says what it lacks: a class, a volume that fits, a volume that is there', async (t) => {
  const { made } = await world(t);
  await made.client.delete(STORAGECLASSES, '', 'local-path');
  await made.client.create(PERSISTENTVOLUMES, '', hostPathVolume('tiny', '1Mi'));
  const claims = {
    none: claimSpec(),
    unknown: claimSpec({ storageClassName: 'nowhere' }),
    mismatch: claimSpec({ storageClassName: 'hand', volumeName: 'tiny' }),
  };
  for (const [name, spec] of Object.entries(claims)) {
    await made.client.create(PERSISTENTVOLUMECLAIMS, 'n', { metadata: { name }, spec });
  }
  await made.settle();
  assert.deepEqual(await reasons(made, 'none'), [
    'FailedBinding: no persistent volumes available for this claim and no storage class is set',
  ]);
  assert.deepEqual(await reasons(made, 'unknown'), [
    'ProvisioningFailed: storageclass.storage.k8s.io "nowhere" not found',
  ]);
  assert.equal(
    (await reasons(made, 'mismatch'))[0],
    'VolumeMismatch: Cannot bind to requested volume "tiny": requested PV is too small',
  );
});

test('a pod of a class without provisioner takes a free volume that its node reaches, and waits without one', async (t) => {
  const { made } = await world(t);
  await made.client.create(STORAGECLASSES, '', {
    metadata: { name: 'hand' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  const spec = claimSpec({ storageClassName: 'hand' });
  await made.client.create(PERSISTENTVOLUMECLAIMS, 'n', { metadata: { name: 'c' }, spec });
  await made.client.create(PODS, 'n', { metadata: { name: 'p' }, spec: podSpec('c') });
  await made.settle();
  const waiting = await made.client.get(PODS, 'n', 'p');
  assert.match(
    waiting.status.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? '',
    /^0\/1 nodes are available: 1 node\(s\) didn't find available persistent volumes to bind\./,
  );
  await made.client.create(PERSISTENTVOLUMES, '', hostPathVolume('v', '1Gi'));
  await made.settle(20_000);
  assert.equal((await made.client.get(PODS, 'n', 'p')).spec.nodeName, 'node');
  assert.equal((await made.client.get(PERSISTENTVOLUMECLAIMS, 'n', 'c')).spec.volumeName, 'v');
});

test('an ephemeral volume of a pod gets a claim that the pod owns', async (t) => {
  const { made } = await world(t);
  const volumeClaimTemplate = { metadata: { labels: { a: 'b' } }, spec: claimSpec() };
  const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }];
  const containers = [{ name: 'c', image: 'busybox' }];
  await made.client.create(PODS, 'n', { metadata: { name: 'p' }, spec: { containers, volumes } });
  await made.settle();
  const claim = await made.client.get(PERSISTENTVOLUMECLAIMS, 'n', 'p-scratch');
  assert.deepEqual([claim.metadata.labels, claim.status.phase], [{ a: 'b' }, 'Bound']);
  assert.equal(claim.metadata.ownerReferences?.[0]?.kind, 'Pod');
  assert.equal((await made.client.get(PODS, 'n', 'p')).spec.nodeName, 'node');
});
