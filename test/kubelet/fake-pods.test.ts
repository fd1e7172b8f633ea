/** Pods on the fake runtime, on virtual time, against the real API server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../src/apimachinery/clock.ts';
import { isNotFound } from '../../src/apimachinery/status-error.ts';
import { LEASES, NODES, PODS } from '../../src/client/index.ts';
import { newFakeRuntime, type Runtime } from '../../src/kubelet/index.ts';
import { KubeletWorld } from './world.ts';

const DURATION = 'fake.longshore.dev/duration';
const EXIT_CODE = 'fake.longshore.dev/exit-code';

async function running(clock = new VirtualClock()) {
  const world = await KubeletWorld.open(clock);
  const runtime = newFakeRuntime(clock);
  const kubelet = world.kubelet(runtime, '/nonexistent');
  const started = kubelet.start();
  await clock.advance(0);
  await started;
  return { world, clock, runtime, kubelet };
}

test('a node registers with capacity, labels and conditions, and renews its lease', async () => {
  const { world, clock } = await running();
  const node = await world.client.get(NODES, '', 'node');
  assert.equal(node.status.capacity?.['cpu'], '2');
  assert.equal(node.status.allocatable?.['pods'], '110');
  assert.equal(node.metadata.labels?.['kubernetes.io/hostname'], 'node');
  assert.equal(node.status.conditions?.find(({ type }) => type === 'Ready')?.status, 'True');
  const before = await world.client.get(LEASES, 'kube-node-lease', 'node');
  world.requests.length = 0;
  await clock.advance(10_000);
  const after = await world.client.get(LEASES, 'kube-node-lease', 'node');
  assert.notEqual(after.spec.renewTime, before.spec.renewTime);
  assert.deepEqual(world.requests, ['update leases', 'get leases'], 'a quiet node renews its lease alone');
  await world.close();
  assert.equal(clock.pending, 0);
});

test('a pod of no duration goes straight to Succeeded, in one write', async () => {
  const { world, clock } = await running();
  await world.createPod('p', {});
  world.requests.length = 0;
  await clock.advance(100);
  assert.deepEqual(world.requests, ['update pods/status']);
  const { status } = await world.pod('p');
  assert.equal(status.phase, 'Succeeded');
  const [main] = status.containerStatuses ?? [];
  assert.equal(main?.state?.terminated?.exitCode, 0);
  assert.equal(main?.state?.terminated?.reason, 'Completed');
  assert.deepEqual(
    status.conditions?.map(({ type, status: value, reason }) => `${type}=${value} ${reason ?? ''}`.trim()),
    [
      'PodReadyToStartContainers=False',
      'Initialized=True PodCompleted',
      'Ready=False PodCompleted',
      'ContainersReady=False PodCompleted',
    ],
  );
  await world.close();
});

test('a pod that takes a while is Running and ready first', async () => {
  const { world, clock } = await running();
  await world.createPod('p', {}, { [DURATION]: '2s', [EXIT_CODE]: '3' });
  world.requests.length = 0;
  await clock.advance(1000);
  const { status } = await world.pod('p');
  assert.equal(status.phase, 'Running');
  assert.equal(status.podIP, '192.0.2.1');
  assert.ok(status.conditions?.every(({ status: value }) => value === 'True'));
  await clock.advance(1100);
  const end = (await world.pod('p')).status;
  assert.equal(end.phase, 'Failed');
  assert.equal(end.containerStatuses?.[0]?.state?.terminated?.exitCode, 3);
  assert.equal(end.containerStatuses?.[0]?.state?.terminated?.reason, 'Error');
  assert.equal(world.requests.filter((request) => request === 'update pods/status').length, 2);
  await world.close();
});

test('a container that fails is started again at once, then after 10 s, then after 20 s', async () => {
  const { world, clock } = await running();
  await world.createPod('p', { restartPolicy: 'OnFailure' }, { [EXIT_CODE]: '1', [DURATION]: '1s' });
  const main = async () => (await world.pod('p')).status.containerStatuses?.[0];
  await clock.advance(1500);
  assert.equal((await main())?.restartCount, 1, 'the first restart is free');
  assert.equal((await main())?.lastState?.terminated?.exitCode, 1);
  await clock.advance(1000);
  const waiting = (await main())?.state?.waiting;
  assert.equal(waiting?.reason, 'CrashLoopBackOff');
  assert.match(waiting?.message ?? '', /^back-off 10s restarting failed container=main pod=p_default\(/);
  assert.equal((await world.pod('p')).status.phase, 'Running');
  await clock.advance(10_000);
  assert.equal((await main())?.restartCount, 2);
  await clock.advance(1000);
  assert.match((await main())?.state?.waiting?.message ?? '', /^back-off 20s/);
  await clock.advance(20_000);
  assert.equal((await main())?.restartCount, 3);
  assert.ok((await world.events('p')).some((event) => event.startsWith('BackOff: Back-off restarting')));
  await world.close();
});

test('deleting a running pod ends its containers, then removes it', async () => {
  const { world, clock } = await running();
  const pod = await world.createPod('p', {}, { [DURATION]: 'forever' });
  await clock.advance(100);
  await world.client.delete(PODS, 'default', 'p');
  world.requests.length = 0;
  await clock.advance(100);
  assert.ok(world.requests.includes('delete pods'));
  await assert.rejects(world.pod('p'), isNotFound);
  assert.ok(pod.metadata.uid);
  await world.close();
});

test('a deleted pod that somebody still holds by a finalizer is Failed with the exit code of SIGTERM', async () => {
  const { world, clock } = await running();
  const draft = await world.createPod('p', {}, { [DURATION]: 'forever' });
  await world.client.patch(PODS, 'default', 'p', 'application/merge-patch+json', {
    metadata: { finalizers: ['example.com/hold'] },
  });
  await clock.advance(100);
  await world.client.delete(PODS, 'default', draft.metadata.name);
  await clock.advance(100);
  const { status } = await world.pod('p');
  assert.equal(status.phase, 'Failed');
  assert.equal(status.containerStatuses?.[0]?.state?.terminated?.exitCode, 143);
  world.requests.length = 0;
  await clock.advance(1000);
  assert.deepEqual(world.requests, [], 'nothing is asked again while the finalizer holds it');
  await world.close();
});

test('a pod that outlives its activeDeadlineSeconds fails with DeadlineExceeded', async () => {
  const { world, clock } = await running();
  await world.createPod('p', { activeDeadlineSeconds: 5 }, { [DURATION]: 'forever' });
  await clock.advance(4000);
  assert.equal((await world.pod('p')).status.phase, 'Running');
  await clock.advance(2000);
  const { status } = await world.pod('p');
  assert.equal(status.phase, 'Failed');
  assert.equal(status.reason, 'DeadlineExceeded');
  assert.equal(status.message, 'Pod was active on the node longer than the specified deadline');
  await world.close();
});

test('init containers run one after another, sidecars start before and end after', async () => {
  const { world, clock } = await running();
  await world.createPod(
    'p',
    {
      initContainers: [
        { name: 'first', image: 'i' },
        { name: 'beside', image: 'i', restartPolicy: 'Always' },
      ],
      containers: [{ name: 'main', image: 'i' }],
    },
    { [DURATION]: '10s' },
  );
  await clock.advance(5000);
  let status = (await world.pod('p')).status;
  assert.equal(status.phase, 'Pending');
  assert.equal(status.containerStatuses?.[0]?.state?.waiting?.reason, 'PodInitializing');
  assert.equal(
    status.conditions?.find(({ type }) => type === 'Initialized')?.reason,
    'ContainersNotInitialized',
  );
  await clock.advance(6000);
  status = (await world.pod('p')).status;
  assert.equal(status.phase, 'Running');
  assert.equal(status.initContainerStatuses?.[0]?.state?.terminated?.reason, 'Completed');
  assert.ok(status.initContainerStatuses?.[1]?.started);
  await clock.advance(10_000);
  status = (await world.pod('p')).status;
  assert.equal(status.phase, 'Succeeded');
  assert.ok(status.initContainerStatuses?.[1]?.state?.terminated);
  await world.close();
});

test('a failed init container fails a pod that is never restarted', async () => {
  const { world, clock } = await running();
  await world.createPod('p', { initContainers: [{ name: 'first', image: 'i' }] }, { [EXIT_CODE]: '2' });
  await clock.advance(100);
  const { status } = await world.pod('p');
  assert.equal(status.phase, 'Failed');
  assert.equal(status.initContainerStatuses?.[0]?.state?.terminated?.exitCode, 2);
  await world.close();
});

test('a missing ConfigMap keeps a container waiting until it is there', async () => {
  const { world, clock } = await running();
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }];
  await world.createPod('p', { containers: [{ name: 'main', image: 'i', env }] });
  await clock.advance(100);
  const [main] = (await world.pod('p')).status.containerStatuses ?? [];
  assert.deepEqual(main?.state?.waiting, {
    reason: 'CreateContainerConfigError',
    message: 'configmap "settings" not found',
  });
  await world.createConfigMap('settings', { b: '1' });
  await clock.advance(5000);
  assert.match(
    (await world.pod('p')).status.containerStatuses?.[0]?.state?.waiting?.message ?? '',
    /couldn't find key a in ConfigMap default\/settings/,
  );
  await world.client.patch(
    (await import('../../src/client/index.ts')).CONFIGMAPS,
    'default',
    'settings',
    'application/merge-patch+json',
    { data: { a: '1' } },
  );
  await clock.advance(5000);
  assert.equal((await world.pod('p')).status.phase, 'Succeeded');
  await world.close();
});

test('pods that never really ran are run again by the next server, not failed', async () => {
  const { world, clock, kubelet } = await running();
  await world.createPod('p', {}, { [DURATION]: '20s' });
  await clock.advance(1000);
  await kubelet.stop();
  const next = world.kubelet(newFakeRuntime(clock), '/nonexistent');
  const started = next.start();
  await clock.advance(0);
  await started;
  await clock.advance(21_000);
  assert.equal((await world.pod('p')).status.phase, 'Succeeded');
  await world.close();
});

test('a clock that is set back does not hold a restart up', async () => {
  const { world, clock } = await running();
  await world.createPod('p', { restartPolicy: 'Always' }, { [EXIT_CODE]: '1', [DURATION]: '1s' });
  // The first restart is free, the second waits ten seconds.
  await clock.advance(5000);
  const restarts = async (): Promise<number | undefined> =>
    (await world.pod('p')).status.containerStatuses?.[0]?.restartCount;
  assert.equal(await restarts(), 1);
  clock.setWall(clock.now() - 3_600_000);
  await clock.advance(10_000);
  assert.equal(await restarts(), 2);
  clock.setWall(clock.now() + 7_200_000);
  await clock.advance(25_000);
  assert.equal(await restarts(), 3);
  await world.close();
  assert.equal(clock.pending, 0);
});

test('an exit that the runtime shows late is learnt all the same', async () => {
  const clock = new VirtualClock();
  const world = await KubeletWorld.open(clock);
  const fake = newFakeRuntime(clock);
  const lagging: Runtime = {
    ...bound(fake),
    containerStatus: async (id) => {
      const status = await fake.containerStatus(id);
      return status.state === 'exited' && clock.monotonic() < 30_000
        ? { ...status, state: 'running' }
        : status;
    },
    onEvent: (listener) => fake.onEvent(({ podUid, containerId }) => listener({ podUid, containerId })),
  };
  const started = world.kubelet(lagging, '/nonexistent').start();
  await clock.advance(0);
  await started;
  await world.createPod('p', {}, { [DURATION]: '1s' });
  await clock.advance(20_000);
  assert.equal((await world.pod('p')).status.phase, 'Running');
  await clock.advance(15_000);
  assert.equal((await world.pod('p')).status.phase, 'Succeeded');
  await world.close();
});

/** The same runtime as a plain object, to replace parts of it. */
function bound(runtime: Runtime): Runtime {
  const parts: Record<string, unknown> = { traits: runtime.traits };
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(runtime))) {
    const part = runtime[name as keyof Runtime] as unknown;
    if (typeof part === 'function' && name !== 'constructor') parts[name] = part.bind(runtime);
  }
  return parts as unknown as Runtime;
}
