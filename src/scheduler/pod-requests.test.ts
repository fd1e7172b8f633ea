import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, PodSpec } from '../apis/core/types.ts';
import { podRequests } from './pod-requests.ts';

const container = (cpu?: string, memory?: string, restartPolicy?: string): Container => ({
  name: 'c',
  resources: { requests: { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) } },
  ...(restartPolicy ? { restartPolicy } : {}),
});
const asked = (spec: Partial<PodSpec>): readonly number[] => {
  const { cpu, memory } = podRequests({ containers: [], ...spec }).asked;
  return [cpu, memory];
};
const MI = 1024 * 1024;

test('containers run together and their requests add up; fractions of a millicore count whole', () => {
  assert.deepEqual(asked({ containers: [container('0.5', '64Mi'), container('100.5m', '1M')] }), [
    601,
    64 * MI + 1_000_000,
  ]);
});

test('init containers run one after the other: the most demanding counts if it is more than the containers together', () => {
  const spec = {
    containers: [container('500m', '64Mi')],
    initContainers: [container('2', '16Mi'), container('1', '32Mi')],
  };
  assert.deepEqual(asked(spec), [2000, 64 * MI]);
});

test('a sidecar counts beside the containers, and beside the init containers after it', () => {
  const spec = {
    containers: [container('1')],
    initContainers: [container('3'), container('1', undefined, 'Always'), container('2500m')],
  };
  assert.deepEqual(asked(spec), [3500, 0]);
  assert.deepEqual(asked({ ...spec, initContainers: spec.initContainers.slice(0, 2) }), [3000, 0]);
});

test('resources of the pod as a whole take the place of the sum, and overhead comes on top', () => {
  const spec = {
    containers: [container('1', '64Mi')],
    resources: { requests: { cpu: '3' } },
    overhead: { cpu: '250m', memory: '1Mi' },
  };
  assert.deepEqual(asked(spec), [3250, 65 * MI]);
});

test('extended resources are counted in pieces under their name', () => {
  const gpu = { name: 'c', resources: { requests: { 'example.com/gpu': '2' } } };
  const { others } = podRequests({ containers: [gpu, gpu] }).asked;
  assert.deepEqual([...(others ?? [])], [['example.com/gpu', 4]]);
});

test('a container that asks for nothing still counts when nodes are compared', () => {
  const { asked: fit, scored } = podRequests({ containers: [container(), container('1')] });
  assert.deepEqual([fit.cpu, fit.memory], [1000, 0]);
  assert.deepEqual([scored.cpu, scored.memory], [1100, 400 * MI]);
});
