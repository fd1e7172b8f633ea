/** Environment, names and rights of real containers. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPodWorld, type PodWorld, statusOf, waitsFor } from './pod-world.ts';

test('a container sees what its pod asks for', async (context) => {
  await using world = await openPodWorld(context);
  if (world === undefined) return;
  writeSeccompProfile(world);
  await world.apply('environment');
  await world.apply('security');
  await context.test('environment variables come from everywhere and see each other', () =>
    environment(world),
  );
  await context.test('fields of the pod and amounts are variables too', () => fields(world));
  await context.test('a variable without its source is told', () => noSource(world));
  await context.test('names are asked of the node or of the cluster', () => resolvers(world));
  await context.test('hostname, DNS and hosts file are as asked for', () => names(world));
  await context.test("a pod on the node's network has the node's names", () => host(world));
  await context.test('containers of a pod may see each other', () => sharedProcesses(world));
  await context.test('a runtime class chooses how a pod is run', () => runtimeClass(world));
  await context.test('users and groups are as asked for, for processes and volumes', () => user(world));
  await context.test('capabilities, seccomp and read-only roots confine', () => powers(world));
  await context.test('a profile of the node confines', () => localProfile(world));
  await context.test('root is refused where it must not be', () => rootRefused(world));
  await context.test('what a node does not take is refused as the kubelet refuses it', () => notTaken(world));
});

async function environment(world: PodWorld): Promise<void> {
  const pod = await world.succeeded('env');
  assert.deepEqual(await world.lines('env'), [
    'args one $(T_LITERAL)',
    'T_ACCOUNT=default',
    'T_BOARD_PORT=tcp://10.96.0.77:80',
    'T_BOARD_PORT_53_UDP=udp://10.96.0.77:53',
    'T_BOARD_PORT_53_UDP_ADDR=10.96.0.77',
    'T_BOARD_PORT_53_UDP_PORT=53',
    'T_BOARD_PORT_53_UDP_PROTO=its own',
    'T_BOARD_PORT_80_TCP=tcp://10.96.0.77:80',
    'T_BOARD_PORT_80_TCP_ADDR=10.96.0.77',
    'T_BOARD_PORT_80_TCP_PORT=80',
    'T_BOARD_PORT_80_TCP_PROTO=tcp',
    'T_BOARD_SERVICE_HOST=10.96.0.77',
    'T_BOARD_SERVICE_PORT=80',
    'T_BOARD_SERVICE_PORT_FEED=53',
    'T_BOARD_SERVICE_PORT_VIEW=80',
    'T_CM_greeting=hej',
    'T_CM_other=there',
    'T_CPU=10',
    'T_EXPANDED=one-hej-$(NOBODY)-$(T_LITERAL)',
    'T_FILE=in a file',
    `T_IP=${pod.status.podIP}`,
    'T_KEY=hej',
    'T_LABEL=seen',
    'T_LINK=10.96.0.77:80',
    'T_LITERAL=one',
    'T_MEMORY=32',
    'T_NAME=env',
    'T_NOTE=kept',
    'T_SECRET=s3cret',
  ]);
}

async function fields(world: PodWorld): Promise<void> {
  const { metadata, status, spec } = await world.succeeded('fields');
  const all = (ips: readonly { readonly ip: string }[] = []): string => ips.map(({ ip }) => ip).join(',');
  const path = 'jsonpath={.status.allocatable.cpu}';
  const cores = await world.kubectl(['get', 'node', spec.nodeName ?? '', '-o', path]);
  assert.deepEqual(await world.lines('fields'), [
    `T_ALL_CORES=${cores}`,
    'T_DOTTED=dotted',
    'T_EARLY=$(T_LATE)',
    `T_HOST=${status.hostIP}`,
    `T_HOSTS=${all(status.hostIPs)}`,
    `T_IPS=${all(status.podIPs)}`,
    'T_LATE=$s3cret $(not ended $x',
    'T_NAMESPACE=default',
    `T_NODE=${spec.nodeName}`,
    'T_NO_LABEL=',
    'T_ROUNDED=1',
    'T_STORAGE=64',
    'T_S_password=s3cret',
    `T_UID=${metadata.uid}`,
  ]);
}

async function noSource(world: PodWorld): Promise<void> {
  const cases: readonly (readonly [string, string])[] = [
    ['no-such-key', "couldn't find key nothing in Secret default/keys"],
    ['no-text', "couldn't find key raw in ConfigMap default/words"],
    ['no-such-source', 'secret "nobody" not found'],
  ];
  for (const [name, why] of cases) {
    const pod = await world.podWhen(name, (each) => waitsFor(each, 'CreateContainerConfigError'));
    assert.equal(statusOf(pod).state?.waiting?.message, why);
    await world.event(name, 'Failed', new RegExp(`^Error: ${why}$`));
  }
}

async function resolvers(world: PodWorld): Promise<void> {
  const servers = (lines: readonly string[]): string[] =>
    lines.filter((line) => line.startsWith('nameserver '));
  await world.succeeded('dns-of-node');
  const own = await world.lines('dns-of-node');
  assert.deepEqual(servers(own), servers(readFileSync('/etc/resolv.conf', 'utf8').split('\n')).slice(0, 3));
  assert.match(own.join('\n'), /^search (.* )?extra\.test$/m);
  assert.match(own.join('\n'), /^options (.* )?timeout:1$/m);
  await world.succeeded('dns-of-cluster');
  const cluster = await world.lines('dns-of-cluster');
  assert.match(
    cluster.join('\n'),
    /^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/m,
  );
  assert.match(cluster.join('\n'), /^options ndots:5$/m);
}

async function names(world: PodWorld): Promise<void> {
  const { status } = await world.succeeded('names');
  const full = 'box.sub.default.svc.cluster.local';
  assert.deepEqual(await world.lines('names'), [
    full,
    'nameserver 192.0.2.53',
    'options ndots:3 edns0',
    'search a.test b.test',
    `${status.podIP}\t${full}\tbox`,
    '# Entries added by HostAliases.',
    '192.0.2.7\tfriend\tmate',
  ]);
  const plain = await world.succeeded('plain-names');
  assert.deepEqual(await world.lines('plain-names'), [
    'plain-names',
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    `${plain.status.podIP}\tplain-names`,
  ]);
  const why = /FQDN a-hostname\S+ is too long \(64 characters is the max, 93 characters requested\)$/;
  await world.event('long-name', 'FailedCreatePodSandBox', why);
}

async function host(world: PodWorld): Promise<void> {
  const { status } = await world.succeeded('host');
  assert.equal(status.podIP, status.hostIP);
  const of = (kind: string): string => readlinkSync(`/proc/self/ns/${kind}`);
  assert.deepEqual(await world.lines('host'), [
    hostname(),
    of('net'),
    of('pid'),
    of('ipc'),
    '# Kubernetes-managed hosts file (host network).',
    '192.0.2.7\tfriend',
  ]);
}

async function sharedProcesses(world: PodWorld): Promise<void> {
  await world.succeeded('shared-processes');
  assert.deepEqual(await world.lines('shared-processes'), ['found']);
}

async function runtimeClass(world: PodWorld): Promise<void> {
  await world.succeeded('by-class');
  assert.deepEqual(await world.lines('by-class'), ['ran']);
  const why =
    /^Failed to create pod sandbox: rpc error: code = Unknown desc = .*no runtime for "nothing" is configured/;
  await world.event('no-class', 'FailedCreatePodSandBox', why);
}

async function user(world: PodWorld): Promise<void> {
  await world.succeeded('user');
  assert.deepEqual(await world.lines('user'), [
    '1000',
    '3000',
    '2000',
    '3000',
    '4000',
    '1000 2000',
    '2777 0 2000',
    '640 0 2000',
  ]);
  assert.deepEqual(await world.lines('user', 'own'), ['1001']);
}

async function powers(world: PodWorld): Promise<void> {
  const pod = await world.failed('powers');
  const lines = await world.lines('powers');
  assert.deepEqual(lines.slice(0, 3), ['CapBnd:\t0000000000000400', 'NoNewPrivs:\t1', 'Seccomp:\t2']);
  assert.match(lines[3] ?? '', /Read-only file system/);
  assert.equal(lines.at(-1), 'wrote tmp');
  assert.deepEqual(await world.lines('powers', 'privileged'), [
    'mounted',
    'NoNewPrivs:\t0',
    'Seccomp:\t0',
    'devices',
  ]);
  assert.equal(statusOf(pod, 'masked').state?.terminated?.exitCode, 1);
  assert.match((await world.lines('powers', 'masked')).join('\n'), /Read-only file system/);
  await world.succeeded('unconfined');
  assert.deepEqual(await world.lines('unconfined'), ['Seccomp:\t0', '1000']);
}

/** Where a kubelet looks for profiles of its own: `seccomp` in its directory. */
function writeSeccompProfile({ server }: PodWorld): void {
  const directory = join(server.dataDirectory, 'kubelet/seccomp');
  mkdirSync(directory, { recursive: true });
  const rule = { names: ['chmod', 'fchmodat', 'fchmod'], action: 'SCMP_ACT_ERRNO' };
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] };
  writeFileSync(join(directory, 'no-chmod.json'), JSON.stringify(profile));
}

async function localProfile(world: PodWorld): Promise<void> {
  await world.succeeded('local-profile');
  const lines = (await world.lines('local-profile')).toSorted();
  assert.deepEqual(lines, ['chmod: /x: Operation not permitted', 'end']);
}

async function rootRefused(world: PodWorld): Promise<void> {
  const byImage = await world.podWhen('root-user', (pod) => waitsFor(pod, 'CreateContainerConfigError'));
  const where = (name: string, uid: string): string => `(pod: "${name}_default(${uid})", container: c)`;
  assert.equal(
    statusOf(byImage).state?.waiting?.message,
    `container has runAsNonRoot and image will run as root ${where('root-user', byImage.metadata.uid)}`,
  );
  const chosen = await world.podWhen('root-chosen', (pod) => waitsFor(pod, 'CreateContainerConfigError'));
  assert.equal(
    statusOf(chosen).state?.waiting?.message,
    `container's runAsUser breaks non-root policy ${where('root-chosen', chosen.metadata.uid)}`,
  );
  await world.event('root-user', 'Failed', /^Error: container has runAsNonRoot and image will run as root/);
}

async function notTaken(world: PodWorld): Promise<void> {
  const values = { NODE: hostname().toLowerCase() };
  await world.apply('refused', values);
  await world.podWhen('holds', (pod) => statusOf(pod).state?.running !== undefined);
  await world.apply('refused-port', values);
  const refusals: readonly (readonly [string, string, RegExp])[] = [
    [
      'too-big',
      'OutOfcpu',
      /^Node didn't have enough resource: cpu, requested: 1000000, used: \d{3,}, capacity: \d+$/,
    ],
    [
      'other-node',
      'NodeAffinity',
      /^Predicate NodeAffinity failed: node\(s\) didn't match Pod's node affinity/,
    ],
    [
      'same-port',
      'NodePorts',
      /^Predicate NodePorts failed: node\(s\) didn't have free ports for the requested/,
    ],
    ['unsafe', 'SysctlForbidden', /^forbidden sysctl: "kernel\.msgmax" not allowlisted$/],
    ['elsewhere', 'PodOSNotSupported', /^Failed to admit pod as the OS field doesn't match node OS$/],
  ];
  for (const [name, reason, why] of refusals) {
    const { status } = await world.failed(name);
    assert.equal(status.reason, reason);
    assert.deepEqual(
      [status.containerStatuses, status.conditions, status.hostIP],
      [undefined, undefined, undefined],
    );
    assert.match((status.message ?? '').replace(/^Pod was rejected: /, ''), why);
    await world.event(name, reason, why);
  }
  await world.succeeded('fits');
}
