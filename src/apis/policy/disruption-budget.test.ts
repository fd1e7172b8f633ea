import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type PodDisruptionBudgetSpec,
  validateDisruptionBudget,
  validateDisruptionBudgetStatus,
} from './index.ts';

function texts(spec: PodDisruptionBudgetSpec): string[] {
  const metadata = { name: 'b', namespace: 'n', uid: '', resourceVersion: '', creationTimestamp: '' };
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec, status: {} };
  return validateDisruptionBudget(budget).map((error) => error.toString());
}

test('a budget counts pods or a share of them, up to all', () => {
  assert.deepEqual(texts({ minAvailable: 0 }), []);
  assert.deepEqual(texts({ maxUnavailable: '100%' }), []);
  assert.deepEqual(texts({ minAvailable: '101%' }), [
    'spec.minAvailable: Invalid value: "101%": must not be greater than 100%',
  ]);
  assert.deepEqual(texts({ minAvailable: -1 }), [
    'spec.minAvailable: Invalid value: -1: must be greater than or equal to 0',
  ]);
  assert.match(
    texts({ minAvailable: 'half' })[0] ?? '',
    /^spec\.minAvailable: Invalid value: "half": a valid percent/,
  );
});

test('a status counts nothing below zero', () => {
  assert.deepEqual(
    validateDisruptionBudgetStatus({ disruptionsAllowed: -1, expectedPods: 1 }).map((error) => error.field),
    ['status.disruptionsAllowed'],
  );
});
