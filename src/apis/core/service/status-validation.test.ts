import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../types.ts';
import { validateServiceStatusUpdate } from './status-validation.ts';

function messages(type: string, ...ingress: object[]): string[] {
  const service = { spec: { type }, status: { loadBalancer: { ingress } } } as unknown as Service;
  const old = { spec: { type }, status: { loadBalancer: {} } } as unknown as Service;
  return validateServiceStatusUpdate(service, old).map((error) => error.toString());
}

test('only a balanced service has addresses in its status, each a proper one', () => {
  assert.deepEqual(messages('ClusterIP'), []);
  assert.deepEqual(messages('ClusterIP', { ip: '1.2.3.4', ipMode: 'VIP' }), [
    "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
  ]);
  assert.deepEqual(messages('LoadBalancer', { ip: '1.2.3.4', ipMode: 'VIP' }, { hostname: 'a.b' }, {}), []);
  assert.deepEqual(
    messages(
      'LoadBalancer',
      { ip: 'x', ipMode: '' },
      { hostname: '1.2.3.4', ipMode: 'VIP' },
      { ip: '1.2.3.4' },
    ),
    [
      'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'status.loadBalancer.ingress[0].ipMode: Unsupported value: "": supported values: "Proxy", "VIP"',
      'status.loadBalancer.ingress[1].ipMode: Forbidden: may not be specified when `ip` is not set',
      'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      'status.loadBalancer.ingress[2].ipMode: Required value: must be specified when `ip` is set',
    ],
  );
});
