import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../apis/core/types.ts';
import { failureText, waitingReason } from './pod-state.ts';

function pod(status: Pod['status']): Pod {
  const metadata = { name: 'p', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'c' }] }, status };
}

const container = { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0 };

test('waitingReason() tells why no node was found, and what a container waits for', () => {
  const unscheduled = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: '0/1 nodes are available',
  };
  assert.equal(
    waitingReason(pod({ phase: 'Pending', conditions: [unscheduled] })),
    'pod p is not scheduled: 0/1 nodes are available',
  );
  const waiting = { reason: 'ErrImagePull', message: 'no such image' };
  assert.equal(
    waitingReason(pod({ phase: 'Pending', containerStatuses: [{ ...container, state: { waiting } }] })),
    'container c of pod p waits: ErrImagePull: no such image',
  );
});

test('waitingReason() is silent about a pod that is only being made, and about one that runs', () => {
  const creating = { ...container, state: { waiting: { reason: 'ContainerCreating' } } };
  assert.equal(waitingReason(pod({ phase: 'Pending', containerStatuses: [creating] })), undefined);
  assert.equal(waitingReason(pod({ phase: 'Running' })), undefined);
});

test('waitingReason() tells of a container that keeps failing how it failed', () => {
  const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } };
  const lastState = { terminated: { exitCode: 7, reason: 'Error' } };
  assert.equal(
    waitingReason(pod({ phase: 'Running', containerStatuses: [{ ...container, state, lastState }] })),
    'container c of pod p waits: CrashLoopBackOff: back-off 10s; it exited with code 7 (Error)',
  );
});

test('failureText() names the container, its exit code and its last words', () => {
  const terminated = { exitCode: 3, reason: 'Error', message: 'out of rope\n' };
  const failed = pod({ phase: 'Failed', containerStatuses: [{ ...container, state: { terminated } }] });
  assert.equal(failureText(failed), 'container c exited with code 3 (Error): out of rope');
});

test('failureText() falls back to the reason of the pod itself', () => {
  assert.equal(
    failureText(pod({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' })),
    'Evicted: low on memory',
  );
  assert.equal(failureText(pod({ phase: 'Failed' })), 'no reason given');
});
