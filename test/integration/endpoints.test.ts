import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ENDPOINTS, PODS, SERVICEACCOUNTS, SERVICES } from '../../src/client/index.ts';
import { newEndpointSliceMirroringController } from '../../src/controllers/endpoint-slice-mirroring/index.ts';
import { newEndpointsController } from '../../src/controllers/endpoints/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

const MERGE = 'application/merge-patch+json';
const TRIGGER = 'endpoints.kubernetes.io/last-change-trigger-time';

async function world(t: TestContext): Promise<WholeWorld> {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.namespaces('n');
  await made.client.create(SERVICEACCOUNTS, 'n', { metadata: { name: 'default' } });
  return made;
}

async function started(t: TestContext): Promise<WholeWorld> {
  const made = await world(t);
  await made.start((context) => newEndpointsController(context));
  return made;
}

function service(made: WholeWorld, name: string, spec: object, labels = {}): Promise<unknown> {
  return made.client.create(SERVICES, 'n', { metadata: { name, labels }, spec: spec as never });
}

/** A pod on a node with an address, ready since that second or not. */
async function pod(made: WholeWorld, name: string, ip: string, ready: boolean, extra: object = {}) {
  const { app = 'a', second = 1, ...spec } = extra as { app?: string; second?: number };
  const containers = [{ name: 'c', image: 'busybox', ports: [{ name: 'web', containerPort: 8080 }] }];
  const { metadata } = await made.client.create(PODS, 'n', {
    metadata: { name, labels: { app } },
    spec: { nodeName: 'node', containers, ...spec },
  });
  const lastTransitionTime = `2026-01-01T00:00:0${second}Z`;
  await status(made, name, {
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime }],
  });
  return { kind: 'Pod', namespace: 'n', name, uid: metadata.uid };
}

async function status(made: WholeWorld, name: string, more: object): Promise<void> {
  await made.client.patch(PODS, 'n', name, MERGE, { status: more }, 'status');
  await made.settle();
}

const read = ({ client }: WholeWorld, name = 'svc') => client.get(ENDPOINTS, 'n', name);

test('Endpoints name the pods of a service behind its ports, those that are ready and those that are not', async (t) => {
  const made = await started(t);
  const ports = [
    { name: 'web', port: 80, targetPort: 'web' },
    { name: 'aaa', port: 81, appProtocol: 'kubernetes.io/h2c' },
    { name: 'zzz', port: 82, protocol: 'UDP', targetPort: 5353 },
    { name: 'other', port: 83, targetPort: 'nowhere' },
  ];
  await service(made, 'svc', { selector: { app: 'a' }, ports }, { tier: 'x' });
  await made.settle();
  const empty = await read(made);
  assert.deepEqual(
    [empty.subsets, empty.metadata.annotations?.[TRIGGER]],
    [undefined, (await made.client.get(SERVICES, 'n', 'svc')).metadata.creationTimestamp],
  );
  const second = await pod(made, 'p-2', '10.0.0.2', true, { hostname: 'p-2', subdomain: 'svc', second: 3 });
  const tenth = await pod(made, 'p-1', '10.0.0.10', true, { second: 2 });
  const third = await pod(made, 'p-3', '10.0.0.3', false);
  const { metadata, subsets } = await read(made);
  assert.deepEqual(metadata.labels, {
    tier: 'x',
    'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
  });
  assert.deepEqual(subsets, [
    {
      addresses: [
        { ip: '10.0.0.10', nodeName: 'node', targetRef: tenth },
        { ip: '10.0.0.2', hostname: 'p-2', nodeName: 'node', targetRef: second },
      ],
      notReadyAddresses: [{ ip: '10.0.0.3', nodeName: 'node', targetRef: third }],
      // The order of a real 1.36 for these three.
      ports: [
        { name: 'zzz', port: 5353, protocol: 'UDP' },
        { name: 'aaa', port: 81, protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' },
        { name: 'web', port: 8080, protocol: 'TCP' },
      ],
    },
  ]);
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:07Z' }];
  await status(made, 'p-3', { conditions });
  const later = await read(made);
  assert.equal(later.metadata.annotations?.[TRIGGER], '2026-01-01T00:00:07Z');
  assert.equal(later.subsets?.[0]?.addresses?.length, 3);
  await status(made, 'p-3', { phase: 'Succeeded' });
  const after = await read(made);
  // It ended at no time that anything says.
  assert.deepEqual([after.metadata.annotations, after.subsets?.[0]?.addresses?.length], [undefined, 2]);
});

test('a headless service has addresses without ports, and those of pods that go where it publishes all', async (t) => {
  const made = await started(t);
  await service(made, 'svc', { clusterIP: 'None', selector: { app: 'a' } });
  await service(made, 'all', { clusterIP: 'None', selector: { app: 'a' }, publishNotReadyAddresses: true });
  await made.client.create(PODS, 'n', {
    metadata: { name: 'kept', labels: { app: 'a' }, finalizers: ['example.com/kept'] },
    spec: { containers: [{ name: 'c', image: 'busybox' }] },
  });
  await status(made, 'kept', { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] });
  const ofSvc = await read(made);
  assert.deepEqual(ofSvc.metadata.labels, {
    'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
    'service.kubernetes.io/headless': '',
  });
  assert.deepEqual(
    ofSvc.subsets?.map((subset) => [Object.keys(subset), subset.notReadyAddresses?.[0]?.ip]),
    [[['notReadyAddresses'], '10.0.0.1']],
  );
  assert.equal((await read(made, 'all')).subsets?.[0]?.addresses?.[0]?.ip, '10.0.0.1');
  await made.client.delete(PODS, 'n', 'kept', { gracePeriodSeconds: 0 });
  await made.settle();
  assert.equal((await read(made)).subsets, undefined);
  assert.equal((await read(made, 'all')).subsets?.[0]?.addresses?.[0]?.ip, '10.0.0.1');
});

test('a pod on an address of this very machine, which Endpoints may not name, keeps no others out', async (t) => {
  const made = await started(t);
  await service(made, 'svc', { selector: { app: 'a' }, ports: [{ port: 80 }] });
  await pod(made, 'local', '127.0.0.1', true);
  await pod(made, 'remote', '10.0.0.1', true);
  const { subsets } = await read(made);
  assert.deepEqual(
    subsets?.[0]?.addresses?.map(({ ip }) => ip),
    ['10.0.0.1'],
  );
});

test('Endpoints go with their service and come back when somebody deletes them, and others are left alone', async (t) => {
  const made = await world(t);
  const byHand = (name: string, annotations = {}) =>
    made.client.create(ENDPOINTS, 'n', {
      metadata: { name, annotations },
      subsets: [{ addresses: [{ ip: '10.9.9.9' }] }],
    });
  await service(made, 'bare', { ports: [{ port: 80 }] });
  for (const name of ['bare', 'lost']) await byHand(name);
  await byHand('leader', { 'control-plane.alpha.kubernetes.io/leader': '{}' });
  await made.start((context) => newEndpointsController(context));
  await service(made, 'svc', { selector: { app: 'a' }, ports: [{ port: 80 }] });
  await service(made, 'away', { type: 'ExternalName', externalName: 'example.com', selector: { app: 'a' } });
  await byHand('later');
  await made.settle();
  const names = async () =>
    (await made.client.list(ENDPOINTS, { namespace: 'n' })).items.map(({ metadata }) => metadata.name);
  // Without a service, but for a leader election: gone at the start, and left alone afterwards.
  assert.deepEqual(await names(), ['bare', 'later', 'leader', 'svc']);
  await made.client.delete(ENDPOINTS, 'n', 'svc');
  await made.settle();
  assert.ok((await names()).includes('svc'));
  await made.client.delete(SERVICES, 'n', 'svc');
  await made.settle();
  assert.deepEqual(await names(), ['bare', 'later', 'leader']);
});

test('a thousand addresses have room, those that are ready first, and an annotation says that there are more', async (t) => {
  const made = await started(t);
  const ip = (at: number) => `10.1.${Math.floor(at / 200)}.${(at % 200) + 1}`;
  for (let at = 0; at < 1_010; at++) await pod(made, `p-${at}`, ip(at), at >= 300);
  await service(made, 'svc', { selector: { app: 'a' }, ports: [{ port: 80 }] });
  await made.settle();
  const { metadata, subsets } = await read(made);
  const marked = (found: typeof metadata) => found.annotations?.['endpoints.kubernetes.io/over-capacity'];
  assert.deepEqual(
    [marked(metadata), subsets?.[0]?.addresses?.length, subsets?.[0]?.notReadyAddresses?.length],
    ['truncated', 710, 290],
  );
  const written = made.writes.length;
  await made.client.patch(SERVICES, 'n', 'svc', MERGE, { metadata: { annotations: { a: 'b' } } });
  await made.settle();
  assert.deepEqual(made.writes.slice(written), [], 'nothing is written that is there');
  for (let at = 0; at < 10; at++) await made.client.delete(PODS, 'n', `p-${at}`, { gracePeriodSeconds: 0 });
  await made.settle();
  const fewer = await read(made);
  assert.deepEqual([marked(fewer.metadata), fewer.subsets?.[0]?.notReadyAddresses?.length], [undefined, 290]);
});

test('what changes of pods that no service chooses writes nothing, nor are its Endpoints copied into slices', async (t) => {
  const made = await started(t);
  await made.start((context) => newEndpointSliceMirroringController(context));
  await service(made, 'svc', { selector: { app: 'a' }, ports: [{ port: 80 }] });
  await made.settle();
  const before = made.writes.length;
  await pod(made, 'other', '10.0.0.1', true, { app: 'b' });
  assert.deepEqual(made.writes.slice(before), []);
  await pod(made, 'chosen', '10.0.0.2', true);
  assert.deepEqual(made.writes.slice(before), ['update endpoints svc']);
});
