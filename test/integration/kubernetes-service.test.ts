import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Component, ENDPOINTS, ENDPOINTSLICES, SERVICES } from '../../src/client/index.ts';
import { newKubernetesServiceController } from '../../src/controllers/kubernetes-service/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

async function serve(made: WholeWorld, host: string, port: number): Promise<Component> {
  const components: Component[] = [];
  await made.start((context) => {
    components.push(newKubernetesServiceController(context, { host, port }));
    return components[0] as Component;
  });
  return components[0] as Component;
}

async function parts({ client }: WholeWorld) {
  const slices = await client.list(ENDPOINTSLICES, { namespace: 'default' });
  const endpoints = await client.list(ENDPOINTS, { namespace: 'default' });
  const service = await client.get(SERVICES, 'default', 'kubernetes');
  return { service, slices: slices.items, endpoints: endpoints.items };
}

test('the service kubernetes leads to the server and comes back when somebody deletes or bends it', async (t) => {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.namespaces('default');
  await serve(made, '192.0.2.7', 6443);
  const first = await parts(made);
  const { service } = first;
  assert.deepEqual(service.metadata.labels, { component: 'apiserver', provider: 'kubernetes' });
  assert.equal(service.spec.clusterIP, '10.96.0.1');
  assert.deepEqual(service.spec.ipFamilies, ['IPv4']);
  assert.deepEqual(service.spec.ports, [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }]);
  const [slice] = first.slices;
  assert.equal(first.slices.length, 1);
  assert.deepEqual(slice?.metadata.labels, { 'kubernetes.io/service-name': 'kubernetes' });
  assert.equal(slice?.addressType, 'IPv4');
  assert.deepEqual(slice?.endpoints, [{ addresses: ['192.0.2.7'], conditions: { ready: true } }]);
  assert.deepEqual(slice?.ports, [{ name: 'https', port: 6443, protocol: 'TCP' }]);
  assert.deepEqual(first.endpoints[0]?.subsets, [
    { addresses: [{ ip: '192.0.2.7' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] },
  ]);

  await made.client.delete(SERVICES, 'default', 'kubernetes');
  const type = 'application/merge-patch+json';
  await made.client.patch(ENDPOINTSLICES, 'default', 'kubernetes', type, { endpoints: [] });
  await made.settle();
  const again = await parts(made);
  assert.notEqual(again.service.metadata.uid, service.metadata.uid);
  assert.equal(again.service.spec.clusterIP, '10.96.0.1');
  assert.deepEqual(again.slices[0]?.endpoints, slice?.endpoints);
});

test('a server that comes back elsewhere changes where the service leads, and on a loopback address it leads nowhere', async (t) => {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.namespaces('default');
  const first = await serve(made, '192.0.2.7', 6443);
  const { service } = await parts(made);
  await first.stop();
  const second = await serve(made, '2001:db8::7', 7443);
  const moved = await parts(made);
  assert.equal(moved.service.metadata.uid, service.metadata.uid);
  assert.equal(moved.service.spec.ports?.[0]?.targetPort, 7443);
  assert.deepEqual(
    moved.slices.map(({ addressType, endpoints }) => [addressType, endpoints?.[0]?.addresses]),
    [['IPv6', ['2001:db8::7']]],
  );
  assert.equal(moved.endpoints[0]?.subsets?.[0]?.addresses?.[0]?.ip, '2001:db8::7');
  await second.stop();
  await serve(made, '127.0.0.1', 7443);
  const alone = await parts(made);
  assert.deepEqual([alone.slices, alone.endpoints], [[], []]);
});
