import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../types.ts';
import { settleClusterAddresses } from './defaults.ts';
import { familyErrors } from './families.ts';
import { clusterAddressErrors } from './validation.ts';

const ADDRESS = '10.96.0.9';

/** A service as it is after its addresses have been settled. */
function settled(spec: object, old?: Service): Service {
  const service = { metadata: { name: 's' }, spec: { type: 'ClusterIP', ...spec } } as unknown as Service;
  settleClusterAddresses(service, ADDRESS, old);
  return service;
}

test('a headless service without a selector is of both families, any other of IPv4 alone', () => {
  const cases: [object, unknown, unknown][] = [
    [{ clusterIP: 'None' }, 'RequireDualStack', ['IPv4', 'IPv6']],
    [{ clusterIP: 'None', ipFamilyPolicy: 'SingleStack' }, 'SingleStack', ['IPv4']],
    [{ clusterIP: 'None', ipFamilies: ['IPv6'] }, 'RequireDualStack', ['IPv6', 'IPv4']],
    [{ clusterIP: 'None', selector: { a: 'b' } }, 'SingleStack', ['IPv4']],
    [{}, 'SingleStack', ['IPv4']],
    [{ ipFamilyPolicy: 'PreferDualStack' }, 'PreferDualStack', ['IPv4']],
  ];
  for (const [spec, policy, families] of cases) {
    const { spec: seen } = settled(spec);
    assert.deepEqual([seen.ipFamilyPolicy, seen.ipFamilies], [policy, families]);
    assert.deepEqual([...clusterAddressErrors(seen), ...familyErrors(seen)], []);
  }
});

test('an update that leaves the policy open keeps the one before', () => {
  const old = settled({ ipFamilyPolicy: 'PreferDualStack' });
  assert.equal(settled({ clusterIP: ADDRESS }, old).spec.ipFamilyPolicy, 'PreferDualStack');
});

test('what only a cluster with IPv6 can give is refused in upstream words', () => {
  const cases: [object, string][] = [
    [
      { ipFamilyPolicy: 'RequireDualStack' },
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
    [{ ipFamilies: ['IPv6'] }, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    [
      { ipFamilies: ['IPv4', 'IPv6'] },
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
    ],
    [
      { clusterIP: 'fd00::1' },
      'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
    ],
  ];
  for (const [spec, message] of cases) {
    assert.deepEqual(
      familyErrors(settled(spec).spec).map((error) => `${error.field}: ${error.body()}`),
      [message],
    );
  }
});

test('addresses and families that contradict each other are refused', () => {
  const of = (spec: object): string[] =>
    clusterAddressErrors(settled(spec).spec).map((error) => `${error.field}: ${error.body()}`);
  assert.deepEqual(of({ ipFamilies: ['IPv4', 'IPv4'] }), ['spec.ipFamilies[1]: Duplicate value: "IPv4"']);
  assert.deepEqual(of({ clusterIPs: ['10.96.0.1', '10.96.0.2'] }), [
    'spec.clusterIPs: Invalid value: ["10.96.0.1","10.96.0.2"]: may specify no more than one IP for each IP family',
  ]);
  assert.deepEqual(of({ clusterIP: '10.96.0.1', ipFamilies: ['IPv6'] }), [
    'spec.clusterIPs[0]: Invalid value: "10.96.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
  ]);
});
