import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promisedCases } from './replay-oracle.ts';

test('promisedCases() reads the number that the document promises', () => {
  assert.equal(promisedCases('text\n**131 of 266** recorded cases pass.\n'), 131);
  assert.throws(() => promisedCases('nothing'), /lacks its line/);
});
