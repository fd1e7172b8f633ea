import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobOf, podOf } from '../../../test/harness/job-fixtures.ts';
import { seededRandom } from '../../apimachinery/random.ts';
import type { JobSpec } from '../../apis/batch/index.ts';
import { PodMaker } from './pod-template.ts';
import { NO_INDEX, viewOf } from './pod-view.ts';

const makerOf = (spec: Partial<JobSpec>, name = 'j') => {
  const job = jobOf(spec);
  return new PodMaker({ ...job, metadata: { ...job.metadata, name } }, seededRandom(1));
};

test('a pod has the template’s labels, the Job as its controller, and the tracking finalizer', () => {
  const { metadata } = makerOf({}).make(NO_INDEX);
  assert.match(metadata.name ?? '', /^j-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  const { name: _, ...rest } = metadata;
  assert.deepEqual(rest, {
    generateName: 'j-',
    namespace: 'ns',
    labels: { 'batch.kubernetes.io/controller-uid': 'job-1' },
    finalizers: ['batch.kubernetes.io/job-tracking'],
    ownerReferences: [
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        name: 'j',
        uid: 'job-1',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  });
});

test('a pod of an index has it in its name, hostname, label, annotation and environment', () => {
  const { metadata, spec } = makerOf({ completionMode: 'Indexed', completions: 20 }).make(12);
  assert.match(metadata.name ?? '', /^j-12-.{5}$/);
  assert.equal(metadata.labels?.['batch.kubernetes.io/job-completion-index'], '12');
  assert.deepEqual(metadata.annotations, { 'batch.kubernetes.io/job-completion-index': '12' });
  assert.equal(spec.hostname, 'j-12');
  assert.deepEqual(spec.containers[0]?.env, [
    {
      name: 'JOB_COMPLETION_INDEX',
      valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } },
    },
  ]);
});

test('a container that sets the index variable itself keeps its own', () => {
  const env = [{ name: 'JOB_COMPLETION_INDEX', value: 'mine' }];
  const template = { spec: { containers: [{ name: 'c', env }], initContainers: [{ name: 'i' }] } };
  const { spec } = makerOf({ completionMode: 'Indexed', completions: 2, template }).make(0);
  assert.deepEqual(spec.containers[0]?.env, env);
  assert.equal(spec.initContainers?.[0]?.env?.length, 1);
});

test('long names are cut so that the index and the suffix stay', () => {
  const long = makerOf({ completionMode: 'Indexed', completions: 2000 }, 'x'.repeat(63)).make(1234);
  assert.match(long.metadata.name ?? '', /^x{52}-1234-.{5}$/);
  const plain = makerOf({}, 'x'.repeat(63)).make(NO_INDEX);
  assert.equal(plain.metadata.name?.length, 63);
  assert.equal(plain.metadata.generateName, `${'x'.repeat(63)}-`);
});

test('with a backoff limit per index the failures of the replaced pod are carried on', () => {
  const rules = [{ action: 'Ignore' as const, onExitCodes: { operator: 'In' as const, values: [9] } }];
  const maker = makerOf({
    completionMode: 'Indexed',
    completions: 2,
    backoffLimitPerIndex: 3,
    podFailurePolicy: { rules },
  });
  const counts = (failed?: Parameters<typeof podOf>[0]): unknown[] => {
    const pod = maker.make(0, failed && viewOf(podOf({ phase: 'Failed', index: 0, ...failed })));
    const { annotations = {} } = pod.metadata;
    return ['job-index-failure-count', 'job-index-ignored-failure-count'].map(
      (name) => annotations[`batch.kubernetes.io/${name}`],
    );
  };
  assert.deepEqual(counts(), ['0', undefined]);
  assert.deepEqual(counts({ failures: 1 }), ['2', undefined]);
  assert.deepEqual(counts({ failures: 1, exitCode: 9 }), ['1', '1']);
});
