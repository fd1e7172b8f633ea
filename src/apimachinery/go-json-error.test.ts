import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goJsonError } from './go-json-error.ts';

const cases: [string, string][] = [
  ['{nope', "invalid character 'n' looking for beginning of object key string"],
  ['', 'unexpected end of JSON input'],
  ['{"a":', 'unexpected end of JSON input'],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
  ['[1 2]', "invalid character '2' after array element"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['tru', 'unexpected end of JSON input'],
  ['trux', "invalid character 'x' in literal true (expecting 'e')"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ['-x', "invalid character 'x' in numeric literal"],
  ['"a\\q"', "invalid character 'q' in string escape code"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ['kind: Job', "invalid character 'k' looking for beginning of value"],
  ['é', "invalid character 'Ã' looking for beginning of value"],
];
for (const [text, expected] of cases) {
  test(`goJsonError() says of ${JSON.stringify(text)}: ${expected}`, () => {
    assert.throws(() => JSON.parse(text));
    assert.equal(goJsonError(text), expected);
  });
}

test('goJsonError() says of absurd nesting that it is too deep, at a bracket', () => {
  const text = '[{"a":'.repeat(100_000);
  assert.match(goJsonError(text), /^invalid character '[[{]' exceeded max depth$/);
});
