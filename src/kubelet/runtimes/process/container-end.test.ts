import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOf } from './container-end.ts';

const remains = { exit: undefined, failure: '', killed: false, now: 9 };

test('endOf() believes what the supervisor wrote, whoever killed it', () => {
  const exit = { exitCode: 0, at: 5 };
  const completed = { exitCode: 0, reason: 'Completed', message: '', finishedAt: 5 };
  assert.deepEqual(endOf({ ...remains, exit, killed: true }), completed);
  assert.equal(endOf({ ...remains, exit: { exitCode: 3, at: 5 } }).reason, 'Error');
  const never = endOf({ ...remains, exit: { exitCode: 128, at: 5 }, failure: 'no such program' });
  assert.deepEqual([never.reason, never.message], ['StartError', 'no such program']);
});

test('endOf() tells a container that this server killed from one that nobody saw end', () => {
  assert.deepEqual(endOf({ ...remains, killed: true }).exitCode, 137);
  const lost = endOf(remains);
  assert.deepEqual([lost.exitCode, lost.reason, lost.finishedAt], [255, 'Unknown', 9]);
});
