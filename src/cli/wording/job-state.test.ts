import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../apis/batch/types.ts';
import { describeJob, elapsedText } from './job-state.ts';

const complete = { succeeded: 3, conditions: [{ type: 'Complete', status: 'True' }] };

function job(status: object): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'a', uid: 'a', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { completions: 3, template: {} },
    status,
  };
}

test('elapsedText() shortens as people read it', () => {
  assert.deepEqual([0, 4200, 60_000, 200_000, 3_900_000].map(elapsedText), [
    '0s',
    '4s',
    '1m',
    '3m20s',
    '1h5m',
  ]);
});

test('describeJob() says what a running Job waits for, and not any more once it has ended', () => {
  assert.equal(
    describeJob(job({ active: 1 }), 'no node fits'),
    'a  Running  0/3 succeeded, 1 active, 0 failed; no node fits',
  );
  assert.equal(describeJob(job(complete), 'no node fits'), 'a  Complete  3/3 succeeded, 0 active, 0 failed');
});
