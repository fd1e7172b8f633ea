import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, type NamedEndpoint, type NamedService, type NameRecords } from './answer.ts';

const DOMAIN = 'cluster.local';

function endpoint(hostname: string, ...addresses: string[]): NamedEndpoint {
  return { hostname, addresses, ports: [{ name: 'web', protocol: 'TCP', port: 8080 }] };
}

function service(name: string, endpoints: readonly NamedEndpoint[], externalName = ''): NamedService {
  return { namespace: 'ns', name, externalName, clusterIPs: name === 'talk' ? ['10.96.0.7'] : [], endpoints };
}

function recordsOf(...services: readonly NamedService[]): NameRecords {
  return {
    complete: true,
    service: (namespace, name) => services.find((each) => each.namespace === namespace && each.name === name),
    hasNamespace: (namespace) => services.some((each) => each.namespace === namespace),
    withAddress: (address) =>
      services.filter(
        ({ clusterIPs, endpoints }) =>
          clusterIPs.includes(address) || endpoints.some((each) => each.addresses.includes(address)),
      ),
  };
}

const records = recordsOf(
  service('talk', [endpoint('talk-0', '10.0.0.1', 'fd00::1'), endpoint('', '10.0.0.2')]),
  service('empty', []),
  service('out', [], 'example.test'),
);

/** What is told, in short: the data of each record, or how the answer ends. */
function ask(name: string, type = 'A'): unknown {
  const found = answer({ name, type }, records, DOMAIN);
  if (found === undefined) return 'elsewhere';
  if (found.answers.length === 0) return found.rcode;
  return found.answers.map((record) => ('data' in record ? record.data : record));
}

test('a service is all its ready pods, and a pod with a hostname one of them', () => {
  assert.deepEqual(ask('talk.ns.svc.cluster.local'), ['10.0.0.1', '10.0.0.2']);
  assert.deepEqual(ask('talk.ns.svc.cluster.local', 'AAAA'), ['fd00::1']);
  assert.deepEqual(ask('talk-0.talk.ns.svc.cluster.local'), ['10.0.0.1']);
  assert.deepEqual(ask('Talk-0.TALK.ns.svc.Cluster.local.'), ['10.0.0.1']);
});

test('a pod without a hostname is called by its address', () => {
  assert.deepEqual(ask('10-0-0-2.talk.ns.svc.cluster.local'), ['10.0.0.2']);
  assert.equal(ask('10-0-0-1.talk.ns.svc.cluster.local'), 'NXDOMAIN');
  assert.deepEqual(ask('10-1-2-3.ns.pod.cluster.local'), ['10.1.2.3']);
  assert.equal(ask('10-1-2.ns.pod.cluster.local'), 'NXDOMAIN');
});

test('what does not exist is told apart from what has nothing of the type', () => {
  assert.equal(ask('talk-7.talk.ns.svc.cluster.local'), 'NXDOMAIN');
  assert.equal(ask('nobody.ns.svc.cluster.local'), 'NXDOMAIN');
  assert.equal(ask('talk.other.svc.cluster.local'), 'NXDOMAIN');
  assert.equal(ask('empty.ns.svc.cluster.local'), 'NXDOMAIN');
  assert.equal(ask('a.b.c.d.ns.svc.cluster.local'), 'NXDOMAIN');
  assert.equal(ask('talk-0.talk.ns.svc.cluster.local', 'TXT'), 'NOERROR');
  assert.equal(ask('ns.svc.cluster.local'), 'NOERROR');
  assert.equal(ask('other.svc.cluster.local'), 'NXDOMAIN');
  assert.equal(ask('cluster.local'), 'NOERROR');
});

test('names of ports lead to pods and ports, with the addresses that are asked next', () => {
  const found = answer({ name: '_web._tcp.talk.ns.svc.cluster.local', type: 'SRV' }, records, DOMAIN);
  assert.deepEqual(
    found?.answers.map((record) => 'data' in record && record.data),
    ['talk-0', 'talk-0', '10-0-0-2'].map((label) => ({
      priority: 0,
      weight: 50,
      port: 8080,
      target: `${label}.talk.ns.svc.cluster.local`,
    })),
  );
  assert.equal(found?.additionals.length, 3);
  assert.equal(ask('_web._udp.talk.ns.svc.cluster.local', 'SRV'), 'NXDOMAIN');
});

test('an external name is another name for the service', () => {
  assert.deepEqual(ask('out.ns.svc.cluster.local'), ['example.test']);
  assert.equal(ask('x.out.ns.svc.cluster.local'), 'NXDOMAIN');
});

test("addresses of pods and of services have names, and others' are asked elsewhere", () => {
  assert.deepEqual(ask('7.0.96.10.in-addr.arpa', 'PTR'), ['talk.ns.svc.cluster.local']);
  assert.deepEqual(ask('1.0.0.10.in-addr.arpa', 'PTR'), ['talk-0.talk.ns.svc.cluster.local']);
  assert.deepEqual(ask('2.0.0.10.in-addr.arpa', 'PTR'), ['10-0-0-2.talk.ns.svc.cluster.local']);
  assert.equal(ask('9.0.0.10.in-addr.arpa', 'PTR'), 'elsewhere');
});

test('only names below the domain are the cluster’s', () => {
  assert.equal(ask('example.test'), 'elsewhere');
  assert.equal(ask('notcluster.local'), 'elsewhere');
  assert.equal(ask('.'), 'elsewhere');
  assert.deepEqual(ask('dns-version.cluster.local', 'TXT'), ['1.1.0']);
});
