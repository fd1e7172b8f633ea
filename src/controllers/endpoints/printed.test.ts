import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf } from '../endpoint-slice/index.ts';
import { portText, subsetText } from './printed.ts';

const target = { kind: 'Pod', namespace: 'n', name: 'p', uid: 'u' };

test('texts and hashes of ports and subsets are those of Go', () => {
  assert.equal(hashOf(''), '6c62272e07bb014262b821756295c58d');
  const http = { name: 'http', port: 80, protocol: 'TCP' } as const;
  assert.equal(
    portText(http),
    '(v1.EndpointPort){Name:(string)http Port:(int32)80 Protocol:(v1.Protocol)TCP AppProtocol:(*string)<nil>}',
  );
  assert.equal(hashOf(portText(http)), '754b003f50f133a539c60d18cfb30a55');
  const h2c = { port: 80, protocol: 'UDP', appProtocol: 'kubernetes.io/h2c' } as const;
  assert.equal(hashOf(portText(h2c)), 'e8d472c0f3dd14047242ddec58e08622');
  const address = { ip: '10.0.0.1', nodeName: 'node-a', targetRef: target };
  assert.equal(
    hashOf(
      subsetText({
        addresses: [address, { ip: '10.0.0.2', hostname: 'h' }],
        ports: [http, { name: 'b', port: 81, protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' }],
      }),
    ),
    'cb551911f1556271a19e9230077b9fcd',
  );
  assert.equal(hashOf(subsetText({ notReadyAddresses: [address] })), '70edb0f17e826c2bd72b2be537539aa0');
});
