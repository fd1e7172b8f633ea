import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, Pod } from '../../apis/core/types.ts';
import { actuatedSpec, grantedSpec } from './granted-spec.ts';
import { newPodView, type PodView } from './pod-view.ts';
import { asksForOther, grant, inOrder, resizeActionOf, resizeMessage } from './resize.ts';

const memory = (limit: string, more: Partial<Container> = {}): Container => ({
  name: 'c',
  resources: { limits: { memory: limit }, requests: { memory: limit } },
  ...more,
});

const podOf = (...containers: Container[]): DeepReadonly<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    uid: 'u',
    generation: 2,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: { containers },
  status: {},
});

function runningView(pod: DeepReadonly<Pod>): PodView {
  const view = newPodView(pod);
  for (const record of view.containers) {
    const [times, text] = [
      { startedAt: 1, finishedAt: 0 },
      { reason: '', message: '', imageId: '' },
    ];
    record.run = { id: 'i', sandboxId: 's', attempt: 0, state: 'running', exitCode: 0, ...times, ...text };
    record.actuated = record.spec.resources;
  }
  return view;
}

test('a pod asks for other resources when an amount differs, not when it is written in another way', () => {
  const view = runningView(podOf(memory('1Gi')));
  assert.equal(asksForOther(podOf(memory('1024Mi')).spec, view), false);
  assert.equal(asksForOther(podOf(memory('2Gi')).spec, view), true);
});

test('what is not granted yet is not what a pod has', () => {
  const view = runningView(podOf(memory('1Gi')));
  const wanted = podOf(memory('2Gi'));
  assert.deepEqual(grantedSpec(wanted.spec, view).containers[0]?.resources, memory('1Gi').resources);
  grant(wanted.spec, view);
  assert.equal(grantedSpec(wanted.spec, view), wanted.spec);
});

test('a container is restarted for a resource whose policy says so, and changed in place for another', () => {
  const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
  const view = runningView(podOf(memory('1Gi', { resizePolicy })));
  const [record] = view.containers;
  assert.ok(record);
  assert.equal(resizeActionOf(record, view.resources), 'none');
  grant(podOf(memory('2Gi', { resizePolicy })).spec, view);
  assert.equal(resizeActionOf(record, view.resources), 'restart');
  const { resources } = memory('1Gi');
  const limits = { memory: '1Gi', cpu: '1' };
  grant(podOf({ name: 'c', resizePolicy, resources: { ...resources, limits } }).spec, view);
  assert.equal(resizeActionOf(record, view.resources), 'update');
});

test('a container without limits of its own is changed with its pod as a whole, and one with limits is not', () => {
  const whole = (limit: string): DeepReadonly<Pod> => {
    const pod = podOf({ name: 'bare' }, memory('1Gi'));
    return { ...pod, spec: { ...pod.spec, resources: { limits: { memory: limit } } } };
  };
  const view = runningView(whole('4Gi'));
  for (const record of view.containers) record.actuatedWhole = view.resources;
  grant(whole('8Gi').spec, view);
  assert.deepEqual(
    view.containers.map((record) => resizeActionOf(record, view.resources)),
    ['update', 'none'],
  );
});

test('containers that get less come first', () => {
  const view = runningView(podOf(memory('1Gi', { name: 'a' }), memory('2Gi', { name: 'b' })));
  grant(podOf(memory('2Gi', { name: 'a' }), memory('1Gi', { name: 'b' })).spec, view);
  assert.deepEqual(
    inOrder(view).map(({ spec }) => spec.name),
    ['b', 'a'],
  );
});

test('events tell what a pod asks for, limits first and by name', () => {
  const resources = { requests: { memory: '1', cpu: '2' }, limits: { memory: '3', cpu: '4' } };
  assert.equal(
    resizeMessage('Pod resize Deferred', podOf({ name: 'c', resources }), 'no room'),
    'Pod resize Deferred: {"containers":[{"name":"c","resources":{"limits":{"cpu":"4","memory":"3"},"requests":{"cpu":"2","memory":"1"}}}],"generation":2,"error":"no room"}',
  );
});

test('while a resize is under way, a pod has what it had', () => {
  const whole = (limit: string): DeepReadonly<Pod> => {
    const pod = podOf({ name: 'bare' });
    return { ...pod, spec: { ...pod.spec, resources: { limits: { memory: limit } } } };
  };
  const [before, after] = [whole('4Gi'), whole('8Gi')];
  const view = runningView(before);
  grant(after.spec, view);
  assert.deepEqual(grantedSpec(after.spec, view), after.spec);
  assert.deepEqual(actuatedSpec(after.spec, view), before.spec);
});
