import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand } from './expansion.ts';

const values: Readonly<Record<string, string>> = { A: 'one', B: 'two $(A)', EMPTY: '' };
const expanded = (text: string): string => expand(text, (name) => values[name]);

// Expectations of Kubernetes' own expansion (third_party/forked/golang/expansion).
const CASES: readonly (readonly [string, string])[] = [
  ['$(A)', 'one'],
  ['x$(A)y$(A)', 'xoney' + 'one'],
  ['$(B)', 'two $(A)'],
  ['$(EMPTY)|', '|'],
  ['$(NOBODY)', '$(NOBODY)'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$one'],
  ['$$$$(A)', '$$(A)'],
  ['$A $[A]', '$A $[A]'],
  ['$(A', '$(A'],
  ['cost: $5 $', 'cost: $5 $'],
  ['$()', '$()'],
];

for (const [text, result] of CASES) {
  test(`expand() makes ${JSON.stringify(result)} of ${JSON.stringify(text)}`, () => {
    assert.equal(expanded(text), result);
  });
}
