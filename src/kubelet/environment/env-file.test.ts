import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueInEnvFile } from './env-file.ts';

test('a variable is taken as it is written between quotes, over several lines if it spans them', () => {
  const text = "# note\n\n  A='one $B'\nB='two\nlines' # why\nC= 'nothing'\n";
  assert.equal(valueInEnvFile(text, 'A'), 'one $B');
  assert.equal(valueInEnvFile(text, 'B'), 'two\nlines');
  assert.equal(valueInEnvFile(text, 'C'), '');
  assert.equal(valueInEnvFile(text, 'D'), '');
});

test('a file that is written otherwise is refused with its line', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['A', /line 1: missing '='/],
    ["\n='x'", /line 2: empty variable name/],
    ["A ='x'", /line 1: whitespace before '=' is not allowed/],
    ['A=x', /line 1: value must be enclosed in single quotes/],
    ["A='x' y", /line 1: unexpected content after closing quote/],
    ["\nA='x\ny", /starting at line 2: unclosed single quote/],
  ];
  for (const [text, message] of cases) assert.throws(() => valueInEnvFile(text, 'A'), message);
});
