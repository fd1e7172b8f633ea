import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitClock } from './commit-times.ts';

test('commits are counted in each bucket that is as long as they took, and a very long one in none', () => {
  const clock = new CommitClock();
  for (const milliseconds of [0.4, 5, 5.1, 10_000]) clock.note(milliseconds);
  const { buckets, count, seconds } = clock.read();
  const below = (end: number): number | undefined => buckets.find((each) => each.end === end)?.count;
  assert.deepEqual([below(0.0005), below(0.0025), below(0.005), below(0.01), below(5)], [1, 1, 2, 3, 3]);
  assert.equal(count, 4);
  assert.ok(Math.abs(seconds - 10.0105) < 1e-9);
});
