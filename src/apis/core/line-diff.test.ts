import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unifiedDiff } from './line-diff.ts';
import { sameMeaning } from './semantic-equality.ts';

test('unifiedDiff() tells what changed, with the three lines before and after', () => {
  const before = 'a\nb\nc\nd\ne\nf';
  assert.equal(unifiedDiff(before, before.replace('e', 'X')), '@@ -2,5 +2,5 @@\n b\n c\n d\n-e\n+X\n f\n');
});

test('sameMeaning() takes nothing, an empty list and an empty text for the same, but not an object', () => {
  assert.equal(sameMeaning({ a: [], b: '', labels: {} }, {}), true);
  assert.equal(sameMeaning({ emptyDir: {} }, {}), false);
  assert.equal(sameMeaning({ a: 1 }, { a: 2 }), false);
});
