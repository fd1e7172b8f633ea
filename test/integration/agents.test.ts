/** Agents on machines of their own: they join, run a Job together, are cut off, killed, and come back. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import type { DeepReadonly } from '../../src/apimachinery/meta/object.ts';
import type { Pod } from '../../src/apis/core/types.ts';
import { type Client, JOBS, NODES, PODS } from '../../src/client/index.ts';
import { connect } from '../../src/cluster/index.ts';
import { requireNetworks, TestNetwork } from '../harness/machines.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { execute, LONGSHORE, startServer, type TestServer } from '../harness/server.ts';

/** Milliseconds until a condition that does not come about fails the test. */
const PATIENCE_MS = 60_000;

/** Asks again and again until the answer is no longer undefined. */
async function until<Value>(what: string, ask: () => Promise<Value | undefined>): Promise<Value> {
  const end = systemClock.monotonic() + PATIENCE_MS;
  while (systemClock.monotonic() < end) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise<void>((resolve) => {
      systemClock.after(100, resolve);
    });
  }
  throw new Error(`not in time: ${what}`);
}

async function joinArguments(server: TestServer): Promise<readonly string[]> {
  const made = await execute(process.execPath, [
    LONGSHORE,
    'token',
    'create',
    '--data-dir',
    server.dataDirectory,
  ]);
  assert.equal(made.code, 0, made.stderr);
  const [, ...words] = made.stdout.trim().split(' ');
  return words;
}

const agentArguments = (server: TestServer, name: string): readonly string[] => [
  '--runtime',
  'process',
  '--lease-duration',
  '4s',
  '--node-name',
  name,
  '--data-dir',
  join(server.dataDirectory, `agent-${name}`),
];

/** Each pod adds a line to the file of its index, and ends when it is let go. */
function job(name: string, directory: string, completions: number): object {
  const script = `echo run $JOB_COMPLETION_INDEX; echo once >> ${directory}/ran-$JOB_COMPLETION_INDEX; until [ -e ${directory}/go ]; do sleep 0.1; done`;
  const labelSelector = { matchLabels: { 'job-name': name } };
  const spread = { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' };
  return {
    metadata: { name, annotations: { 'longshore.dev/retry-delay': '1s..2s' } },
    spec: {
      completions,
      parallelism: completions,
      completionMode: 'Indexed',
      backoffLimit: 20,
      template: {
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 1,
          topologySpreadConstraints: [{ ...spread, labelSelector }],
          containers: [{ name: 'c', image: 'none', command: ['sh', '-c', script] }],
        },
      },
    },
  };
}

async function podsOf(client: Client): Promise<readonly DeepReadonly<Pod>[]> {
  return (await client.list(PODS, { namespace: 'default' })).items;
}

const isRunning = ({ status, metadata }: DeepReadonly<Pod>): boolean =>
  status.phase === 'Running' && metadata.deletionTimestamp === undefined;

const indexOf = ({ metadata }: DeepReadonly<Pod>): string =>
  metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? '';

/** The pods that run, once each index has one. */
function allRun(client: Client, count: number): Promise<readonly DeepReadonly<Pod>[]> {
  return until('each index has a pod that runs', async () => {
    const running = (await podsOf(client)).filter(isRunning);
    return new Set(running.map(indexOf)).size === count && running.length === count ? running : undefined;
  });
}

function isReady(client: Client, node: string, status: string): Promise<true> {
  return until(`node ${node} is Ready=${status}`, async () => {
    const { conditions } = (await client.get(NODES, '', node)).status;
    return conditions?.some((each) => each.type === 'Ready' && each.status === status) ? true : undefined;
  });
}

async function completes(client: Client, name: string): Promise<DeepReadonly<Record<string, unknown>>> {
  return until(`job ${name} is complete`, async () => {
    const { status } = await client.get(JOBS, 'default', name);
    return status.conditions?.some((each) => each.type === 'Complete') ? { ...status } : undefined;
  });
}

const SHORT = ['--runtime', 'none', '--node-monitor-grace-period', '4s', '--pod-eviction-timeout', '1s'];

function canRun(t: TestContext): boolean {
  return requireKubectl(t) && requireNetworks(t);
}

test('two agents run a Job together; what one had is replaced when it is cut off, and ends there when it is back', async (t) => {
  if (!canRun(t)) return;
  await using network = new TestNetwork();
  await using server = await startServer(['--bind', network.address, ...SHORT]);
  const { client, close } = await connect(server.kubeconfig).then((connection) => ({
    client: connection.client,
    close: () => connection.close(),
  }));
  t.after(close);
  const [first, second] = [network.machine(), network.machine()];
  const join_ = await joinArguments(server);
  await Promise.all([
    first.longshore([...join_, ...agentArguments(server, 'first')]),
    second.longshore([...join_, ...agentArguments(server, 'second')]),
  ]);
  const key = join(server.dataDirectory, 'agent-first', 'pki', 'kubelet-client.pem');
  assert.equal(statSync(key).mode & 0o777, 0o600);

  await client.create(JOBS, 'default', job('pair', server.dataDirectory, 4) as never);
  const before = await allRun(client, 4);
  assert.deepEqual(new Set(before.map(({ spec }) => spec.nodeName)), new Set(['first', 'second']));
  // A container runs a moment before its script has said anything.
  await until('each pod has begun its work', async () =>
    readdirSync(server.dataDirectory).filter((file) => file.startsWith('ran-')).length === 4
      ? true
      : undefined,
  );
  for (const pod of before) {
    const { name } = pod.metadata;
    // What a process has written is in its log a moment later.
    const logs = await until(`the log of ${name}`, async () => {
      const { stdout, stderr } = await server.kubectl(['logs', name]);
      return stdout + stderr === '' ? undefined : stdout + stderr;
    });
    assert.equal(logs, `run ${indexOf(pod)}\n`);
    const ran = await server.kubectl(['exec', name, '--', 'sh', '-c', 'echo within; exit 7']);
    assert.equal(ran.stdout, 'within\n', ran.stderr);
    assert.match(ran.stderr, /exit code 7/);
  }

  first.link('down');
  await isReady(client, 'first', 'Unknown');
  await until('each index has a pod on the node that is left', async () => {
    const there = (await podsOf(client)).filter((pod) => isRunning(pod) && pod.spec.nodeName === 'second');
    return new Set(there.map(indexOf)).size === 4 ? true : undefined;
  });
  const lost = (await podsOf(client)).filter(({ spec }) => spec.nodeName === 'first');
  assert.equal(lost.length, 2);
  for (const { status } of lost) {
    const why = status.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason;
    assert.equal(why, 'DeletionByTaintManager');
  }
  const unheard = await server.kubectl(['logs', lost[0]?.metadata.name ?? '']);
  assert.match(
    unheard.stderr,
    /Get "https:\/\/10\..*:10250\/containerLogs\/default\/[^?]*": dial tcp 10\..*:10250: (i\/o timeout|connect: no route to host)/,
  );

  first.link('up');
  await isReady(client, 'first', 'True');
  await until('the pods that were replaced are gone', async () =>
    (await podsOf(client)).every(({ spec }) => spec.nodeName !== 'first') ? true : undefined,
  );
  await until('the node has lost its taints', async () =>
    (await client.get(NODES, '', 'first')).spec.taints === undefined ? true : undefined,
  );
  writeFileSync(join(server.dataDirectory, 'go'), '');
  const status = await completes(client, 'pair');
  assert.equal(status['succeeded'], 4);
  const runs = readdirSync(server.dataDirectory).filter((file) => file.startsWith('ran-'));
  const counts = runs.map(
    (file) => readFileSync(join(server.dataDirectory, file), 'utf8').trim().split('\n').length,
  );
  assert.deepEqual(
    counts.toSorted((a, b) => a - b),
    [1, 1, 2, 2],
    'what the lost node had ran once more, the rest once',
  );
});

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
  await client.create(JOBS, 'default', job('lasting', server.dataDirectory, 3) as never);
  const before = await allRun(client, 3);

  await until('each pod has begun its work', async () =>
    readdirSync(server.dataDirectory).filter((file) => file.startsWith('ran-')).length === 3
      ? true
      : undefined,
  );
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
  const after = await allRun(client, 3);
  const identity = (pods: readonly DeepReadonly<Pod>[]): readonly string[] =>
    pods
      .map(({ metadata, status }) => `${metadata.uid} ${status.containerStatuses?.[0]?.containerID}`)
      .toSorted();
  assert.deepEqual(identity(after), identity(before));
  writeFileSync(join(second.dataDirectory, 'go'), '');
  const status = await completes(client, 'lasting');
  assert.equal(status['succeeded'], 3);
  assert.equal(status['failed'], undefined);
  for (const index of [0, 1, 2]) {
    assert.equal(
      readFileSync(join(second.dataDirectory, `ran-${index}`), 'utf8')
        .trim()
        .split('\n').length,
      1,
    );
  }
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
