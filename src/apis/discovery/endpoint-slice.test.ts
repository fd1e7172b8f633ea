import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  applyEndpointSliceDefaults,
  type EndpointSlice,
  validateEndpointSlice,
  validateEndpointSliceUpdate,
} from './index.ts';

function slice(fields: Partial<EndpointSlice>): EndpointSlice {
  const made: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's', namespace: 'n', uid: '', resourceVersion: '', creationTimestamp: '' },
    addressType: 'IPv4',
    ...fields,
  };
  applyEndpointSliceDefaults(made);
  return made;
}

const texts = (made: EndpointSlice): string[] => validateEndpointSlice(made).map((error) => error.toString());

test('ports get a name and a protocol', () => {
  assert.deepEqual(slice({ ports: [{ port: 80 }] }).ports, [{ port: 80, name: '', protocol: 'TCP' }]);
});

test('addresses must be of the type that the slice names', () => {
  assert.deepEqual(texts(slice({ endpoints: [{ addresses: ['10.0.0.1'] }] })), []);
  assert.deepEqual(
    texts(
      slice({
        endpoints: [[], ['x', '010.0.0.1'], ['2001::1'], ['127.0.0.1']].map((addresses) => ({ addresses })),
      }),
    ),
    [
      'endpoints[0].addresses: Required value: must contain at least 1 address',
      'endpoints[1].addresses[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'endpoints[1].addresses[1]: Invalid value: "010.0.0.1": must not have leading 0s',
      'endpoints[2].addresses: Invalid value: "2001::1": must be an IPv4 address',
      'endpoints[3].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  );
  assert.deepEqual(texts(slice({ addressType: 'IPv6', endpoints: [{ addresses: ['2001:0::1'] }] })), [
    'endpoints[0].addresses[0]: Invalid value: "2001:0::1": must be in canonical form ("2001::1")',
  ]);
  const named = slice({ addressType: 'FQDN', endpoints: [{ addresses: ['example.com', 'single'] }] });
  assert.deepEqual(texts(named), [
    'endpoints[0].addresses[1]: Invalid value: "single": should be a domain with at least two segments separated by dots',
  ]);
});

test('ports of one name and hints of one name are duplicates', () => {
  const made = slice({
    ports: [{ name: 'a' }, { name: 'a' }],
    endpoints: [{ addresses: ['10.0.0.1'], hints: { forZones: [{ name: 'z' }, { name: 'z' }] } }],
  });
  assert.deepEqual(texts(made), [
    'ports[1].name: Duplicate value: "a"',
    'endpoints[0].hints.forZones[1].name: Duplicate value: "z"',
  ]);
});

test('the address type stays, and old endpoints are not judged again', () => {
  const old = slice({ endpoints: [{ addresses: ['x'] }] });
  assert.deepEqual(validateEndpointSliceUpdate(slice({ endpoints: [{ addresses: ['x'] }] }), old), []);
  const changed = validateEndpointSliceUpdate(slice({ addressType: 'IPv6' }), slice({}));
  assert.deepEqual(
    changed.map((error) => error.toString()),
    ['addressType: Invalid value: "IPv6": field is immutable'],
  );
});

test('lists of endpoints and ports that are left out read back as null', () => {
  const empty = slice({});
  delete (empty as Partial<EndpointSlice>).endpoints;
  delete (empty as Partial<EndpointSlice>).ports;
  applyEndpointSliceDefaults(empty);
  assert.deepEqual([empty.endpoints, empty.ports], [null, null]);
});
