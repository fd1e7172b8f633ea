import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { integerOf, parseExactJson } from './exact-json.ts';

test('whole numbers keep every digit, and have one form each', () => {
  const text = '{"a":9007199254740991,"b":9007199254740992,"c":[-9223372036854775808,9223372036854775807,1]}';
  assert.deepEqual(parseExactJson(text), {
    a: 9007199254740991,
    b: 9007199254740992n,
    c: [-9223372036854775808n, 9223372036854775807n, 1],
  });
  assert.equal(JSON.stringify(parseExactJson(text)), text);
  assert.equal(integerOf('0000000000000000012'), 12);
});

test('digits in texts, fractions and exponents stay what they are', () => {
  const text =
    '{"1234567890123456789":"1234567890123456789","f":0.1234567890123456789,"e":12345678901234567e3}';
  assert.deepEqual(parseExactJson(text), JSON.parse(text));
});

test('a text is read like JSON.parse reads it, but for the numbers beyond 2^53', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 4 }), (value, indent) => {
      const text = JSON.stringify({ long: 1234567890123456, value }, undefined, indent);
      const read = parseExactJson(text);
      assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(text));
    }),
  );
});

test('the name __proto__ is a member like any other', () => {
  const read = parseExactJson('{"__proto__":{"polluted":9007199254740993}}') as object;
  assert.deepEqual(Object.keys(read), ['__proto__']);
  assert.equal(Object.getPrototypeOf(read), Object.prototype);
});

test('what is no JSON is refused as JSON.parse refuses it', () => {
  assert.throws(() => parseExactJson('{"a":12345678901234567890'), SyntaxError);
});

test('a text that is nested too deep to be read twice is read once', () => {
  const deep = 200_000;
  assert.doesNotThrow(() => parseExactJson(`[1234567890123456,${'['.repeat(deep)}${']'.repeat(deep)}]`));
});
