import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ENDPOINTS, ENDPOINTSLICES, EVENTS, SERVICES } from '../../src/client/index.ts';
import { newEndpointSliceMirroringController } from '../../src/controllers/endpoint-slice-mirroring/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

const MERGE = 'application/merge-patch+json';
const SKIP = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };

async function world(t: TestContext): Promise<WholeWorld> {
  const made = new WholeWorld();
  t.after(() => made.stop());
  await made.namespaces('n');
  await made.client.create(SERVICES, 'n', { metadata: { name: 'svc' }, spec: { ports: [{ port: 80 }] } });
  await made.start((context) => newEndpointSliceMirroringController(context));
  return made;
}

async function slices({ client }: WholeWorld) {
  const { items } = await client.list(ENDPOINTSLICES, { namespace: 'n' });
  return items;
}

function mirror(made: WholeWorld, subsets: readonly object[], metadata: object = {}): Promise<unknown> {
  return made.client.create(ENDPOINTS, 'n', {
    metadata: { name: 'svc', ...metadata },
    subsets: subsets as never,
  });
}

test('Endpoints of a service without a selector are copied, and what changes of them too', async (t) => {
  const made = await world(t);
  const target = { kind: 'Pod', namespace: 'n', name: 'p', uid: 'u' };
  const addresses = [{ ip: '10.0.0.1', hostname: 'one', nodeName: 'node', targetRef: target }];
  await mirror(
    made,
    [
      { addresses, notReadyAddresses: [{ ip: '10.0.0.2' }], ports: [{ name: 'web', port: 80 }] },
      { addresses: [{ ip: '2001:db8::1' }], ports: [{ name: 'web', port: 80 }] },
    ],
    {
      labels: { tier: 'x' },
      annotations: { 'example.com/kept': 'y', 'endpoints.kubernetes.io/last-change-trigger-time': 'then' },
    },
  );
  await made.settle();
  const found = [...(await slices(made))].sort((a, b) => (a.addressType < b.addressType ? -1 : 1));
  assert.deepEqual(
    found.map(({ addressType, ports, endpoints }) => ({ addressType, ports, endpoints })),
    [
      {
        addressType: 'IPv4',
        ports: [{ name: 'web', protocol: 'TCP', port: 80 }],
        endpoints: [
          {
            addresses: ['10.0.0.1'],
            conditions: { ready: true },
            hostname: 'one',
            nodeName: 'node',
            targetRef: target,
          },
          { addresses: ['10.0.0.2'], conditions: { ready: false } },
        ],
      },
      {
        addressType: 'IPv6',
        ports: [{ name: 'web', protocol: 'TCP', port: 80 }],
        endpoints: [{ addresses: ['2001:db8::1'], conditions: { ready: true } }],
      },
    ],
  );
  const [first] = found;
  assert.match(first?.metadata.name ?? '', /^svc-[a-z0-9]{5}$/);
  assert.deepEqual(first?.metadata.labels, {
    tier: 'x',
    'kubernetes.io/service-name': 'svc',
    'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
  });
  assert.deepEqual(first?.metadata.annotations, { 'example.com/kept': 'y' });
  assert.deepEqual(
    first?.metadata.ownerReferences?.map(({ kind, name, controller }) => ({ kind, name, controller })),
    [{ kind: 'Endpoints', name: 'svc', controller: true }],
  );

  const moved = { subsets: [{ addresses: [{ ip: '10.0.0.3' }], ports: [{ port: 81 }] }] };
  await made.client.patch(ENDPOINTS, 'n', 'svc', MERGE, moved);
  await made.settle();
  assert.deepEqual(
    (await slices(made)).map(({ metadata, ports, endpoints }) => [
      metadata.name,
      ports?.[0]?.port,
      endpoints?.map((each) => each.addresses[0]),
    ]),
    [[first?.metadata.name, 81, ['10.0.0.3']]],
  );
});

test('a copy goes with its Endpoints, its service, or when it is not to be any more', async (t) => {
  const made = await world(t);
  const subsets = [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }];
  const appears = async (what: string): Promise<void> => {
    await made.settle();
    assert.equal((await slices(made)).length, 1, what);
  };
  const vanishes = async (what: string): Promise<void> => {
    await made.settle();
    assert.deepEqual(await slices(made), [], what);
  };
  await mirror(made, subsets);
  await appears('at first');
  await made.client.patch(ENDPOINTS, 'n', 'svc', MERGE, { metadata: { labels: SKIP } });
  await vanishes('with the label');
  await made.client.patch(ENDPOINTS, 'n', 'svc', MERGE, {
    metadata: {
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'false' },
      annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' },
    },
  });
  await vanishes('of a leader election');
  await made.client.patch(ENDPOINTS, 'n', 'svc', MERGE, {
    metadata: { annotations: { 'control-plane.alpha.kubernetes.io/leader': null } },
  });
  await appears('once it is wanted again');
  await made.client.patch(SERVICES, 'n', 'svc', MERGE, { spec: { selector: { app: 'a' } } });
  await vanishes('with a selector');
  await made.client.patch(SERVICES, 'n', 'svc', MERGE, { spec: { selector: null } });
  await appears('without the selector');
  await made.client.delete(SERVICES, 'n', 'svc');
  await vanishes('without the service');
  await made.client.create(SERVICES, 'n', { metadata: { name: 'svc' }, spec: { ports: [{ port: 80 }] } });
  await appears('with a service again');
  const [slice] = await slices(made);
  await made.client.delete(ENDPOINTSLICES, 'n', slice?.metadata.name ?? '');
  await appears('after somebody deleted the copy');
  await made.client.delete(ENDPOINTS, 'n', 'svc');
  await vanishes('without the Endpoints');
});

test('of more than a thousand addresses the first thousand are copied, those that are ready first', async (t) => {
  const made = await world(t);
  const many = (count: number, from: number): { readonly ip: string }[] =>
    Array.from({ length: count }, (_, at) => ({
      ip: `10.${from}.${Math.floor(at / 200)}.${(at % 200) + 1}`,
    }));
  await mirror(made, [{ addresses: many(700, 2), notReadyAddresses: many(310, 1), ports: [{ port: 80 }] }]);
  await made.settle();
  const [slice, ...others] = await slices(made);
  const ready = slice?.endpoints?.filter(({ conditions }) => conditions?.ready).length;
  assert.deepEqual([others.length, slice?.endpoints?.length, ready], [0, 1_000, 700]);
  const { items } = await made.client.list(EVENTS, { namespace: 'n' });
  assert.deepEqual(
    items.map(({ type, reason, message, source }) => [type, reason, message, source?.component]),
    [
      [
        'Warning',
        'TooManyAddressesToMirror',
        'A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 10 addresses were skipped',
        'endpoint-slice-mirroring-controller',
      ],
    ],
  );
});
