import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cloneJson, deepEqualJson, freezeDeep } from './json.ts';

test('a copy is equal and shares nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const before = JSON.stringify(value);
      const copy: unknown = cloneJson<unknown>(freezeDeep(value));
      assert.equal(JSON.stringify(copy), before);
      assert.ok(deepEqualJson(copy, value));
      if (typeof copy === 'object' && copy !== null) assert.notEqual(copy, value);
    }),
  );
});

test('undefined counts as absent, null does not, and the order of members does not matter', () => {
  assert.equal(deepEqualJson({ a: 1, b: undefined }, { a: 1 }), true);
  assert.equal(deepEqualJson({ a: null }, {}), false);
  assert.equal(deepEqualJson({ a: 1, b: 2 }, { b: 2, a: 1 }), true);
  assert.equal(deepEqualJson({ a: undefined, b: 1 }, { a: 1, b: undefined }), false);
  assert.equal(deepEqualJson([1, 2], [2, 1]), false);
  assert.equal(deepEqualJson({ constructor: 1 }, {}), false);
  assert.deepEqual(cloneJson({ a: undefined, b: 1 }), { b: 1 });
});

test('a member named __proto__ stays a member', () => {
  const value: unknown = JSON.parse('{"__proto__":{"x":1}}');
  const copy = cloneJson(value);
  assert.equal(JSON.stringify(copy), '{"__proto__":{"x":1}}');
  assert.equal((copy as { x?: unknown }).x, undefined);
});

test('freezeDeep() makes a write fail', () => {
  const value = freezeDeep({ a: [{ b: 1 }] });
  assert.throws(() => {
    (value.a[0] as { b: number }).b = 2;
  }, TypeError);
});
