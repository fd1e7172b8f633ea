import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secondsAt, stepFor } from './steps.ts';

test('the seconds grow with the cluster, and fall only once it is clearly smaller', () => {
  const sizes = [1, 100, 101, 95, 89, 501, 450, 449, 5_000, 1_799];
  let step = 0;
  const seconds = sizes.map((nodes) => {
    step = stepFor(nodes, step);
    return secondsAt(step);
  });
  assert.deepEqual(seconds, [0, 0, 15, 15, 0, 30, 30, 15, 300, 60]);
});
