import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cloneJson, deepEqualJson, freezeDeep, type JsonObject } from '../json.ts';
import { StatusError } from '../status-error.ts';
import { applyJsonPatch, applyMergePatch, JSON_PATCH_OPERATIONS_MAX, jsonPatchFindings } from './index.ts';

const status = (work: () => unknown): readonly [number, string] => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return [error.code, error.message];
  }
  assert.fail('nothing was thrown');
};

const REJECTED = [422, 'the server rejected our request due to an error in our request'];

test('applyJsonPatch() carries out every operation', () => {
  const document = freezeDeep({ a: { b: [1, 2, 3], 'c/d': { 'e~f': 1 } }, keep: { x: 1 } });
  const cases: readonly (readonly [object[], object])[] = [
    [
      [{ op: 'add', path: '/a/b/1', value: 9 }],
      { a: { b: [1, 9, 2, 3], 'c/d': { 'e~f': 1 } }, keep: { x: 1 } },
    ],
    [
      [{ op: 'add', path: '/a/b/-', value: 9 }],
      { a: { b: [1, 2, 3, 9], 'c/d': { 'e~f': 1 } }, keep: { x: 1 } },
    ],
    [
      [{ op: 'add', path: '/a/b/-1', value: 9 }],
      { a: { b: [1, 2, 3, 9], 'c/d': { 'e~f': 1 } }, keep: { x: 1 } },
    ],
    [[{ op: 'remove', path: '/a/c~1d/e~0f' }], { a: { b: [1, 2, 3], 'c/d': {} }, keep: { x: 1 } }],
    [[{ op: 'replace', path: '/a/b', value: {} }], { a: { b: {}, 'c/d': { 'e~f': 1 } }, keep: { x: 1 } }],
    [[{ op: 'move', from: '/keep', path: '/a' }], { a: { x: 1 } }],
    [
      [
        { op: 'copy', from: '/keep', path: '/copy' },
        { op: 'add', path: '/copy/y', value: 2 },
        { op: 'test', path: '/keep', value: { x: 1 } },
      ],
      { a: { b: [1, 2, 3], 'c/d': { 'e~f': 1 } }, keep: { x: 1 }, copy: { x: 1, y: 2 } },
    ],
    [[{ op: 'replace', path: '', value: { z: 1 } }], { z: 1 }],
  ];
  for (const [patch, expected] of cases) assert.deepEqual(applyJsonPatch(document, patch), expected);
});

test('applyJsonPatch() keeps a copy apart from what was copied, also when that was written before', () => {
  const patched = applyJsonPatch({ a: {} }, [
    { op: 'add', path: '/a/x', value: 1 },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'add', path: '/b/y', value: 2 },
    { op: 'add', path: '/a/z', value: 3 },
  ]);
  assert.deepEqual(patched, { a: { x: 1, z: 3 }, b: { x: 1, y: 2 } });
});

test('applyJsonPatch() shares what no operation touched', () => {
  const document = { a: { b: 1 }, big: { c: 1 } };
  const patched = applyJsonPatch(document, [{ op: 'add', path: '/a/x', value: 1 }]) as typeof document;
  assert.equal(patched.big, document.big);
});

test('applyJsonPatch() refuses operations that do not apply, with one answer for all', () => {
  const patches: readonly object[] = [
    { op: 'test', path: '/a', value: 2 },
    { op: 'replace', path: '/nope/x', value: 1 },
    { op: 'remove', path: '/nope' },
    { op: 'move', from: '/nope', path: '/x' },
    { op: 'add', path: '/list/5', value: 1 },
    { op: 'add', path: '/list/x', value: 1 },
    { op: 'remove', path: '/constructor' },
    { op: 'add', path: '/__proto__/x', value: 1 },
    { op: 'frobnicate', path: '/a' },
    { op: 'add', value: 1 },
    { op: 'add', path: 'a', value: 1 },
  ];
  for (const operation of patches) {
    const result = status(() => applyJsonPatch({ a: 1, list: [1] }, [operation]));
    assert.deepEqual(result, REJECTED, JSON.stringify(operation));
  }
});

test('applyJsonPatch() refuses what is no patch', () => {
  assert.deepEqual(
    status(() => applyJsonPatch({}, { op: 'add' })),
    [400, 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
  );
  assert.deepEqual(
    status(() => applyJsonPatch({}, [{ op: 1 }])),
    [
      400,
      'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
    ],
  );
  assert.deepEqual(jsonPatchFindings([{ op: 'add', path: '/a', vaule: 1 }]), [
    'json patch unknown field "[0].vaule"',
  ]);
});

test('applyJsonPatch() bounds the number of operations and the bytes copied', () => {
  const many = Array.from({ length: JSON_PATCH_OPERATIONS_MAX + 1 }, () => ({
    op: 'test',
    path: '/a',
    value: 1,
  }));
  assert.equal(status(() => applyJsonPatch({ a: 1 }, many))[0], 413);
  const bomb = Array.from({ length: 30 }, (_, at) => ({ op: 'copy', from: '/a', path: `/a/${at}` }));
  assert.deepEqual(
    status(() => applyJsonPatch({ a: { x: 'x'.repeat(1000) } }, bomb)),
    REJECTED,
  );
});

test('applyMergePatch() follows the examples of RFC 7386', () => {
  const cases: readonly (readonly [object, unknown, object])[] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [document, patch, expected] of cases) {
    assert.deepEqual(applyMergePatch(freezeDeep(document), freezeDeep(patch)), expected);
  }
  assert.equal(status(() => applyMergePatch({}, []))[0], 400);
});

test('no patch reaches a prototype', () => {
  const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
  const merged = applyMergePatch({}, hostile);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  assert.deepEqual(Object.keys(merged), ['__proto__', 'constructor']);
  applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }]);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => ({ root: value }) as JsonObject);

test('a merge patch changes neither argument, and doing it twice is doing it once', () => {
  fc.assert(
    fc.property(json, json, (document, patch) => {
      const before = cloneJson([document, patch]);
      const once = applyMergePatch(document, patch);
      assert.ok(deepEqualJson([document, patch], before));
      assert.ok(deepEqualJson(applyMergePatch(once, patch), once));
    }),
  );
});

test('a JSON patch that adds and removes again leaves the document as it was', () => {
  fc.assert(
    fc.property(json, fc.jsonValue(), (document, value) => {
      const patched = applyJsonPatch(freezeDeep(document), [
        { op: 'add', path: '/new', value },
        { op: 'test', path: '/new', value },
        { op: 'remove', path: '/new' },
      ]);
      assert.ok(deepEqualJson(patched, document));
    }),
  );
});
