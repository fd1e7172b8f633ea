import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobOf, type PodTraits, podOf } from '../../../test/harness/job-fixtures.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Job } from '../../apis/batch/index.ts';
import { USAGE_ANNOTATION, usageIn, usageText } from '../../apis/core/index.ts';
import { type PodView, viewOf } from './pod-view.ts';
import { UsageLedger } from './usage-ledger.ts';

function ended(cpuSeconds: number, traits: PodTraits = {}): PodView {
  const pod = podOf({ phase: 'Succeeded', ...traits });
  const used = usageText(new Map([['c', { cpuSeconds, peakMemoryBytes: 1000 * cpuSeconds }]]));
  const annotations = { ...pod.metadata.annotations, [USAGE_ANNOTATION]: used };
  return viewOf({ ...pod, metadata: { ...pod.metadata, annotations } });
}

const secondsOn = (job: DeepReadonly<Job>): number | undefined =>
  usageIn(job.metadata.annotations).get('c')?.cpuSeconds;

test('what pods used is added to what the Job tells, once', () => {
  const ledger = new UsageLedger();
  const running = viewOf(podOf({ phase: 'Running' }));
  ledger.observe(running, ended(2));
  ledger.observe(undefined, ended(1, { name: 'j-b' }));
  const first = ledger.tellOn(jobOf());
  assert.equal(secondsOn(first.job), 3);
  assert.ok(ledger.pending, 'the write may still fail');
  first.told();
  assert.ok(!ledger.pending);
  ledger.observe(ended(2), ended(2));
  ledger.observe(ended(1, { name: 'j-b' }), ended(1, { name: 'j-b', tracked: false }));
  assert.ok(!ledger.pending);
  ledger.observe(running, ended(4, { name: 'j-c' }));
  assert.equal(secondsOn(ledger.tellOn(first.job).job), 7);
});

test('a pod that was told of before this process began is not told of again', () => {
  const ledger = new UsageLedger();
  ledger.observe(undefined, ended(1, { tracked: false }));
  assert.ok(!ledger.pending);
  ledger.observe(undefined, ended(1));
  const listed = jobOf({}, { uncountedTerminatedPods: { succeeded: ['uid-j-a'] } });
  assert.equal(secondsOn(ledger.tellOn(listed).job), undefined);
  const indexed = new UsageLedger();
  indexed.observe(undefined, ended(1, { index: 3 }));
  const counted = jobOf({ completionMode: 'Indexed', completions: 9 }, { completedIndexes: '2-4' });
  assert.equal(secondsOn(indexed.tellOn(counted).job), undefined);
});

test('a pod that ends late, after it was counted, is told of all the same', () => {
  const ledger = new UsageLedger();
  ledger.observe(
    viewOf(podOf({ phase: 'Running', deleting: true, tracked: false })),
    ended(5, { tracked: false }),
  );
  const job = jobOf({}, { uncountedTerminatedPods: { failed: ['uid-j-a'] } });
  assert.equal(secondsOn(ledger.tellOn(job).job), 5);
});
