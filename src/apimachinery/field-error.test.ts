import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalid, notSupported, OMITTED } from './field-error.ts';

test('a value is shown as Go prints its type', () => {
  const shown = (value: unknown): string => invalid('f', value, 'no').body();
  assert.equal(shown('a<b\u0001"'), 'Invalid value: "a<b\\x01\\"": no');
  assert.equal(shown(9007199254740993n), 'Invalid value: 9007199254740993: no');
  assert.equal(shown(undefined), 'Invalid value: null: no');
  assert.equal(shown({ a: '<' }), 'Invalid value: {"a":"\\u003c"}: no');
  assert.equal(shown(OMITTED), 'Invalid value: no');
  assert.equal(
    notSupported('f', 'a<b', ['y', 'x']).body(),
    'Unsupported value: "a\\u003cb": supported values: "x", "y"',
  );
});

test('a value that is no text breaks off where an answer has no room for it', () => {
  const message = invalid(
    'f',
    Array.from({ length: 100_000 }, () => 'word'),
    'no',
  ).body();
  assert.ok(message.length < 300_000);
  assert.ok(message.endsWith('...: no'));
});
