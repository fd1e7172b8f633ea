import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod } from '../../apis/core/types.ts';
import { nodeFacts, nodeText } from './node-facts.ts';

const node = (name: string, ready: string, unschedulable?: boolean): Node =>
  ({
    metadata: { name },
    spec: { unschedulable },
    status: {
      conditions: [{ type: 'Ready', status: ready }],
      allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
      nodeInfo: { containerRuntimeVersion: 'containerd://1.6.20' },
    },
  }) as unknown as Node;

const pod = (nodeName: string, phase: string, requests: Record<string, string>): Pod =>
  ({
    metadata: {},
    spec: { nodeName, containers: [{ name: 'c', resources: { requests } }] },
    status: { phase },
  }) as unknown as Pod;

test('each node tells its state, its runtime, and what the pods that have not ended ask of it', () => {
  const pods = [
    pod('a', 'Running', { cpu: '500m', memory: '1Gi' }),
    pod('a', 'Pending', { cpu: '1', memory: '512Mi' }),
    pod('a', 'Succeeded', { cpu: '2' }),
    pod('b', 'Running', {}),
  ];
  const facts = nodeFacts([node('a', 'True'), node('b', 'Unknown', true)], pods);
  assert.deepEqual(facts.map(nodeText), [
    'Ready, containerd://1.6.20, 2 of 110 pods, cpu 1500m of 4, memory 1536Mi of 8Gi requested',
    'Unknown,SchedulingDisabled, containerd://1.6.20, 1 of 110 pods, cpu 0 of 4, memory 0 of 8Gi requested',
  ]);
});
