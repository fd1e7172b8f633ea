import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateLease } from './index.ts';

test('a lease lasts at least a second and has changed hands no fewer than zero times', () => {
  const metadata = { name: 'l', namespace: 'n', uid: '', resourceVersion: '', creationTimestamp: '' };
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata };
  assert.deepEqual(validateLease({ ...lease, spec: { leaseDurationSeconds: 1, leaseTransitions: 0 } }), []);
  const errors = validateLease({ ...lease, spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } });
  assert.deepEqual(
    errors.map((error) => error.toString()),
    [
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ],
  );
});
