import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, JobSpec, JobStatus } from '../../apis/batch/types.ts';
import type { Event, Pod, PodStatus } from '../../apis/core/types.ts';
import { explainJob } from './job-explanation.ts';
import { PodWarnings } from './pod-warnings.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString();

function job(spec: Partial<JobSpec>, status: JobStatus, annotations: Record<string, string> = {}): Job {
  const metadata = {
    name: 'j',
    uid: 'u',
    creationTimestamp: at(90),
    annotations,
  } as unknown as Job['metadata'];
  const template = { spec: { containers: [] } };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: { completions: 3, parallelism: 2, backoffLimit: 6, template, ...spec },
    status: { startTime: at(60), ...status },
  };
}

function pod(name: string, status: PodStatus, nodeName?: string): Pod {
  const metadata = { name, creationTimestamp: at(50) } as unknown as Pod['metadata'];
  const spec = { containers: [], ...(nodeName === undefined ? {} : { nodeName }) } as unknown as Pod['spec'];
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec, status };
}

function failedPod(name: string, exitCode: number, secondsAgo: number): Pod {
  const terminated = { exitCode, reason: 'Error', finishedAt: at(secondsAgo) };
  const container = {
    name: 'c',
    image: 'i',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { terminated },
  };
  return pod(name, { phase: 'Failed', containerStatuses: [container] } as PodStatus, 'n');
}

const text = (...args: Parameters<typeof explainJob>): string => explainJob(...args).sentences.join('\n');

test('explainJob() says which pods wait for what, alike ones together', () => {
  const unscheduled: PodStatus = {
    phase: 'Pending',
    conditions: [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available.' },
    ],
  } as PodStatus;
  const said = text(job({}, { active: 2 }), [pod('a', unscheduled), pod('b', unscheduled)], NOW);
  assert.match(said, /^Job j has been running for 1m: 0 of 3 succeeded, 2 active, 0 failed\./);
  assert.match(said, /2 pods wait: no node takes it: 0\/1 nodes are available\.$/m);
});

test('explainJob() says why no pod can be made, while there is none', () => {
  const why = 'pods "j-" is forbidden: error looking up service account default/ghost: not found';
  const told = { involvedObject: { uid: 'u' }, reason: 'FailedCreate', message: `Error creating: ${why}` };
  const warnings = new PodWarnings([{ ...told, metadata: { creationTimestamp: at(9) } } as unknown as Event]);
  const said = text(job({}, {}), [], NOW, warnings);
  assert.ok(said.endsWith(`\nNo pod can be made for it: ${why}.`), said);
  const running = pod('a', { phase: 'Running' } as PodStatus, 'n');
  assert.doesNotMatch(text(job({}, { active: 1 }), [running], NOW, warnings), /can be made/);
});

test('explainJob() says when it tries again, after which failures', () => {
  const pods = [failedPod('a', 3, 40), failedPod('b', 3, 5)];
  const said = text(job({ completions: 1, parallelism: 1 }, { failed: 2 }), pods, NOW);
  assert.match(said, /After 2 failures in a row it tries again in 15s\./);
  assert.match(said, /2 of 6 failures that it survives are used up/);
  assert.match(said, /The last failure was pod b: container c exited with code 3 \(Error\)\./);
});

test('explainJob() follows the retry delay of the annotation', () => {
  const annotations = { 'longshore.dev/retry-delay': '30s..1m' };
  const said = text(
    job({ completions: 1, parallelism: 1 }, { failed: 1 }, annotations),
    [failedPod('a', 3, 10)],
    NOW,
  );
  assert.match(said, /After 1 failure in a row it tries again in 20s\./);
});

test('explainJob() names the rule of the pod failure policy that decided', () => {
  const podFailurePolicy = {
    rules: [
      { action: 'Count', onExitCodes: { operator: 'In', values: [1] } },
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [3] } },
    ],
  } as NonNullable<JobSpec['podFailurePolicy']>;
  const said = text(job({ podFailurePolicy }, {}), [failedPod('a', 3, 5)], NOW);
  assert.match(said, /Rule 1 of its podFailurePolicy decided that: Ignore, so it does not count\./);
  const other = text(job({ podFailurePolicy }, {}), [failedPod('a', 4, 5)], NOW);
  assert.match(other, /No rule of its podFailurePolicy matches that, so it counts\./);
});

test('explainJob() tells how a Job ended, and nothing of waiting', () => {
  const condition = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'Too often' };
  const ended = job({}, { failed: 7, conditions: [condition] } as JobStatus);
  const { sentences, lastFailed } = explainJob(ended, [failedPod('a', 3, 5)], NOW);
  assert.equal(sentences[0], 'Job j failed: BackoffLimitExceeded: Too often.');
  assert.equal(lastFailed?.metadata.name, 'a');
  assert.ok(!sentences.join('\n').includes('tries again'));
});

test('explainJob() says of a suspended Job, and of one that others manage, why no pod runs', () => {
  assert.match(text(job({ suspend: true }, {}), [], NOW), /is suspended/);
  assert.match(text(job({ managedBy: 'example.com/x' }, {}), [], NOW), /is managed by example\.com\/x/);
});
