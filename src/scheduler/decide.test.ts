import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../apimachinery/random.ts';
import type { Node, PersistentVolumeClaim, Pod, PodSpec } from '../apis/core/types.ts';
import { ClusterState } from './cluster-state.ts';
import { Decider } from './decide.ts';
import { failureMessage } from './failure-message.ts';
import { podFacts } from './pod-facts.ts';
import { preempt } from './preemption.ts';

function node(name: string, allocatable: Record<string, string>, more: Partial<Node> = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '', labels: { name } },
    spec: {},
    status: { allocatable, conditions: [{ type: 'Ready', status: 'True' } as never] },
    ...more,
  };
}

function pod(name: string, cpu: string, spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }], ...spec },
    status: {},
  };
}

function clusterOf(...nodes: Node[]): ClusterState {
  const cluster = new ClusterState();
  for (const each of nodes) cluster.setNode(each.metadata.name, each);
  return cluster;
}

const nodeFor = (cluster: ClusterState, wanted: Pod): string => {
  const decision = new Decider(seededRandom(1)).decide(podFacts(wanted), cluster);
  return 'node' in decision ? decision.node : failureMessage(decision.failure, undefined);
};

test('the emptier node is taken, and a preferred one before it', () => {
  const cluster = clusterOf(node('a', { cpu: '4', pods: '9' }), node('b', { cpu: '4', pods: '9' }));
  cluster.addPod(podFacts(pod('there', '1')), 'a');
  assert.equal(nodeFor(cluster, pod('p', '1')), 'b');
  const preference = { matchExpressions: [{ key: 'name', operator: 'In' as const, values: ['a'] }] };
  const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference }] };
  assert.equal(nodeFor(cluster, pod('p', '1', { affinity: { nodeAffinity } })), 'a');
});

test('a node with a PreferNoSchedule taint is the last choice, and a tolerated taint is none', () => {
  const tainted = node('t', { cpu: '9', pods: '9' });
  tainted.spec.taints = [{ key: 'spot', effect: 'PreferNoSchedule' }];
  const cluster = clusterOf(tainted, node('a', { cpu: '4', pods: '9' }));
  cluster.addPod(podFacts(pod('there', '3')), 'a');
  assert.equal(nodeFor(cluster, pod('p', '1')), 'a');
  assert.equal(nodeFor(cluster, pod('p', '1', { tolerations: [{ operator: 'Exists' }] })), 't');
});

test('a node that already has the image is preferred', () => {
  const images = [{ names: ['docker.io/library/big:1'], sizeBytes: 900 * 1024 * 1024 }];
  const having = node('b', { cpu: '4', pods: '9' });
  having.status.images = images;
  const cluster = clusterOf(node('a', { cpu: '4', pods: '9' }), having);
  const wanted = pod('p', '1');
  wanted.spec.containers = [{ name: 'c', image: 'docker.io/library/big:1' }];
  assert.equal(nodeFor(cluster, wanted), 'b');
});

test('a host port is given once on each address', () => {
  const cluster = clusterOf(node('a', { cpu: '4', pods: '9' }));
  const withPort = (name: string, hostIP?: string): Pod => {
    const ports = [{ containerPort: 80, hostPort: 8080, ...(hostIP ? { hostIP } : {}) }];
    return pod(name, '0', { containers: [{ name: 'c', ports } as never] });
  };
  cluster.addPod(podFacts(withPort('one', '10.0.0.1')), 'a');
  assert.equal(nodeFor(cluster, withPort('two', '10.0.0.2')), 'a');
  const taken = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.";
  assert.equal(nodeFor(cluster, withPort('three', '10.0.0.1')), taken);
  assert.equal(nodeFor(cluster, withPort('four')), taken);
  cluster.removePod('one');
  assert.equal(nodeFor(cluster, withPort('four')), 'a');
});

test('required affinity that names nodes says so of the others, and contradicting names say that', () => {
  const cluster = clusterOf(node('a', { cpu: '4', pods: '9' }), node('b', { cpu: '4', pods: '9' }));
  const naming = (...values: string[]): Partial<PodSpec> => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchFields: values.map((value) => ({ key: 'metadata.name', operator: 'In', values: [value] })),
            },
          ],
        },
      },
    },
  });
  assert.equal(nodeFor(cluster, pod('p', '1', naming('b'))), 'b');
  assert.equal(
    nodeFor(cluster, pod('p', '5', naming('b'))),
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't satisfy plugin(s) [NodeAffinity].",
  );
  assert.equal(
    nodeFor(cluster, pod('p', '1', naming('a', 'b'))),
    '0/2 nodes are available: pod affinity terms conflict.',
  );
});

test('a pod waits for its claim to be there, bound and staying, and goes where the volume is', () => {
  const claims = new Map<string, PersistentVolumeClaim>();
  const values = ['b'];
  const required = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'name', operator: 'In', values }] }] };
  const cluster = new ClusterState({
    namespaceLabels: () => ({}),
    claim: (namespace, name) => claims.get(`${namespace}/${name}`),
    volume: (name) => (name === 'pv' ? ({ spec: { nodeAffinity: { required } } } as never) : undefined),
    volumes: () => [],
    storageClass: () => undefined,
    budgets: () => [],
  });
  for (const name of ['a', 'b']) cluster.setNode(name, node(name, { cpu: '4', pods: '9' }));
  const claim = (volumeName?: string, phase = 'Pending', more = {}): void => {
    const metadata = { name: 'data', uid: 'u', resourceVersion: '1', creationTimestamp: '', ...more };
    const object = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, status: { phase } };
    claims.set('default/data', {
      ...object,
      spec: volumeName ? { volumeName } : {},
    } as PersistentVolumeClaim);
  };
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  const outcome = (): string => nodeFor(cluster, pod('p', '1', { volumes }));
  const told: string[] = [outcome()];
  claim();
  told.push(outcome());
  claim('gone', 'Lost');
  told.push(outcome());
  claim('pv', 'Bound', { deletionTimestamp: '2026-01-01T00:00:00Z' });
  told.push(outcome());
  assert.deepEqual(
    told.map((text) => text.replace('0/2 nodes are available: ', '')),
    [
      'persistentvolumeclaim "data" not found.',
      'pod has unbound immediate PersistentVolumeClaims.',
      'persistentvolumeclaim "data" bound to non-existent persistentvolume "gone".',
      'persistentvolumeclaim "data" is being deleted.',
    ],
  );
  claim('pv', 'Bound');
  assert.equal(outcome(), 'b');
  assert.equal(nodeFor(cluster, pod('p', '5', { volumes })), '0/2 nodes are available: 2 Insufficient cpu.');
});

test('whatever comes and goes, no node is given more than it has, and the picture adds up', () => {
  const amount = fc.integer({ min: 0, max: 1500 });
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('place' as const), milli: amount }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('end' as const), at: fc.nat(50) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('preempt' as const), milli: amount }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 4 }), (steps, nodes) => {
      const cluster = clusterOf(
        ...Array.from({ length: nodes }, (_, at) => node(`n${at}`, { cpu: '3', pods: '6' })),
      );
      const decider = new Decider(seededRandom(3));
      const placed = new Map<string, number>();
      for (const [at, each] of steps.entries()) {
        if (each.do === 'end') {
          const name = [...placed.keys()][each.at % Math.max(1, placed.size)];
          if (name !== undefined) {
            cluster.removePod(name);
            placed.delete(name);
          }
          continue;
        }
        const priority = each.do === 'preempt' ? 1 : 0;
        const facts = podFacts(pod(`p${at}`, `${each.milli}m`, { priority }));
        const decision = decider.decide(facts, cluster);
        if ('node' in decision) {
          cluster.addPod(facts, decision.node);
          placed.set(facts.uid, each.milli);
        } else {
          // Trying out who could make way leaves no trace, and whoever goes really makes room.
          const before = JSON.stringify(
            cluster.nodes.map(({ asked, pods }) => [asked, [...pods.keys()].sort()]),
          );
          const found = preempt(facts, decision.failure, cluster);
          assert.equal(
            JSON.stringify(cluster.nodes.map(({ asked, pods }) => [asked, [...pods.keys()].sort()])),
            before,
          );
          if ('victims' in found) {
            for (const { uid, priority } of found.victims) {
              assert.equal(priority, 0);
              cluster.removePod(uid);
              placed.delete(uid);
            }
            const again = decider.decide(facts, cluster);
            assert.ok('node' in again);
            cluster.addPod(facts, again.node);
            placed.set(facts.uid, each.milli);
          }
        }
        for (const { asked, allocatable, pods, podsMax } of cluster.nodes) {
          assert.ok(asked.cpu <= allocatable.cpu && pods.size <= podsMax);
          const sum = [...pods.keys()].reduce((all, uid) => all + (placed.get(uid) ?? Number.NaN), 0);
          assert.equal(asked.cpu, sum);
        }
      }
    }),
    { numRuns: 200 },
  );
});
