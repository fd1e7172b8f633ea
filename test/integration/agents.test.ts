/** Agents on machines of their own: they join, are killed, and come back; what each may do. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { DeepReadonly } from '../../src/apimachinery/meta/object.ts';
import type { Pod } from '../../src/apis/core/types.ts';
import { JOBS } from '../../src/client/index.ts';
import { connect } from '../../src/cluster/index.ts';
import {
  agentArguments,
  allRun,
  completes,
  haveBegun,
  joinArguments,
  lineJob,
  timesRun,
} from '../harness/agents.ts';
import { requireNetworks, TestNetwork } from '../harness/machines.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer } from '../harness/server.ts';

function canRun(t: TestContext): boolean {
  return requireKubectl(t) && requireNetworks(t);
}

test('pods outlive their agent and the server, and are counted once by whoever comes back', async (t) => {
  if (!canRun(t)) return;
  await using network = new TestNetwork();
  const port = String(20_000 + (process.pid % 10_000));
  const listen = ['--bind', network.address, '--port', port, '--runtime', 'none'];
  const server = await startServer(listen);
  t.after(() => server[Symbol.asyncDispose]());
  const machine = network.machine();
  const words = [...(await joinArguments(server)), ...agentArguments(server, 'only')];
  const agent = await machine.longshore(words);
  const connection = await connect(server.kubeconfig);
  t.after(() => connection.close());
  const { client } = connection;
  await client.create(JOBS, 'default', lineJob('lasting', server.dataDirectory, 3) as never);
  const before = await allRun(client, 'lasting', 3);

  await haveBegun('lasting', server.dataDirectory, 3);
  const inUse = /agent-only is in use by the agent with process id \d+: stop that one/;
  await assert.rejects(machine.longshore([...words, '--port', '10251']), inUse);
  const ended = new Promise((resolve) => agent.once('close', resolve));
  agent.kill('SIGKILL');
  await ended;
  // Without a token: it has its own certificate, and knows the server's authority.
  const again = words.filter(
    (word, at) =>
      !['--token', '--ca-cert-hash'].includes(word) &&
      !['--token', '--ca-cert-hash'].includes(words[at - 1] ?? ''),
  );
  await server.stop('SIGKILL');
  // The agent comes back before the server does, and waits for it.
  const returning = machine.longshore(again);
  await using second = await startServer(listen, server.dataDirectory);
  await returning;
  const after = await allRun(client, 'lasting', 3);
  const identity = (pods: readonly DeepReadonly<Pod>[]): readonly string[] =>
    pods
      .map(({ metadata, status }) => `${metadata.uid} ${status.containerStatuses?.[0]?.containerID}`)
      .toSorted();
  assert.deepEqual(identity(after), identity(before));
  writeFileSync(join(second.dataDirectory, 'go'), '');
  const status = await completes(client, 'lasting');
  assert.equal(status['succeeded'], 3);
  assert.equal(status['failed'], undefined);
  assert.deepEqual(timesRun('lasting', second.dataDirectory), [1, 1, 1]);
});

test('a machine joins only with a token that holds and a server that is the right one', async (t) => {
  if (!canRun(t)) return;
  await using network = new TestNetwork();
  await using server = await startServer(['--bind', network.address, '--runtime', 'none']);
  const machine = network.machine();
  const words = await joinArguments(server);
  const wrong = words.map((word) => word.replace(/^sha256:..../, 'sha256:0000'));
  const rest = agentArguments(server, 'n');
  await assert.rejects(machine.longshore([...wrong, ...rest]), /is not the one with the hash sha256:0000/);
  const stale = words.map((word) => word.replace(/^([a-z0-9]{6})\.[a-z0-9]{16}$/, '$1.0123456789abcdef'));
  await assert.rejects(machine.longshore([...stale, ...rest]), /the server does not take the token/);
  const token = words[words.indexOf('--token') + 1] ?? '';
  const as = [
    '--server',
    server.url,
    '--insecure-skip-tls-verify',
    '--token',
    token,
    '--kubeconfig',
    '/dev/null',
  ];
  const who = await server.kubectl([...as, 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo}']);
  assert.match(who.stdout, /"username":"system:bootstrap:[a-z0-9]{6}"/, who.stderr);
  assert.match(who.stdout, /"system:bootstrappers","system:bootstrappers:longshore:default-node-token"/);
  const pods = await server.kubectl([...as, 'get', 'pods']);
  assert.match(pods.stderr, /User "system:bootstrap:[a-z0-9]{6}" cannot list resource "pods"/);
});

test('a node agent reads what its own pods refer to, and writes about itself alone', async (t) => {
  if (!canRun(t)) return;
  await using network = new TestNetwork();
  await using server = await startServer(['--bind', network.address, '--runtime', 'none']);
  const machine = network.machine();
  await machine.longshore([
    ...(await joinArguments(server)),
    '--node-name',
    'own',
    '--runtime',
    'fake',
    '--data-dir',
    join(server.dataDirectory, 'agent'),
  ]);
  const objects = [
    { kind: 'Secret', metadata: { name: 'used' }, stringData: { a: 'b' } },
    { kind: 'Secret', metadata: { name: 'unused' } },
    { kind: 'Node', metadata: { name: 'other' } },
    {
      kind: 'Pod',
      metadata: { name: 'p', annotations: { 'fake.longshore.dev/duration': '1h' } },
      spec: {
        containers: [{ name: 'c', image: 'i', envFrom: [{ secretRef: { name: 'used' } }] }],
        nodeSelector: { 'kubernetes.io/hostname': 'own' },
      },
    },
  ].map((object) => ({ apiVersion: 'v1', ...object }));
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const made = await server.kubectl(['create', '-f', '-'], list);
  assert.equal(made.code, 0, made.stderr);
  const running = await server.kubectl([
    'wait',
    'pod/p',
    '--for=jsonpath={.status.phase}=Running',
    '--timeout=30s',
  ]);
  assert.equal(running.code, 0, running.stderr);

  const pem = join(server.dataDirectory, 'agent', 'pki', 'kubelet-client.pem');
  const connection = [
    '--server',
    server.url,
    '--certificate-authority',
    join(server.dataDirectory, 'pki', 'ca.crt'),
  ];
  const as = [...connection, '--client-certificate', pem, '--client-key', pem, '--kubeconfig', '/dev/null'];
  const allowed = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await server.kubectl([...as, ...args]);
    assert.equal(code, 0, stderr);
  };
  const refused = async (why: string, ...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await server.kubectl([...as, ...args]);
    assert.notEqual(code, 0, args.join(' '));
    assert.ok(stderr.includes(why), stderr);
  };
  await allowed('get', 'secret', 'used');
  await refused("no relationship found between node 'own' and this object", 'get', 'secret', 'unused');
  await refused('can only read namespaced object of this type', 'get', 'secrets', '-A');
  await allowed('get', 'node', 'own');
  await refused("node 'own' cannot read all nodes, only its own Node object", 'get', 'nodes');
  await refused("node 'own' cannot read 'other', only its own Node object", 'get', 'node', 'other');
  await allowed('get', 'pods', '-A', '--field-selector', 'spec.nodeName=own');
  await refused('can only list/watch pods with spec.nodeName field selector', 'get', 'pods');
  await allowed('label', 'node', 'own', 'topology.kubernetes.io/zone=z');
  const label = 'node-restriction.kubernetes.io/team=a';
  await refused(
    'is not allowed to modify labels: node-restriction.kubernetes.io/team',
    'label',
    'node',
    'own',
    label,
  );
  await refused('node "own" is not allowed to modify taints', 'taint', 'node', 'own', 'a=b:NoSchedule');
  const patch = ['--type', 'merge', '-p', '{"metadata":{"labels":{"a":"b"}}}'];
  await refused('cannot patch resource "pods"', 'patch', 'pod', 'p', ...patch);
  await refused('node requested token not bound to a pod', 'create', 'token', 'default');
  await refused('cannot list resource "jobs"', 'get', 'jobs');
});

test('an agent tells of itself through its server, and directly to whom the server lets ask', async (t) => {
  if (!canRun(t)) return;
  await using network = new TestNetwork();
  await using server = await startServer(['--bind', network.address, '--runtime', 'none']);
  const machine = network.machine();
  await machine.longshore([...(await joinArguments(server)), ...agentArguments(server, 'far')]);
  const kubectl = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await server.kubectl(line.split(' '));
    assert.equal(code, 0, stderr);
    return stdout;
  };
  assert.match(
    await kubectl('get --raw /api/v1/nodes/far/proxy/metrics/resource'),
    /^node_cpu_usage_seconds_total [\d.]+ \d{13}$/m,
  );
  assert.match(await kubectl('get --raw /api/v1/nodes/https:far:10250/proxy/pods'), /^\{"kind":"PodList"/);

  // Kubelet's own figures are of the machine that both share.
  assert.match(await kubectl('top node far'), /^far +\d+m +\d+% +\d+Mi +\d+% *$/m);

  await kubectl('create serviceaccount scraper');
  await kubectl('create clusterrole scraper --verb=get --resource=nodes/metrics,nodes/pods');
  await kubectl('create clusterrolebinding scraper --clusterrole=scraper --serviceaccount=default:scraper');
  const token = (await kubectl('create token scraper')).trim();
  const host = await kubectl('get node far -o jsonpath={.status.addresses[?(@.type=="InternalIP")].address}');
  /** As a scraper that does not look at certificates. */
  const ask = (path: string, headers: object): Promise<readonly [number, string]> =>
    new Promise((resolve, reject) => {
      const options = { host, port: 10_250, path, headers: { ...headers }, rejectUnauthorized: false };
      request(options, (answer) => {
        buffer(answer).then((body) => resolve([answer.statusCode ?? 0, body.toString()]), reject);
      })
        .on('error', reject)
        .end();
    });
  const authorization = `Bearer ${token}`;
  const [code, text] = await ask('/metrics/resource', { authorization });
  assert.deepEqual([code, /^node_memory_working_set_bytes /m.test(text)], [200, true]);
  assert.equal((await ask('/pods', { authorization }))[0], 200);
  assert.deepEqual(await ask('/stats/summary', { authorization }), [
    403,
    'Forbidden (user=system:serviceaccount:default:scraper, verb=get, resource=nodes, subresource(s)=[stats])\n',
  ]);
  for (const path of ['/metrics/resource', '/healthz']) {
    assert.deepEqual(await ask(path, {}), [401, 'Unauthorized']);
  }
  assert.deepEqual(await ask('/metrics/resource', { authorization: `${authorization}x` }), [
    401,
    'Unauthorized',
  ]);
});
