import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuntimeError } from '../runtimes/runtime-error.ts';
import { mountRetryMs, stepRetryMs } from './step-retry.ts';

test('stepRetryMs() doubles up to a minute, and up to seconds where the runtime is only away', () => {
  const fault = new Error('whatever');
  assert.deepEqual(
    [0, 1, 2, 50_000].map((before) => stepRetryMs(before, fault)),
    [250, 500, 1_000, 60_000],
  );
  const away = new RuntimeError('Unavailable', 'nobody listens');
  assert.deepEqual([stepRetryMs(0, away), stepRetryMs(9, away)], [250, 5_000]);
});

test('mountRetryMs() stays within what somebody who makes the missing ConfigMap waits for', () => {
  assert.deepEqual([mountRetryMs(0), mountRetryMs(9)], [250, 5_000]);
});
