import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobOf, type PodTraits, podOf, T0 } from '../../../test/harness/job-fixtures.ts';
import { labelMatcherOf } from '../../apimachinery/selectors/index.ts';
import { type JobSpec, type JobStatus, KUBERNETES_RETRY_DELAY } from '../../apis/batch/index.ts';
import { NO_FAILURES } from './backoff.ts';
import { Ledger } from './ledger.ts';
import { type Plan, plan } from './plan.ts';

function ledgerOf(pods: readonly PodTraits[]): Ledger {
  const ledger = new Ledger();
  ledger.bind(labelMatcherOf({}));
  for (const traits of pods) ledger.observe(podOf(traits));
  return ledger;
}

/** What is planned for a Job with these pods, `seconds` after it started. */
function planned(
  spec: Partial<JobSpec>,
  pods: readonly PodTraits[],
  {
    status = {},
    seconds = 0,
    endInSightMs = 1000,
  }: { status?: JobStatus; seconds?: number; endInSightMs?: number } = {},
): Plan {
  return plan({
    job: jobOf(spec, status),
    pods: ledgerOf(pods),
    backoff: NO_FAILURES,
    retryDelay: KUBERNETES_RETRY_DELAY,
    now: T0 + seconds * 1000,
    endInSightMs,
  });
}

const names = (pods: Plan['remove']): string[] => pods.map((view) => view.name);

test('a new Job gets as many pods as run in parallel, but no more than are to complete', () => {
  assert.equal(planned({ parallelism: 3, completions: 5 }, []).create.length, 3);
  assert.equal(planned({ parallelism: 9, completions: 5 }, []).create.length, 5);
  assert.equal(planned({ parallelism: 3 }, []).create.length, 3);
  assert.equal(planned({ parallelism: 3, completions: 0 }, []).create.length, 0);
});

test('a sync creates 500 pods at most and is followed by another', () => {
  const { create, more } = planned({ parallelism: 800, completions: 800 }, []);
  assert.deepEqual([create.length, more], [500, true]);
});

test('a work queue starts no pod once one has succeeded', () => {
  const done: PodTraits = { name: 'a', phase: 'Succeeded' };
  assert.deepEqual(planned({ parallelism: 3 }, [done, { name: 'b' }]).create, []);
});

test('an Indexed Job starts its lowest indexes that have neither an end nor a pod', () => {
  const spec = { parallelism: 3, completions: 8, completionMode: 'Indexed' } as const;
  const pods: PodTraits[] = [
    { name: 'a', index: 2 },
    { name: 'b', index: 4, phase: 'Succeeded' },
  ];
  assert.deepEqual(planned(spec, pods, { status: { completedIndexes: '0', succeeded: 1 } }).create, [1, 3]);
});

test('pods of an index out of range, of no index, and second pods of an index are removed', () => {
  const spec = { parallelism: 5, completions: 3, completionMode: 'Indexed' } as const;
  const pods: PodTraits[] = [
    { name: 'a', index: 0, phase: 'Running', node: 'n' },
    { name: 'b', index: 0 },
    { name: 'c', index: 7 },
    { name: 'd' },
    { name: 'e', index: 1 },
  ];
  const { remove, create } = planned(spec, pods);
  assert.deepEqual([names(remove).sort(), create], [['b', 'c', 'd'], []]);
});

test('too many pods: first go those without node, pending, not ready, with more restarts, younger', () => {
  const node = 'n';
  const pods: PodTraits[] = [
    { name: 'old', phase: 'Running', node, ready: true, createdAt: 1 },
    { name: 'young', phase: 'Running', node, ready: true, createdAt: 9 },
    { name: 'restarted', phase: 'Running', node, ready: true, restarts: 2 },
    { name: 'unready', phase: 'Running', node },
    { name: 'pending', node },
    { name: 'unscheduled' },
  ];
  const spec = { parallelism: 1, completions: 9 };
  const order = ['unscheduled', 'pending', 'unready', 'restarted', 'young'];
  assert.deepEqual(names(planned(spec, pods).remove), order);
});

test('a suspended Job loses its active pods and gets none', () => {
  const { remove, create } = planned({ suspend: true, parallelism: 2 }, [{ name: 'a' }, { name: 'b' }]);
  assert.deepEqual([names(remove), create], [['a', 'b'], []]);
});

test('a replacement waits 10 s after the first failure, and the failure is remembered', () => {
  const failed: PodTraits = { name: 'a', phase: 'Failed', endedAt: 3 };
  const early = planned({}, [failed], { seconds: 5 });
  assert.deepEqual([early.create.length, early.againMs, early.backingOff], [0, 8000, true]);
  assert.deepEqual(early.backoff, { failuresInARow: 1, lastFailureAt: T0 + 3000 });
  assert.equal(planned({}, [failed], { seconds: 13 }).create.length, 1);
});

test('one failure more than the backoff limit fails the Job and stops the rest', () => {
  const pods: PodTraits[] = [{ name: 'a', phase: 'Failed' }, { name: 'b' }];
  const spec = { parallelism: 2, completions: 2, backoffLimit: 1 };
  assert.equal(planned(spec, pods).end, undefined);
  const { end, stop } = planned(spec, pods, { status: { failed: 1 } });
  assert.deepEqual(end, {
    type: 'FailureTarget',
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
  });
  assert.deepEqual(names(stop), ['b']);
});

test('an end that stops running pods is held back for a second, one that stops none is not', () => {
  const failed: PodTraits = { name: 'a', phase: 'Failed' };
  const spec = { parallelism: 2, completions: 2, backoffLimit: 0 };
  const held = planned(spec, [failed, { name: 'b' }], { endInSightMs: 400 });
  assert.deepEqual(
    [held.heldBack, held.againMs, held.end, held.stop, held.create],
    [true, 600, undefined, [], []],
  );
  assert.equal(planned(spec, [failed], { endInSightMs: 0 }).end?.reason, 'BackoffLimitExceeded');
});

test('with restart policy OnFailure restarts count against the backoff limit', () => {
  const template = { spec: { restartPolicy: 'OnFailure', containers: [] } } as const;
  const reason = (backoffLimit: number, restarts: number): string | undefined =>
    planned({ backoffLimit, template: { spec: { ...template.spec, containers: [] } } }, [
      { name: 'a', phase: 'Running', restarts },
    ]).end?.reason;
  assert.equal(reason(3, 2), undefined);
  assert.equal(reason(3, 3), 'BackoffLimitExceeded');
  assert.equal(reason(0, 0), undefined);
  assert.equal(reason(0, 1), 'BackoffLimitExceeded');
});

test('the deadline counts from the start, brings the Job back in time, and does not run while it is suspended', () => {
  const status = { startTime: '2026-01-01T00:00:00Z' };
  const spec = { activeDeadlineSeconds: 30 };
  assert.equal(planned(spec, [{ name: 'a' }], { status, seconds: 12 }).againMs, 18_000);
  const { end, stop } = planned(spec, [{ name: 'a' }], { status, seconds: 30, endInSightMs: 0 });
  assert.deepEqual([end?.reason, names(stop)], ['DeadlineExceeded', ['a']]);
  assert.equal(planned({ ...spec, suspend: true }, [], { status, seconds: 99 }).end, undefined);
});

test('a policy rule FailJob fails the Job with the rule in the message', () => {
  const rules = [{ action: 'FailJob' as const, onExitCodes: { operator: 'In' as const, values: [42] } }];
  const { end } = planned({ podFailurePolicy: { rules } }, [{ name: 'a', phase: 'Failed', exitCode: 42 }]);
  assert.deepEqual(end, {
    type: 'FailureTarget',
    reason: 'PodFailurePolicy',
    message: 'Container c for pod ns/a failed with exit code 42 matching FailJob rule at index 0',
  });
});

test('a failure that the policy ignores does not count against the backoff limit but delays its replacement', () => {
  const conditions = [{ type: 'DisruptionTarget', status: 'True' }];
  const rules = [
    { action: 'Ignore' as const, onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
  ];
  const spec = { backoffLimit: 0, podFailurePolicy: { rules } };
  const { end, backingOff } = planned(spec, [{ name: 'a', phase: 'Failed', conditions }]);
  assert.deepEqual([end, backingOff], [undefined, true]);
});

test('a pod being deleted counts as failed, unless pods are replaced only once they have failed', () => {
  const pods: PodTraits[] = [{ name: 'a', phase: 'Running', deleting: true }];
  assert.equal(planned({}, pods, { seconds: 60 }).backoff.failuresInARow, 1);
  assert.equal(planned({}, pods, { seconds: 3600 }).create.length, 1);
  const patient = planned({ podReplacementPolicy: 'Failed' }, pods, { seconds: 3600 });
  assert.deepEqual([patient.create.length, patient.backoff.failuresInARow], [0, 0]);
});

test('a failed index waits for its own backoff alone, and ends when its limit is reached', () => {
  const spec = {
    parallelism: 3,
    completions: 3,
    completionMode: 'Indexed',
    backoffLimitPerIndex: 1,
  } as const;
  const first: PodTraits = { name: 'a', index: 1, phase: 'Failed', failures: 0 };
  const early = planned(spec, [first]);
  assert.deepEqual([early.create, early.indexes?.awaitingReplacement.has(1)], [[0, 2], true]);
  const others: PodTraits[] = [
    { name: 'b', index: 0 },
    { name: 'c', index: 2 },
  ];
  assert.equal(planned(spec, [first, ...others], { seconds: 4 }).againMs, 6000);
  assert.deepEqual(planned(spec, [first, ...others], { seconds: 10 }).create, [1]);
  const { indexes, create } = planned(spec, [{ ...first, failures: 1 }, ...others], { seconds: 99 });
  assert.deepEqual([String(indexes?.failed), create], ['1', []]);
});

test('rule FailIndex ends the index at once', () => {
  const rules = [{ action: 'FailIndex' as const, onExitCodes: { operator: 'In' as const, values: [3] } }];
  const spec = {
    completions: 2,
    completionMode: 'Indexed',
    backoffLimitPerIndex: 9,
    podFailurePolicy: { rules },
  } as const;
  const { indexes } = planned({ ...spec, podFailurePolicy: { rules } }, [
    { name: 'a', index: 0, phase: 'Failed', exitCode: 3 },
  ]);
  assert.equal(String(indexes?.failed), '0');
});

test('failed indexes fail the Job: too many of them at once, any of them once all indexes have ended', () => {
  const spec = {
    parallelism: 4,
    completions: 4,
    completionMode: 'Indexed',
    backoffLimitPerIndex: 0,
  } as const;
  const failed = (index: number): PodTraits => ({ name: `f${index}`, index, phase: 'Failed', failures: 0 });
  assert.equal(planned(spec, [failed(0)]).end, undefined);
  assert.equal(
    planned({ ...spec, maxFailedIndexes: 1 }, [failed(0), failed(1)]).end?.reason,
    'MaxFailedIndexesExceeded',
  );
  const status = { completedIndexes: '1-3', succeeded: 3 };
  assert.equal(planned(spec, [failed(0)], { status }).end?.reason, 'FailedIndexes');
});

test('the success policy ends the Job with the rule in the message', () => {
  const successPolicy = {
    rules: [{ succeededIndexes: '5' }, { succeededIndexes: '0-3', succeededCount: 2 }],
  };
  const spec = { parallelism: 6, completions: 6, completionMode: 'Indexed', successPolicy } as const;
  const job = { ...spec, successPolicy };
  assert.equal(planned(job, [{ name: 'a', index: 1, phase: 'Succeeded' }]).end, undefined);
  const { end, stop } = planned(job, [
    { name: 'a', index: 1, phase: 'Succeeded' },
    { name: 'b', index: 3, phase: 'Succeeded' },
    { name: 'c', index: 4 },
  ]);
  assert.deepEqual(end, {
    type: 'SuccessCriteriaMet',
    reason: 'SuccessPolicy',
    message: 'Matched rules at index 1',
  });
  assert.deepEqual(names(stop), ['c']);
});

test('an end that was written before is kept to, whatever the pods say now', () => {
  const condition = { type: 'FailureTarget', status: 'True', reason: 'DeadlineExceeded', message: 'm' };
  const { end } = planned({}, [{ name: 'a', phase: 'Succeeded' }], { status: { conditions: [condition] } });
  assert.deepEqual(end, { type: 'Failed', reason: 'DeadlineExceeded', message: 'm' });
});

test('a Job that is being deleted gets no pods', () => {
  const job = jobOf({});
  const { create, managed } = plan({
    job: { ...job, metadata: { ...job.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
    pods: new Ledger(),
    backoff: NO_FAILURES,
    retryDelay: KUBERNETES_RETRY_DELAY,
    now: T0,
    endInSightMs: 0,
  });
  assert.deepEqual([create, managed], [[], false]);
});
