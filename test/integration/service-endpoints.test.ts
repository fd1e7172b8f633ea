import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ENDPOINTSLICES, PODS, SERVICEACCOUNTS, SERVICES } from '../../src/client/index.ts';
import { newEndpointSliceController } from '../../src/controllers/endpoint-slice/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

async function world(t: TestContext): Promise<WholeWorld> {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.namespaces('n');
  await made.client.create(SERVICEACCOUNTS, 'n', { metadata: { name: 'default' } });
  await made.start((context) => newEndpointSliceController(context));
  return made;
}

/** A pod with an address, ready or not. */
async function pod(
  made: WholeWorld,
  name: string,
  ip: string,
  ready = true,
  spec: object = {},
): Promise<void> {
  const containers = [{ name: 'c', image: 'busybox', ports: [{ name: 'web', containerPort: 8080 }] }];
  await made.client.create(PODS, 'n', {
    metadata: { name, labels: { app: 'a' } },
    spec: { containers, ...spec },
  });
  await status(made, name, {
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
  });
}

async function status(made: WholeWorld, name: string, more: object): Promise<void> {
  const type = 'application/merge-patch+json';
  await made.client.patch(PODS, 'n', name, type, { status: more }, 'status');
  await made.settle();
}

async function slices(made: WholeWorld) {
  const { items } = await made.client.list(ENDPOINTSLICES, { namespace: 'n' });
  return items;
}

test('a headless service lists its pods by hostname, ready or not, and drops those that ended', async (t) => {
  const made = await world(t);
  await made.client.create(SERVICES, 'n', {
    metadata: { name: 'svc', labels: { tier: 'x' } },
    spec: { clusterIP: 'None', selector: { app: 'a' } },
  });
  await pod(made, 'p-0', '10.0.0.1', true, { hostname: 'p-0', subdomain: 'svc' });
  await pod(made, 'p-1', '10.0.0.2', false, { hostname: 'p-1', subdomain: 'other' });
  const [slice, ...others] = await slices(made);
  assert.equal(others.length, 0);
  assert.match(slice?.metadata.name ?? '', /^svc-[a-z0-9]{5}$/);
  assert.deepEqual(slice?.metadata.labels, {
    tier: 'x',
    'service.kubernetes.io/headless': '',
    'kubernetes.io/service-name': 'svc',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  });
  assert.deepEqual(
    slice?.endpoints?.map(({ addresses, hostname, conditions, targetRef }) => [
      addresses,
      hostname,
      conditions,
      targetRef?.name,
    ]),
    [
      [['10.0.0.1'], 'p-0', { ready: true, serving: true, terminating: false }, 'p-0'],
      [['10.0.0.2'], undefined, { ready: false, serving: false, terminating: false }, 'p-1'],
    ],
  );
  await status(made, 'p-0', { phase: 'Succeeded' });
  const [after] = await slices(made);
  assert.deepEqual(
    after?.endpoints?.map(({ targetRef }) => targetRef?.name),
    ['p-1'],
  );
});

test('ports are those of the pod that the service names; without pods one empty slice stays', async (t) => {
  const made = await world(t);
  await made.client.create(SERVICES, 'n', {
    metadata: { name: 'svc' },
    spec: { selector: { app: 'a' }, ports: [{ name: 'http', port: 80, targetPort: 'web' }] },
  });
  await made.settle();
  const [empty] = await slices(made);
  assert.deepEqual([empty?.endpoints, empty?.ports], [null, null]);
  const { creationTimestamp } = (await made.client.get(SERVICES, 'n', 'svc')).metadata;
  assert.deepEqual(empty?.metadata.annotations, {
    'endpoints.kubernetes.io/last-change-trigger-time': creationTimestamp,
  });
  await pod(made, 'p', '10.0.0.1');
  const [slice, ...others] = await slices(made);
  assert.equal(others.length, 0);
  assert.deepEqual(slice?.ports, [{ name: 'http', protocol: 'TCP', port: 8080 }]);
  await made.client.delete(PODS, 'n', 'p', { gracePeriodSeconds: 0 });
  await made.settle();
  const [again, ...more] = await slices(made);
  assert.deepEqual([again?.endpoints, more.length], [null, 0]);
});

test('the ports of a slice stand in the order of a real 1.36', async (t) => {
  const made = await world(t);
  const ports = [
    { name: 'web', port: 80, targetPort: 8080 },
    { name: 'aaa', port: 81, appProtocol: 'kubernetes.io/h2c' },
    { name: 'zzz', port: 82, protocol: 'UDP' as const, targetPort: 5353 },
    { name: 'named2', port: 83, targetPort: 9090 },
  ];
  await made.client.create(SERVICES, 'n', {
    metadata: { name: 'svc' },
    spec: { selector: { app: 'a' }, ports },
  });
  await pod(made, 'p', '10.0.0.1');
  const [slice] = await slices(made);
  assert.deepEqual(
    slice?.ports?.map(({ name }) => name),
    ['zzz', 'named2', 'aaa', 'web'],
  );
});

test('a slice holds a hundred endpoints, and a pod stays in its slice', async (t) => {
  const made = await world(t);
  await made.client.create(SERVICES, 'n', {
    metadata: { name: 'svc' },
    spec: { clusterIP: 'None', selector: { app: 'a' } },
  });
  for (let at = 0; at < 101; at++) await pod(made, `p-${at}`, `10.0.1.${at}`);
  const sizes = (all: Awaited<ReturnType<typeof slices>>) =>
    all.map(({ endpoints }) => endpoints?.length ?? 0).sort((a, b) => a - b);
  assert.deepEqual(sizes(await slices(made)), [1, 100]);
  await made.client.delete(PODS, 'n', 'p-7', { gracePeriodSeconds: 0 });
  await made.settle();
  assert.deepEqual(sizes(await slices(made)), [1, 99]);
});
