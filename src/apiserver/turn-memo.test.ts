import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TurnMemo } from './turn-memo.ts';

test('a value is made once in a turn, and anew in the next', async () => {
  let made = 0;
  const memo = new TurnMemo((key: object) => ({ key, number: ++made }));
  const key = {};
  const first = memo.of(key);
  assert.equal(memo.of(key), first);
  assert.notEqual(memo.of({}), first);
  assert.equal(made, 2);
  await Promise.resolve();
  assert.deepEqual(memo.of(key), { key, number: 3 });
});
