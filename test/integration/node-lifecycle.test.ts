/** Nodes that fall silent, and what becomes of their pods, on virtual time. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { rfc3339, rfc3339Micro } from '../../src/apimachinery/clock.ts';
import type { DeepReadonly } from '../../src/apimachinery/meta/object.ts';
import type { Node, NodeCondition, Pod, Toleration } from '../../src/apis/core/types.ts';
import { EVENTS, JOBS, LEASES, NODES, PODS, SERVICEACCOUNTS } from '../../src/client/index.ts';
import { newNodeLifecycleController } from '../../src/controllers/node-lifecycle/index.ts';
import { newTaintEvictionController } from '../../src/controllers/taint-eviction/index.ts';
import { newScheduler } from '../../src/scheduler/index.ts';
import { ownedBy, WholeWorld } from '../harness/whole-world.ts';

/** A world whose nodes renew their leases each ten seconds for as long as they are in `alive`. */
class NodeWorld extends WholeWorld {
  readonly alive = new Set<string>();

  async node(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.client.create(NODES, '', { metadata: { name, labels }, spec: {} });
    await this.report(name, 'True');
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: this.#micro() };
    await this.client.create(LEASES, 'kube-node-lease', { metadata: { name }, spec });
    this.alive.add(name);
  }

  /** What the node's agent would write of itself. */
  async report(name: string, ready: 'True' | 'False'): Promise<void> {
    const time = rfc3339(this.clock.now());
    const types = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];
    const conditions = types.map((type): NodeCondition => {
      const status = type === 'Ready' ? ready : 'False';
      return { type, status, lastHeartbeatTime: time, lastTransitionTime: time };
    });
    const room = { cpu: '4', memory: '8Gi', pods: '110' };
    const status = { conditions, capacity: room, allocatable: room };
    await this.client.patch(NODES, '', name, 'application/merge-patch+json', { status }, 'status');
  }

  /** Time passes, and nodes that are alive show it. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 5) {
      await this.settle(Math.min(left, 5) * 1000);
      for (const name of this.alive) {
        const patch = { spec: { renewTime: this.#micro() } };
        await this.client.patch(LEASES, 'kube-node-lease', name, 'application/merge-patch+json', patch);
      }
    }
    await this.settle();
  }

  async pod(name: string, node: string, more: Partial<Pod['metadata']> = {}, own: Toleration[] = []) {
    await this.client.create(PODS, 'a', {
      metadata: { name, ...more },
      spec: { nodeName: node, tolerations: own, containers: [{ name: 'c', image: 'i' }] },
    });
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: rfc3339(this.clock.now()) }];
    const status = { phase: 'Running', conditions };
    await this.client.patch(PODS, 'a', name, 'application/merge-patch+json', { status }, 'status');
  }

  job(name: string, tolerations: Toleration[] = []) {
    const container = { name: 'c', image: 'i' };
    const template = { spec: { restartPolicy: 'Never', tolerations, containers: [container] } };
    return this.client.create(JOBS, 'a', { metadata: { name }, spec: { template } } as never);
  }

  async ready(name: string): Promise<DeepReadonly<NodeCondition> | undefined> {
    const { status } = await this.client.get(NODES, '', name);
    return status.conditions?.find(({ type }) => type === 'Ready');
  }

  async taints(name: string): Promise<readonly string[]> {
    const { spec } = await this.client.get(NODES, '', name);
    return (spec.taints ?? []).map(({ key, effect }) => `${key.replace(/^.*\//, '')}:${effect}`).sort();
  }

  async isLeaving(name: string): Promise<boolean> {
    return (await this.client.get(PODS, 'a', name)).metadata.deletionTimestamp !== undefined;
  }

  async events(about: string): Promise<readonly string[]> {
    const { items } = await this.client.list(EVENTS);
    return items
      .filter(({ involvedObject }) => involvedObject.name === about)
      .map(({ type, reason, message, source }) => `${source?.component} ${type} ${reason}: ${message}`);
  }

  #micro(): string {
    return rfc3339Micro(this.clock.now());
  }
}

async function world(t: TestContext, ...nodes: readonly string[]): Promise<NodeWorld> {
  const made = new NodeWorld();
  t.after(() => made.stop());
  await made.namespaces('a', 'default', 'kube-node-lease');
  await made.client.create(SERVICEACCOUNTS, 'a', { metadata: { name: 'default' } });
  for (const node of nodes) await made.node(node);
  await made.start((context) => newNodeLifecycleController(context));
  await made.start((context) => newTaintEvictionController(context));
  return made;
}

const UNREACHABLE = ['unreachable:NoExecute', 'unreachable:NoSchedule'];

test('a node that is silent for 40 seconds is unreachable, and its pods are not ready and go when their time is over', async (t) => {
  const made = await world(t, 'lost', 'well');
  const controller = { ...ownedBy(await made.job('short')), controller: true };
  const patient = { ...ownedBy(await made.job('long', [lostFor(100), notReadyFor(100)])), controller: true };
  await made.pod('plain', 'lost');
  await made.pod('of-job', 'lost', { ownerReferences: [controller] });
  await made.pod('of-patient-job', 'lost', { ownerReferences: [patient] }, [lostFor(100), notReadyFor(100)]);
  await made.pod('elsewhere', 'well', { ownerReferences: [controller] });
  const { spec } = await made.client.get(PODS, 'a', 'of-job');
  assert.deepEqual(
    spec.tolerations?.map(({ tolerationSeconds }) => tolerationSeconds),
    [300, 300],
  );
  await made.pass(20);
  made.alive.delete('lost');
  await made.pass(30);
  assert.equal((await made.ready('lost'))?.status, 'True');
  await made.pass(25);

  const ready = await made.ready('lost');
  assert.equal(ready?.status, 'Unknown');
  assert.equal(ready.reason, 'NodeStatusUnknown');
  assert.equal(ready.message, 'Kubelet stopped posting node status.');
  assert.deepEqual(await made.taints('lost'), UNREACHABLE);
  assert.deepEqual(await made.taints('well'), []);
  assert.deepEqual(await made.events('lost'), [
    'node-controller Normal RegisteredNode: Node lost event: Registered Node lost in Controller',
    'node-controller Normal NodeNotReady: Node lost status is now: NodeNotReady',
  ]);
  const { status } = await made.client.get(PODS, 'a', 'plain');
  assert.equal(status.conditions?.find(({ type }) => type === 'Ready')?.status, 'False');
  assert.deepEqual(await made.events('plain'), ['node-controller Warning NodeNotReady: Node is not ready']);

  await made.pass(35);
  assert.deepEqual(
    await Promise.all(['plain', 'of-job', 'of-patient-job', 'elsewhere'].map((pod) => made.isLeaving(pod))),
    [false, true, false, false],
  );
  const evicted = await made.client.get(PODS, 'a', 'of-job');
  const condition = evicted.status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.equal(condition?.reason, 'DeletionByTaintManager');
  assert.equal(condition.message, 'Taint manager: deleting due to NoExecute taint');
  assert.ok(
    (await made.events('of-job')).includes(
      'taint-eviction-controller Normal TaintManagerEviction: Marking for deletion Pod a/of-job',
    ),
  );
  await made.pass(70);
  assert.equal(await made.isLeaving('of-patient-job'), true);
  assert.equal(await made.isLeaving('plain'), false);
  await made.pass(220);
  assert.equal(await made.isLeaving('plain'), true);
});

const lostFor = (tolerationSeconds: number): Toleration => ({
  key: 'node.kubernetes.io/unreachable',
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds,
});

const notReadyFor = (seconds: number): Toleration => ({
  ...lostFor(seconds),
  key: 'node.kubernetes.io/not-ready',
});

test('a node that answers again in time loses its taints and keeps its pods', async (t) => {
  const made = await world(t, 'shaky', 'well');
  await made.pod('plain', 'shaky');
  made.alive.delete('shaky');
  await made.pass(60);
  assert.deepEqual(await made.taints('shaky'), UNREACHABLE);
  made.alive.add('shaky');
  await made.report('shaky', 'True');
  await made.pass(10);
  assert.deepEqual(await made.taints('shaky'), []);
  await made.pass(600);
  assert.equal(await made.isLeaving('plain'), false);
  assert.ok(
    (await made.events('plain')).includes(
      'taint-eviction-controller Normal TaintManagerEviction: Cancelling deletion of Pod a/plain',
    ),
  );
});

test('a node that says it is not ready is tainted as such, and as unreachable once it falls silent', async (t) => {
  const made = await world(t, 'sick', 'well');
  await made.report('sick', 'False');
  await made.pass(10);
  assert.deepEqual(await made.taints('sick'), ['not-ready:NoExecute', 'not-ready:NoSchedule']);
  made.alive.delete('sick');
  await made.pass(60);
  assert.deepEqual(await made.taints('sick'), UNREACHABLE);
});

test('when no node answers, none is tainted to evict, and when one comes back the others get their time', async (t) => {
  const made = await world(t, 'one', 'two');
  await made.pod('plain', 'one');
  made.alive.clear();
  await made.pass(600);
  assert.deepEqual(await made.taints('one'), ['unreachable:NoSchedule']);
  assert.equal(await made.isLeaving('plain'), false);
  made.alive.add('two');
  await made.report('two', 'True');
  await made.pass(15);
  assert.deepEqual(await made.taints('two'), []);
  assert.deepEqual(await made.taints('one'), UNREACHABLE);
});

test('a node that never reported counts as unreachable after a minute', async (t) => {
  const made = await world(t, 'well');
  await made.client.create(NODES, '', { metadata: { name: 'dumb' }, spec: {} });
  await made.pass(50);
  assert.equal(await made.ready('dumb'), undefined);
  await made.pass(20);
  const ready = await made.ready('dumb');
  assert.equal(ready?.reason, 'NodeStatusNeverUpdated');
  assert.equal(ready.message, 'Kubelet never posted node status.');
});

test('a cordon becomes a taint, an administrator’s own taint stays, and evicts at once whoever does not bear it', async (t) => {
  const made = await world(t, 'n');
  await made.pod('plain', 'n');
  const merge = 'application/merge-patch+json';
  await made.client.patch(NODES, '', 'n', merge, { spec: { unschedulable: true } });
  await made.settle();
  assert.deepEqual(await made.taints('n'), ['unschedulable:NoSchedule']);
  const taints = [{ key: 'example.com/out', effect: 'NoExecute' }];
  await made.client.patch<Node>(NODES, '', 'n', merge, { spec: { unschedulable: null, taints } });
  await made.settle();
  assert.deepEqual(await made.taints('n'), ['out:NoExecute']);
  assert.equal(await made.isLeaving('plain'), true);
});

test('a pod that was turned down for the taints of a lost node gets it as soon as the node is back', async (t) => {
  const made = await world(t, 'n');
  await made.start((context) => newScheduler(context, { host: 'here' }));
  made.alive.delete('n');
  await made.pass(60);
  await made.client.create(PODS, 'a', {
    metadata: { name: 'waits' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  await made.pass(60);
  const waiting = await made.client.get(PODS, 'a', 'waits');
  assert.match(waiting.status.conditions?.[0]?.message ?? '', /untolerated taint/);
  made.alive.add('n');
  await made.report('n', 'True');
  await made.settle();
  assert.equal((await made.client.get(PODS, 'a', 'waits')).spec.nodeName, 'n');
});
