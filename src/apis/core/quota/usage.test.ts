import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, ResourceQuota } from '../types.ts';
import { quotaUsage } from './count.ts';
import { selects } from './match.ts';
import { addUsage, concerns, usageOf } from './usage.ts';

const pod = (resources: object, spec: object = {}, status: object = {}): Pod =>
  ({
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i', resources }], ...spec },
    status,
  }) as unknown as Pod;

test('a pod counts for what it asks for', () => {
  const resources = { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '2Gi' } };
  assert.deepEqual(usageOf('', 'pods', pod(resources), 0), {
    'count/pods': '1',
    pods: '1',
    cpu: '500m',
    memory: '1Gi',
    'requests.cpu': '500m',
    'requests.memory': '1Gi',
    'limits.memory': '2Gi',
  });
});

test('a pod that ended is an object, and asks for nothing', () => {
  assert.deepEqual(usageOf('', 'pods', pod({ requests: { cpu: '1' } }, {}, { phase: 'Succeeded' }), 0), {
    'count/pods': '1',
  });
});

test('any kind is counted by its name and group', () => {
  assert.deepEqual(usageOf('batch', 'jobs', pod({}), 0), { 'count/jobs.batch': '1' });
  assert.equal(concerns('count/jobs.batch', 'batch', 'jobs'), true);
  assert.equal(concerns('count/jobs', 'batch', 'jobs'), false);
  assert.equal(concerns('pods', 'batch', 'jobs'), false);
  assert.equal(concerns('requests.example.com/gpu', '', 'pods'), true);
});

test('amounts of the same name add up', () => {
  assert.deepEqual(addUsage({ cpu: '500m', pods: '1' }, { cpu: '1', memory: '1Gi' }), {
    cpu: '1500m',
    pods: '1',
    memory: '1Gi',
  });
});

test('a quota selects by all of its scopes', () => {
  const quota = (scopes: string[]): ResourceQuota =>
    ({ metadata: { name: 'q' }, spec: { scopes } }) as unknown as ResourceQuota;
  const brief = pod({}, { activeDeadlineSeconds: 5 });
  assert.equal(selects(quota([]), 'pods', brief), true);
  assert.equal(selects(quota(['Terminating', 'BestEffort']), 'pods', brief), true);
  assert.equal(selects(quota(['Terminating', 'NotBestEffort']), 'pods', brief), false);
  assert.equal(selects(quota(['NotTerminating']), 'pods', brief), false);
  assert.equal(selects(quota(['Terminating']), 'services', brief), false);
});

test('a quota counts nothing for a name that nothing can use', () => {
  const quota = { metadata: { name: 'q' }, spec: { hard: { pods: '1', 'count/foo.bar': '1' } } };
  const counted = [{ group: '', resource: 'pods', objects: [] }];
  assert.deepEqual(quotaUsage(quota as unknown as ResourceQuota, counted, 0), { pods: '0' });
});

test('a claim is selected by the class that it asks for, has, or is being brought to', () => {
  const quota = (operator: string, values?: string[]): ResourceQuota => {
    const matchExpressions = [{ scopeName: 'VolumeAttributesClass', operator, values }];
    return { metadata: { name: 'q' }, spec: { scopeSelector: { matchExpressions } } } as never;
  };
  const claim = (volumeAttributesClassName?: string, status: object = {}) =>
    ({ metadata: { name: 'c' }, spec: { volumeAttributesClassName }, status }) as never;
  const how = (object: never) =>
    [quota('In', ['gold']), quota('NotIn', ['gold']), quota('Exists'), quota('DoesNotExist')].map((each) =>
      selects(each, 'persistentvolumeclaims', object),
    );
  assert.deepEqual(how(claim()), [false, true, false, true]);
  assert.deepEqual(how(claim('gold')), [true, false, true, false]);
  assert.deepEqual(how(claim('gold', { currentVolumeAttributesClassName: 'silver' })), [
    true,
    true,
    true,
    false,
  ]);
  const modifyVolumeStatus = { targetVolumeAttributesClassName: 'gold', status: 'Pending' };
  assert.equal(how(claim('silver', { modifyVolumeStatus }))[0], true);
});
