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

test('texts too long to search are told apart as one change, and no longer than an answer has room for', () => {
  const lines = Array.from({ length: 5000 }, (_, n) => `line ${n}`);
  const changed = lines.map((line, n) => (n === 10 || n === 12 ? `${line}!` : line));
  assert.equal(
    unifiedDiff(lines.join('\n'), changed.join('\n')),
    [
      '@@ -8,9 +8,9 @@',
      ' line 7',
      ' line 8',
      ' line 9',
      '-line 10',
      '-line 11',
      '-line 12',
      '+line 10!',
      '+line 11',
      '+line 12!',
      ' line 13',
      ' line 14',
      ' line 15',
      '',
    ].join('\n'),
  );
  assert.equal(unifiedDiff(lines.join('\n'), lines.join('\n')), '');
  const other = lines.map((line) => `${line} ${'x'.repeat(100)}`);
  assert.ok(unifiedDiff(lines.join('\n'), other.join('\n')).length < 270_000);
});
