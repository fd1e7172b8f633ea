import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PodTraits, podOf } from '../../../test/harness/job-fixtures.ts';
import { judgeFailure } from './failure-verdict.ts';
import type { PodFailurePolicyRule } from './types.ts';

const judge = (rules: PodFailurePolicyRule[], traits: PodTraits) =>
  judgeFailure({ rules }, podOf({ name: 'a', phase: 'Failed', ...traits }));

const onExit = (
  action: PodFailurePolicyRule['action'],
  operator: 'In' | 'NotIn',
  values: number[],
  containerName?: string,
): PodFailurePolicyRule => ({
  action,
  onExitCodes: { operator, values, ...(containerName === undefined ? {} : { containerName }) },
});

test('without a policy, or without a matching rule, a failure counts', () => {
  assert.deepEqual(judgeFailure(undefined, podOf({ phase: 'Failed' })), { counted: true });
  assert.deepEqual(judge([onExit('Ignore', 'In', [7])], { exitCode: 1 }), { counted: true });
});

test('the first matching rule decides', () => {
  const rules = [
    onExit('Ignore', 'In', [1, 2]),
    onExit('FailIndex', 'In', [2, 3]),
    onExit('Count', 'NotIn', [9]),
  ];
  assert.deepEqual(judge(rules, { exitCode: 2 }), { counted: false, action: 'Ignore', rule: 0 });
  assert.deepEqual(judge(rules, { exitCode: 3 }), { counted: true, action: 'FailIndex', rule: 1 });
  assert.deepEqual(judge(rules, { exitCode: 4 }), { counted: true, action: 'Count', rule: 2 });
});

test('exit code 0 matches no rule, not even NotIn', () => {
  assert.deepEqual(judge([onExit('FailJob', 'NotIn', [1])], { exitCode: 0 }), { counted: true });
});

test('a rule may name a container', () => {
  assert.equal(judge([onExit('Ignore', 'In', [1], 'other')], { exitCode: 1 }).action, undefined);
  assert.equal(judge([onExit('Ignore', 'In', [1], 'c')], { exitCode: 1 }).action, 'Ignore');
});

test('FailJob says what matched', () => {
  assert.equal(
    judge([onExit('Count', 'In', [5]), onExit('FailJob', 'In', [42])], { exitCode: 42 }).failJob,
    'Container c for pod ns/a failed with exit code 42 matching FailJob rule at index 1',
  );
  const rule: PodFailurePolicyRule = {
    action: 'FailJob',
    onPodConditions: [{ type: 'ConfigIssue', status: 'True' }],
  };
  const conditions = [{ type: 'ConfigIssue', status: 'True' }];
  assert.equal(
    judge([rule], { conditions }).failJob,
    'Pod ns/a has condition ConfigIssue matching FailJob rule at index 0',
  );
});

test('a pod condition matches by type and status, which is True by default', () => {
  const rule = (status?: string): PodFailurePolicyRule => ({
    action: 'Ignore',
    onPodConditions: [{ type: 'DisruptionTarget', ...(status === undefined ? {} : { status }) }],
  });
  const pod = (status: string): PodTraits => ({ conditions: [{ type: 'DisruptionTarget', status }] });
  assert.equal(judge([rule()], pod('True')).counted, false);
  assert.equal(judge([rule()], pod('False')).counted, true);
  assert.equal(judge([rule('False')], pod('False')).counted, false);
});
