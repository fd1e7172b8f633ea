/** Two machines with a containerd each: one is cut off, comes back, is started anew, and loses its agent's data. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Client, JOBS, NODES } from '../../src/client/index.ts';
import { connect } from '../../src/cluster/index.ts';
import {
  agentArguments,
  allRun,
  completes,
  haveBegun,
  indexOf,
  isReady,
  isRunning,
  joinArguments,
  lineJob,
  podsOf,
  timesRun,
  until,
} from '../harness/agents.ts';
import { kubectl, kubectlFails } from '../harness/kubectl.ts';
import { requireNetworks, type TestMachine, TestNetwork } from '../harness/machines.ts';
import { removeGroupsAtTheEnd, unmountBelow } from '../harness/owner-remains.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import { type Containerd, requireContainerd, startContainerd } from './containerd.ts';
import { makeBusyboxImage } from './images.ts';

const BUSYBOX = 'docker.io/library/busybox:1.37';
const PATIENCE = ['--node-monitor-grace-period', '4s', '--pod-eviction-timeout', '1s'];

function canRun(t: TestContext): boolean {
  return requireContainerd(t) && requireKubectl(t) && requireNetworks(t);
}

interface Station {
  readonly name: string;
  readonly machine: TestMachine;
  readonly containerd: Containerd;
  agent: ChildProcess;
}

class World {
  readonly client: Client;
  readonly server: TestServer;
  /** Where pods leave their lines. */
  readonly lines: string;

  constructor(server: TestServer, client: Client) {
    this.server = server;
    this.client = client;
    this.lines = server.dataDirectory;
  }

  words({ name, containerd }: Pick<Station, 'name' | 'containerd'>): readonly string[] {
    return agentArguments(this.server, name, `cri=${containerd.endpoint}`);
  }

  async open(name: string, machine: TestMachine, parts: AsyncDisposableStack): Promise<Station> {
    const containerd = parts.use(await startContainerd({ machine }));
    machine.leadTo(containerd.subnet);
    await containerd.importArchive(makeBusyboxImage(containerd.directory, [BUSYBOX]));
    const words = [...(await joinArguments(this.server)), ...this.words({ name, containerd })];
    const agent = await machine.longshore(words);
    parts.defer(() => removeGroupsAtTheEnd(join(this.server.dataDirectory, `agent-${name}`, 'kubelet')));
    // Before its containerd, which is not there for it any more then.
    parts.defer(() => end(station));
    const station = { name, machine, containerd, agent };
    return station;
  }

  async begin(job: string, completions: number, more: object = {}): Promise<void> {
    await this.client.create(JOBS, 'default', lineJob(job, this.lines, completions, more, true) as never);
    await allRun(this.client, job, completions);
    await haveBegun(job, this.lines, completions);
  }

  /** Resolves with the Job's status once that many of its pods run on the node. */
  runOn(job: string, node: string, count: number): Promise<true> {
    return until(`${count} pods of ${job} run on ${node}`, async () => {
      const pods = await podsOf(this.client, job);
      const there = pods.filter((pod) => isRunning(pod) && pod.spec.nodeName === node);
      return new Set(there.map(indexOf)).size === count ? true : undefined;
    });
  }
}

async function end({ agent }: Station): Promise<void> {
  if (agent.exitCode !== null || agent.signalCode !== null) return;
  const ended = new Promise((resolve) => agent.once('close', resolve));
  agent.kill('SIGKILL');
  await ended;
}

/** Resolves when pods may go to the node: half of a Job's do then. */
async function takesPods(client: Client, node: string): Promise<void> {
  await isReady(client, node, 'True');
  await until(`node ${node} has no taints`, async () =>
    (await client.get(NODES, '', node)).spec.taints === undefined ? true : undefined,
  );
}

const running = ({ containerd }: Station): readonly string[] =>
  containerd.ctr(['tasks', 'ls']).match(/ RUNNING/g) ?? [];

test('nodes on containerd are cut off, come back, are started anew and join again', async (t) => {
  if (!canRun(t)) return;
  await using network = new TestNetwork();
  await using parts = new AsyncDisposableStack();
  const server = parts.use(await startServer(['--bind', network.address, '--runtime', 'none', ...PATIENCE]));
  const connection = await connect(server.kubeconfig);
  parts.defer(() => connection.close());
  const world = new World(server, connection.client);
  const first = await world.open('first', network.machine(), parts);
  await world.open('second', network.machine(), parts);
  await world.begin('pair', 4);
  await world.begin('patient', 2, { podReplacementPolicy: 'Failed' });
  await t.test('a node that is cut off', () => cutOff(world, first));
  await t.test('a node that is back', () => back(world, first));
  await t.test('a machine that is started anew', () => startedAnew(world, first));
  await t.test('an agent that has lost its data', () => joinedAnew(world, first));
});

/** What it had is replaced elsewhere, but for a Job that waits for the end of its pods; and it is told as Kubernetes tells it. */
async function cutOff({ server, client }: World, { machine, name }: Station): Promise<void> {
  machine.link('down');
  await isReady(client, name, 'Unknown');
  await new World(server, client).runOn('pair', 'second', 4);
  const lost = (await podsOf(client, 'pair')).filter(({ spec }) => spec.nodeName === name);
  assert.equal(lost.length, 2);
  for (const { status } of lost) {
    const why = status.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason;
    assert.equal(why, 'DeletionByTaintManager');
  }
  const pod = lost[0]?.metadata.name ?? '';
  const dial = `dial tcp ${machine.address}:10250: (connect: no route to host|i/o timeout)`;
  const url = `https://${machine.address}:10250/containerLogs/default/${pod}/c`;
  assert.match(
    await kubectlFails(server, ['logs', pod]),
    new RegExp(`^Error from server: Get "${url}": ${dial}\\n$`),
  );
  const dialing = new RegExp(`error dialing backend: ${dial}`);
  assert.match(await kubectlFails(server, ['exec', pod, '--', 'true']), dialing);
  assert.match(await kubectlFails(server, ['port-forward', pod, ':80']), dialing);
  await until('the patient Job has none but the pods that it had', async () => {
    const { status } = await client.get(JOBS, 'default', 'patient');
    return status.terminating === 1 && status.active === 1 ? true : undefined;
  });
  assert.equal((await podsOf(client, 'patient')).length, 2);
}

/** It ends what was replaced, and only then does the patient Job go on. */
async function back(world: World, { machine, name }: Station): Promise<void> {
  const { client, lines } = world;
  machine.link('up');
  await isReady(client, name, 'True');
  await until('the pods that were replaced are gone', async () =>
    (await podsOf(client, 'pair')).every(({ spec }) => spec.nodeName !== name) ? true : undefined,
  );
  await takesPods(client, name);
  await allRun(client, 'patient', 2);
  await until('the patient index has begun again', async () =>
    timesRun('patient', lines).join() === '1,2' ? true : undefined,
  );
  assert.deepEqual(
    timesRun('pair', lines),
    [1, 1, 2, 2],
    'what the lost node had ran once more, the rest once',
  );
}

/** What ran there has failed, and is done anew; the agent goes on under its name with what it had. */
async function startedAnew(world: World, station: Station): Promise<void> {
  const { client, lines } = world;
  await world.begin('after', 2);
  const before = timesRun('after', lines);
  assert.deepEqual(before, [1, 1]);
  await end(station);
  await station.containerd.killAll();
  station.agent = await station.machine.longshore([
    'agent',
    '--server',
    world.server.url,
    ...world.words(station),
  ]);
  await until('the index that ran there runs again', async () =>
    timesRun('after', lines).join() === '1,2' ? true : undefined,
  );
  writeFileSync(join(lines, 'go'), '');
  assert.equal((await completes(client, 'after'))['succeeded'], 2);
  assert.equal((await completes(client, 'pair'))['succeeded'], 4);
  assert.equal((await completes(client, 'patient'))['succeeded'], 2);
  rmSync(join(lines, 'go'));
}

/** It joins again once its node is not ready any more, and clears away what the agent before it left, whose pods have failed. */
async function joinedAnew(world: World, station: Station): Promise<void> {
  const { client, server } = world;
  const { name, machine } = station;
  await takesPods(client, name);
  await world.begin('left', 2);
  await end(station);
  const data = join(server.dataDirectory, `agent-${name}`);
  assert.equal(statSync(join(data, 'pki', 'kubelet-client.pem')).mode & 0o777, 0o600);
  unmountBelow(data);
  removeGroupsAtTheEnd(join(data, 'kubelet'));
  rmSync(data, { recursive: true });
  const words = [...(await joinArguments(server)), ...world.words(station)];
  await isReady(client, name, 'Unknown');
  const sandboxes = running(station).length;
  assert.ok(sandboxes > 0, 'the pods outlived their agent');
  station.agent = await machine.longshore(words);
  await isReady(client, name, 'True');
  writeFileSync(join(world.lines, 'go'), '');
  assert.equal((await completes(client, 'left'))['succeeded'], 2);
  await until('nothing runs there any more', async () => (running(station).length === 0 ? true : undefined));
  assert.equal(
    await kubectl(server, ['get', 'pods', '--field-selector', 'status.phase=Running', '-o', 'name']),
    '',
  );
}
