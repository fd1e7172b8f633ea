import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../apis/core/types.ts';
import { asksCluster, podDns, resolvConf, withinLimits } from './pod-network.ts';

const HOST = { servers: ['192.0.2.1'], searches: ['corp.test'], options: ['rotate'] };
const CLUSTER = { servers: ['10.88.0.1'], domain: 'cluster.local' };

function pod(spec: Partial<Pod['spec']>): Pod {
  return {
    metadata: { name: 'p', namespace: 'ns' },
    spec: { containers: [], ...spec },
    status: {},
  } as unknown as Pod;
}

test('a pod asks the cluster first, with its namespace and the node’s domains to complete names', () => {
  const asked = podDns(pod({ dnsPolicy: 'ClusterFirst' }), CLUSTER, HOST);
  assert.equal(
    resolvConf(asked ?? HOST),
    'search ns.svc.cluster.local svc.cluster.local cluster.local corp.test\nnameserver 10.88.0.1\noptions ndots:5\n',
  );
});

test('a pod on the node’s network asks the cluster only where it says so', () => {
  assert.equal(asksCluster(pod({ dnsPolicy: 'ClusterFirst', hostNetwork: true })), false);
  assert.equal(asksCluster(pod({ dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true })), true);
  assert.equal(asksCluster(pod({ dnsPolicy: 'Default' })), false);
  assert.equal(asksCluster(pod({ dnsPolicy: 'None' })), false);
});

test('a pod adds to what it is given, and its options replace', () => {
  const dnsConfig = {
    nameservers: ['192.0.2.7'],
    searches: ['own.test', 'corp.test'],
    options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
  };
  const asked = podDns(pod({ dnsPolicy: 'ClusterFirst', dnsConfig }), CLUSTER, HOST);
  assert.deepEqual(asked?.servers, ['10.88.0.1', '192.0.2.7']);
  assert.deepEqual(asked?.searches.slice(3), ['corp.test', 'own.test']);
  assert.deepEqual(asked?.options, ['ndots:2', 'edns0']);
});

test('what the C library would not read is left out, and said', () => {
  const servers = ['1', '2', '3', '4'];
  const long = Array.from({ length: 20 }, (_, index) => `${String(index).padStart(150, 'x')}`);
  const { kept, complaints } = withinLimits({ servers, searches: long, options: [] });
  assert.deepEqual(kept.servers, ['1', '2', '3']);
  assert.equal(kept.searches.length, 13);
  assert.equal(complaints.length, 2);
  assert.match(complaints[0] ?? '', /the applied nameserver line is: 1 2 3$/);
  const many = Array.from({ length: 40 }, (_, index) => `d${index}`);
  assert.equal(withinLimits({ servers: [], searches: many, options: [] }).kept.searches.length, 32);
  assert.deepEqual(withinLimits(HOST), { kept: HOST, complaints: [] });
});
