import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from '../apimachinery/clock.ts';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import { seededRandom } from '../apimachinery/random.ts';
import { newInternalError } from '../apimachinery/status-error.ts';
import type { Node, Pod, PodSpec } from '../apis/core/types.ts';
import type { Event } from '../apis/events/index.ts';
import { componentContext, newClient } from '../client/index.ts';
import { ObjectServer } from '../client/testing/object-server.ts';
import { silent } from '../client/testing/silent-log.ts';
import { newScheduler } from './index.ts';

interface NodeOptions {
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly labels?: Record<string, string>;
  readonly ready?: string;
  readonly more?: Partial<Node['spec']>;
}

function node(name: string, options: NodeOptions = {}): Node {
  const { cpu = '4', memory = '8Gi', pods = '110', labels = {}, ready = 'True', more = {} } = options;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, resourceVersion: '', creationTimestamp: '', labels },
    spec: { ...more },
    status: {
      allocatable: { cpu, memory, pods },
      conditions: [{ type: 'Ready', status: ready } as never],
    },
  };
}

function pod(name: string, spec: Partial<PodSpec> = {}, requests: Record<string, string> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '',
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 1,
      labels: { app: name.replace(/-?\d+$/, '') },
    },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [{ name: 'main', image: 'busybox', resources: { requests } }],
      ...spec,
    } as PodSpec,
    status: { phase: 'Pending' },
  };
}

async function rig(nodes: readonly Node[] = [], pods: readonly Pod[] = []) {
  const server = new ObjectServer();
  for (const each of nodes) server.put('nodes', each);
  for (const each of pods) server.put('pods', each);
  const clock = new VirtualClock();
  const client = newClient(server);
  const context = componentContext({ client, clock, random: seededRandom(7), log: silent });
  const scheduler = newScheduler(context, { host: 'box' });
  await scheduler.start();
  await clock.advance(1);
  return {
    server,
    clock,
    stop: async () => {
      await scheduler.stop();
      await context.stop();
      assert.equal(clock.pending, 0, 'a timer is left');
    },
    get: (name: string) => server.one<Pod>('pods', 'default', name),
    nodeOf: (name: string) => server.one<Pod>('pods', 'default', name).spec.nodeName,
    why: (name: string) =>
      server
        .one<Pod>('pods', 'default', name)
        .status.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
        ?.message,
    events: () => server.all<Event>('events').map(({ type, reason, note }) => `${type} ${reason} ${note}`),
    eventOf: (reason: string) => server.all<Event>('events').find((event) => event.reason === reason),
    finish: async (name: string) => {
      server.put('pods', {
        ...server.one<Pod>('pods', 'default', name),
        status: { phase: 'Succeeded' },
      } as Pod);
      await clock.advance(20);
    },
  };
}

test('a pod is bound to a node that has room, and an event says so', async () => {
  const { nodeOf, eventOf, stop } = await rig([node('a')], [pod('p')]);
  assert.equal(nodeOf('p'), 'a');
  const { metadata: _, regarding: about, ...event } = eventOf('Scheduled') as Event;
  const { resourceVersion, ...regarding } = about ?? {};
  assert.ok(resourceVersion);
  assert.deepEqual(
    { ...event, regarding },
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'default-scheduler',
      reportingInstance: 'default-scheduler-box',
      action: 'Binding',
      reason: 'Scheduled',
      regarding: { kind: 'Pod', namespace: 'default', name: 'p', uid: 'uid-p', apiVersion: 'v1' },
      note: 'Successfully assigned default/p to a',
      type: 'Normal',
    },
  );
  await stop();
});

test('without a node, a pod says so, and it is bound as soon as one comes', async () => {
  const { server, clock, nodeOf, get, events, stop } = await rig([], [pod('p')]);
  assert.deepEqual(get('p').status.conditions, [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: 'no nodes available to schedule pods',
      observedGeneration: 1,
      lastProbeTime: null,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ]);
  assert.deepEqual(events(), ['Warning FailedScheduling no nodes available to schedule pods']);
  server.put('nodes', node('late'));
  await clock.advance(20);
  assert.equal(nodeOf('p'), 'late');
  await stop();
});

test('each reason is counted over the nodes, sorted, and preemption has its say', async () => {
  const { why, stop } = await rig(
    [
      node('small', { cpu: '1' }),
      node('other', { labels: { disk: 'hdd' } }),
      node('tainted', { more: { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] } }),
      node('cordoned', { more: { unschedulable: true } }),
      node('dead', { ready: 'Unknown' }),
      node('full', { pods: '0', cpu: '2' }),
    ],
    [
      pod('selective', { nodeSelector: { disk: 'ssd' } }, { cpu: '100m' }),
      pod('large', {}, { cpu: '3500m', memory: '16Gi', 'example.com/gpu': '1' }),
    ],
  );
  assert.equal(
    why('selective'),
    "0/6 nodes are available: 1 node(s) were unschedulable, 2 node(s) had untolerated taint(s), 3 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/6 nodes are available: 6 Preemption is not helpful for scheduling.",
  );
  assert.equal(
    why('large'),
    '0/6 nodes are available: 1 Too many pods, 1 node(s) were unschedulable, 2 Insufficient cpu, 2 node(s) had untolerated taint(s), 3 Insufficient example.com/gpu, 3 Insufficient memory. no new claims to deallocate, preemption: 0/6 nodes are available: 6 Preemption is not helpful for scheduling.',
  );
  await stop();
});

test('a full node takes the next pod when one ends, the older before the younger', async () => {
  const pods = Array.from({ length: 6 }, (_, at) => pod(`p${at}`, {}, { cpu: '2' }));
  const { nodeOf, why, finish, stop } = await rig([node('a', { cpu: '4' })], pods);
  const bound = (): string[] =>
    pods.map(({ metadata }) => metadata.name).filter((name) => nodeOf(name) === 'a');
  assert.deepEqual(bound(), ['p0', 'p1']);
  const message =
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
  assert.deepEqual(['p2', 'p3', 'p4', 'p5'].map(why), [message, message, message, message]);
  await finish('p0');
  assert.deepEqual(bound(), ['p0', 'p1', 'p2']);
  await finish('p2');
  await finish('p1');
  assert.deepEqual(bound(), ['p0', 'p1', 'p2', 'p3', 'p4']);
  await stop();
});

test('a pod that comes while its like wait waits with them, and says why', async () => {
  const { server, clock, why, stop } = await rig([node('a', { cpu: '1' })], [pod('p0', {}, { cpu: '2' })]);
  server.put('pods', pod('p1', {}, { cpu: '2' }));
  await clock.advance(20);
  assert.equal(why('p1'), why('p0'));
  assert.match(why('p1') ?? '', /^0\/1 nodes are available: 1 Insufficient cpu\./);
  await stop();
});

test('pods of higher priority have their turn first', async () => {
  const { server, clock, nodeOf, stop } = await rig(
    [],
    [pod('low', { priority: 1 }, { cpu: '3' }), pod('high', { priority: 9 }, { cpu: '3' })],
  );
  server.put('nodes', node('a', { cpu: '4' }));
  await clock.advance(20);
  assert.deepEqual([nodeOf('low'), nodeOf('high')], [undefined, 'a']);
  await stop();
});

test('two hundred pods are spread evenly over ten nodes', async () => {
  const nodes = Array.from({ length: 10 }, (_, at) => node(`n${at}`));
  const pods = Array.from({ length: 200 }, (_, at) => pod(`p${at}`));
  const { server, stop } = await rig(nodes, pods);
  const counts = new Map<string, number>();
  for (const { spec } of server.all<Pod>('pods')) {
    counts.set(spec.nodeName ?? '', (counts.get(spec.nodeName ?? '') ?? 0) + 1);
  }
  assert.deepEqual(
    [...counts.values()].sort((a, b) => a - b),
    Array.from({ length: 10 }, () => 20),
  );
  await stop();
});

test('gated pods, pods of other schedulers and pods being deleted are left alone', async () => {
  const deleted = pod('deleted');
  deleted.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
  const { server, clock, nodeOf, stop } = await rig(
    [node('a')],
    [
      pod('gated', { schedulingGates: [{ name: 'wait' }] }),
      pod('foreign', { schedulerName: 'mine' }),
      deleted,
    ],
  );
  assert.deepEqual(
    [nodeOf('gated'), nodeOf('foreign'), nodeOf('deleted')],
    [undefined, undefined, undefined],
  );
  server.put('pods', pod('gated', { schedulingGates: [] }));
  await clock.advance(1);
  assert.equal(nodeOf('gated'), 'a');
  await stop();
});

test('a binding that fails gives the room back and is tried again', async () => {
  const { server, clock, nodeOf, why, stop } = await rig([node('a', { cpu: '2' })]);
  let failures = 1;
  server.refuse = ({ subresource }) => {
    if (subresource !== 'binding' || failures-- <= 0) return undefined;
    return newInternalError('disk on fire');
  };
  server.put('pods', pod('p', {}, { cpu: '2' }));
  await clock.advance(10);
  assert.equal(why('p'), 'binding rejected: Internal error occurred: disk on fire');
  await clock.advance(2000);
  assert.equal(nodeOf('p'), 'a');
  await stop();
});

test('a pod of higher priority makes the fewest and least important others go, and gets their room', async () => {
  const { server, clock, nodeOf, get, eventOf, stop } = await rig(
    [node('a', { cpu: '4' }), node('b', { cpu: '4' })],
    [
      pod('a1', { priority: 5, nodeName: 'a' }, { cpu: '2' }),
      pod('a2', { priority: 1, nodeName: 'a' }, { cpu: '2' }),
      pod('b1', { priority: 5, nodeName: 'b' }, { cpu: '4' }),
    ],
  );
  server.put('pods', pod('urgent', { priority: 10 }, { cpu: '2' }));
  await clock.advance(20);
  assert.throws(() => get('a2'), /not found/);
  assert.equal(nodeOf('urgent'), 'a');
  assert.ok(nodeOf('a1') === 'a' && nodeOf('b1') === 'b');
  const { action, note, related } = eventOf('Preempted') ?? {};
  assert.deepEqual(
    [action, note, related?.name],
    ['Preempting', 'Preempted by pod uid-urgent on node a', 'urgent'],
  );
  await stop();
});

test('a node is spared on which a disruption budget would be broken, even for less important pods', async () => {
  const { server, clock, nodeOf, get, stop } = await rig(
    [node('a', { cpu: '2' }), node('b', { cpu: '2' })],
    [
      pod('guarded', { priority: 1, nodeName: 'a' }, { cpu: '2' }),
      pod('free', { priority: 5, nodeName: 'b' }, { cpu: '2' }),
    ],
  );
  server.put('poddisruptionbudgets', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'default', uid: 'b', resourceVersion: '1', creationTimestamp: '' },
    spec: { selector: { matchLabels: { app: 'guarded' } } },
    status: { disruptionsAllowed: 0 },
  } as never);
  await clock.advance(20);
  server.put('pods', pod('urgent', { priority: 10 }, { cpu: '2' }));
  await clock.advance(20);
  assert.throws(() => get('free'), /not found/);
  assert.deepEqual([nodeOf('urgent'), nodeOf('guarded')], ['b', 'a']);
  await stop();
});

test('while a victim ends its room is kept, and preemptionPolicy Never waits instead', async () => {
  const { server, clock, nodeOf, get, why, stop } = await rig(
    [node('a', { cpu: '2' })],
    [pod('old', { priority: 1, nodeName: 'a' }, { cpu: '2' })],
  );
  server.refuse = ({ verb, name, resource }) => {
    if (verb !== 'delete' || resource !== 'pods' || name !== 'old') return undefined;
    const old = get('old');
    const metadata = { ...old.metadata, deletionTimestamp: '2026-01-01T00:00:30Z' };
    server.put('pods', { ...old, metadata } as Pod);
    return undefined;
  };
  const graceful = server.remove.bind(server);
  server.remove = (resource, namespace, name) => {
    if (name !== 'old') graceful(resource, namespace, name);
  };
  server.put('pods', pod('urgent', { priority: 10 }, { cpu: '2' }));
  await clock.advance(20);
  assert.equal(get('urgent').status.nominatedNodeName, 'a');
  server.put('pods', pod('sneaky', { priority: 2, preemptionPolicy: 'Never' }, { cpu: '2' }));
  await clock.advance(20);
  assert.match(
    why('sneaky') ?? '',
    /no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never\.$/,
  );
  graceful('pods', 'default', 'old');
  await clock.advance(20);
  assert.deepEqual([nodeOf('urgent'), nodeOf('sneaky')], ['a', undefined]);
  await stop();
});

test('anti-affinity keeps pods apart and affinity brings them together', async () => {
  const apart = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'lonely' } } },
      ],
    },
  };
  const together = {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'lonely' } } },
      ],
    },
  };
  const named = (name: string) => node(name, { labels: { 'kubernetes.io/hostname': name } });
  const { server, clock, nodeOf, why, stop } = await rig(
    [named('a'), named('b')],
    [pod('friend-0', { affinity: together })],
  );
  assert.match(
    why('friend-0') ?? '',
    /^0\/2 nodes are available: 2 node\(s\) didn't match pod affinity rules\./,
  );
  for (const at of [0, 1, 2]) server.put('pods', pod(`lonely-${at}`, { affinity: apart }));
  await clock.advance(50);
  assert.deepEqual(new Set([nodeOf('lonely-0'), nodeOf('lonely-1')]), new Set(['a', 'b']));
  assert.match(why('lonely-2') ?? '', /2 node\(s\) didn't match pod anti-affinity rules\./);
  assert.ok(nodeOf('friend-0') !== undefined);
  await stop();
});

test('hard topology spread holds the skew, zone by zone', async () => {
  const zone = (name: string, value: string) => node(name, { labels: { zone: value } });
  const spread = {
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule' as const,
        labelSelector: { matchLabels: { app: 's' } },
      },
    ],
  };
  const pods = Array.from({ length: 9 }, (_, at) => pod(`s-${at}`, spread));
  const { nodeOf, stop } = await rig([zone('a', 'x'), zone('b', 'x'), zone('c', 'y'), zone('d', 'z')], pods);
  const zones = { a: 'x', b: 'x', c: 'y', d: 'z' } as Record<string, string>;
  const counts: Record<string, number> = {};
  for (const { metadata } of pods) {
    const value = zones[nodeOf(metadata.name) ?? ''] ?? 'none';
    counts[value] = (counts[value] ?? 0) + 1;
  }
  assert.deepEqual(counts, { x: 3, y: 3, z: 3 });
  await stop();
});

test('whatever happens, no node is given too much, and in the end no pod waits that would fit', async () => {
  const cpus = fc.constantFrom('500m', '1', '2');
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('create' as const), cpu: cpus }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('finish' as const), at: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), at: fc.nat(30) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('cordon' as const), at: fc.nat(2), on: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400 }) }),
    },
  );
  const milli = ({ spec }: DeepReadonly<Pod>): number => {
    const cpu = spec.containers[0]?.resources?.requests?.['cpu'] ?? '0';
    return cpu.endsWith('m') ? Number.parseInt(cpu, 10) : Number(cpu) * 1000;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { server, clock, stop } = await rig([0, 1, 2].map((at) => node(`n${at}`, { cpu: '2' })));
      let failures = 0;
      server.refuse = ({ subresource }) =>
        subresource === 'binding' && failures-- > 0 ? newInternalError('no') : undefined;
      const bound = () =>
        server.all<Pod>('pods').filter(({ spec, status }) => spec.nodeName && status.phase === 'Pending');
      const used = (name: string): number =>
        bound()
          .filter(({ spec }) => spec.nodeName === name)
          .reduce((sum, each) => sum + milli(each), 0);
      for (const [number, each] of steps.entries()) {
        const all = server.all<Pod>('pods');
        const chosen = 'at' in each ? all[each.at % Math.max(1, all.length)] : undefined;
        if (each.do === 'create') server.put('pods', pod(`p${number}`, {}, { cpu: each.cpu }));
        else if (each.do === 'finish' && chosen?.spec.nodeName) {
          server.put('pods', { ...chosen, status: { ...chosen.status, phase: 'Succeeded' } } as Pod);
        } else if (each.do === 'delete' && chosen) server.remove('pods', 'default', chosen.metadata.name);
        else if (each.do === 'cordon') {
          server.put('nodes', node(`n${each.at}`, { cpu: '2', more: { unschedulable: each.on } }));
        } else if (each.do === 'fail') failures = 1;
        else if (each.do === 'wait') await clock.advance(each.ms);
      }
      failures = 0;
      await clock.advance(15_000);
      const nodes = server.all<Node>('nodes');
      for (const { metadata } of nodes) assert.ok(used(metadata.name) <= 2000, 'a node was given too much');
      for (const waiting of server.all<Pod>('pods').filter(({ spec }) => !spec.nodeName)) {
        const room = nodes.some(
          ({ metadata, spec }) => !spec.unschedulable && used(metadata.name) + milli(waiting) <= 2000,
        );
        assert.ok(!room, `${waiting.metadata.name} waits though it would fit`);
      }
      await stop();
    }),
    { numRuns: 60 },
  );
});
