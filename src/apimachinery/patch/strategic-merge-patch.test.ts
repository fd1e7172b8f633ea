import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepEqualJson, freezeDeep } from '../json.ts';
import { type FieldSchema, SchemaSet } from '../schema/index.ts';
import { StatusError } from '../status-error.ts';
import { applyStrategicMergePatch } from './index.ts';

const text = { type: 'string' };
const schema = new SchemaSet(
  {
    'x.v1.Thing': {
      type: 'object',
      properties: {
        metadata: { $ref: '#/definitions/x.v1.Meta' },
        spec: { $ref: '#/definitions/x.v1.Spec' },
      },
    },
    'x.v1.Meta': {
      type: 'object',
      properties: {
        labels: { type: 'object', additionalProperties: text },
        finalizers: { type: 'array', items: text, 'x-kubernetes-patch-strategy': 'merge' },
      },
    },
    'x.v1.Spec': {
      type: 'object',
      properties: {
        parts: {
          type: 'array',
          items: { $ref: '#/definitions/x.v1.Part' },
          'x-kubernetes-patch-merge-key': 'name',
          'x-kubernetes-patch-strategy': 'merge,retainKeys',
        },
        plain: { type: 'array', items: text },
      },
    },
    'x.v1.Part': {
      type: 'object',
      properties: { name: text, image: text, args: { type: 'array', items: text } },
    },
  },
  {},
).kind('x.v1.Thing');

const live = freezeDeep({
  metadata: { labels: { a: '1', b: '2' }, finalizers: ['f/a', 'f/b'] },
  spec: {
    parts: [
      { name: 'a', image: 'x', args: ['1'] },
      { name: 'b', image: 'y' },
      { name: 'c', image: 'z' },
    ],
    plain: ['p'],
  },
});

const spec = (patch: object): unknown =>
  (applyStrategicMergePatch(live, freezeDeep({ spec: patch }), schema) as { spec: unknown }).spec;
const metadata = (patch: object): unknown =>
  (applyStrategicMergePatch(live, freezeDeep({ metadata: patch }), schema) as { metadata: unknown }).metadata;
const parts = (patch: object): unknown => (spec(patch) as { parts: unknown }).parts;
const names = (patch: object): unknown => (parts(patch) as { name: string }[]).map(({ name }) => name);

test('items of a list are merged by their key, new ones stand first', () => {
  assert.deepEqual(
    parts({
      parts: [
        { name: 'n', image: 'new' },
        { name: 'b', image: 'y2' },
      ],
    }),
    [
      { name: 'n', image: 'new' },
      { name: 'a', image: 'x', args: ['1'] },
      { name: 'b', image: 'y2' },
      { name: 'c', image: 'z' },
    ],
  );
  assert.deepEqual(names({ parts: [{ name: 'n' }] }), ['n', 'a', 'b', 'c']);
});

test('$patch deletes, replaces and empties', () => {
  assert.deepEqual(names({ parts: [{ name: 'b', $patch: 'delete' }] }), ['a', 'c']);
  assert.deepEqual(parts({ parts: [{ $patch: 'replace' }, { name: 'q' }] }), [{ name: 'q' }]);
  assert.deepEqual(metadata({ labels: { $patch: 'replace', x: 'y' } }), {
    labels: { x: 'y' },
    finalizers: ['f/a', 'f/b'],
  });
  assert.deepEqual(metadata({ labels: { $patch: 'delete' } }), { labels: {}, finalizers: ['f/a', 'f/b'] });
});

test('null removes, other lists and scalars are replaced', () => {
  assert.deepEqual(metadata({ labels: { a: null, c: '3' } }), {
    labels: { b: '2', c: '3' },
    finalizers: ['f/a', 'f/b'],
  });
  assert.deepEqual((spec({ plain: ['q'] }) as { plain: unknown }).plain, ['q']);
  assert.deepEqual(spec({ parts: null, plain: null }), {});
});

test('a list of scalars is merged as a set and deleted from by its parallel list', () => {
  assert.deepEqual(metadata({ finalizers: ['f/c', 'f/a'] }), {
    labels: { a: '1', b: '2' },
    finalizers: ['f/c', 'f/a', 'f/b'],
  });
  assert.deepEqual(metadata({ '$deleteFromPrimitiveList/finalizers': ['f/a'] }), {
    labels: { a: '1', b: '2' },
    finalizers: ['f/b'],
  });
});

test('what is to go from a list of objects is merged into it, as Kubernetes does', () => {
  const spec = { parts: [{ name: 'a', image: '1' }] };
  const gone = { spec: { '$deleteFromPrimitiveList/parts': [{ name: 'a', image: '2' }] } };
  assert.deepEqual(applyStrategicMergePatch({ spec }, gone, schema), {
    spec: { parts: [{ name: 'a', image: '2' }] },
  });
});

test('directives that were carried out are gone from the copy of the patch', () => {
  const patch = {
    metadata: { $patch: 'replace', labels: { a: 'b' } },
    spec: { $retainKeys: ['parts'], '$setElementOrder/parts': [{ name: 'a' }], parts: [{ name: 'a' }] },
  };
  const own = structuredClone(patch);
  applyStrategicMergePatch({ metadata: {}, spec: {} }, patch, schema, own);
  assert.deepEqual(own, { metadata: { labels: { a: 'b' } }, spec: {} });
});

test('$setElementOrder puts items in its order and leaves the others between them', () => {
  assert.deepEqual(names({ '$setElementOrder/parts': [{ name: 'c' }, { name: 'a' }] }), ['b', 'c', 'a']);
  assert.deepEqual(
    names({
      '$setElementOrder/parts': [{ name: 'c' }, { name: 'n' }, { name: 'a' }],
      parts: [{ name: 'n' }, { name: 'b', $patch: 'delete' }],
    }),
    ['c', 'n', 'a'],
  );
  assert.deepEqual(metadata({ '$setElementOrder/finalizers': ['f/b', 'f/a'] }), {
    labels: { a: '1', b: '2' },
    finalizers: ['f/b', 'f/a'],
  });
});

test('$retainKeys drops what it does not name', () => {
  assert.deepEqual(parts({ parts: [{ name: 'a', image: 'i', $retainKeys: ['name', 'image'] }] }), [
    { name: 'a', image: 'i' },
    { name: 'b', image: 'y' },
    { name: 'c', image: 'z' },
  ]);
});

test('errors are those of Kubernetes', () => {
  const cases: readonly (readonly [object, number, string])[] = [
    [
      { parts: [{ name: 'c', $patch: 'explode' }] },
      500,
      'unknown patch type: explode in map: map[$patch:explode name:c]',
    ],
    [{ parts: [{ image: 'i' }] }, 500, 'map: map[image:i] does not contain declared merge key: name'],
    [{ parts: [{ $patch: 'merge' }] }, 500, 'merging lists cannot yet be specified in the patch'],
    [{ parts: [{ name: 'a', $retainKeys: [] }] }, 400, 'invalid patch format of retainKeys'],
    [{ '$setElementOrder/parts': 'a' }, 500, 'expected a []interface {}, but received a string'],
    [{ $setElementOrder: [] }, 400, 'invalid patch format of setElementOrder list'],
    [
      { '$setElementOrder/parts': [{ name: 'b' }], parts: [{ name: 'a' }] },
      500,
      "The order in patch list:\n[map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n",
    ],
    [
      { parts: [{ name: 'a' }, 'x'] },
      500,
      'list element types are not identical: [[map[args:[1] image:x name:a] map[image:y name:b] map[image:z name:c]] [map[name:a] x]]',
    ],
  ];
  for (const [patch, code, message] of cases) {
    assert.throws(
      () => spec(patch),
      (error) => error instanceof StatusError && error.code === code && error.message === message,
      message,
    );
  }
});

test('an order list names every item of any list in that very order', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  fc.assert(
    fc.property(fc.uniqueArray(name), fc.uniqueArray(name, { minLength: 1 }), (present, order) => {
      const document = { spec: { parts: present.map((each) => ({ name: each, image: 'i' })) } };
      const patch = {
        spec: {
          '$setElementOrder/parts': order.map((each) => ({ name: each })),
          parts: order.map((each) => ({ name: each, image: 'j' })),
        },
      };
      const patched = applyStrategicMergePatch(freezeDeep(document), freezeDeep(patch), schema);
      const found = (patched as typeof document).spec.parts;
      assert.deepEqual(
        found.map((part) => part.name).filter((each) => order.includes(each)),
        order,
      );
      assert.deepEqual(new Set(found.map((part) => part.name)), new Set([...present, ...order]));
      assert.ok(deepEqualJson(applyStrategicMergePatch(patched, patch, schema), patched));
    }),
  );
});

const SCHEMALESS_LISTS: FieldSchema = {
  type: 'any',
  patchStrategies: [],
  items: undefined,
  property: () => undefined,
};

test('lists in a map of lists cannot be merged, as upstream finds no struct there', () => {
  const map = { ...SCHEMALESS_LISTS, type: 'map' as const };
  assert.throws(
    () => applyStrategicMergePatch({ a: ['1'] }, { a: ['2'] }, map),
    /merging an object in json but data type is not struct, instead is: map/,
  );
  assert.deepEqual(applyStrategicMergePatch({}, { a: ['2'] }, map), { a: ['2'] });
});

test('nulls in a list that is new are left out of the patch too, which messages show', () => {
  const own = { a: [{ b: null, c: 1 }] };
  assert.deepEqual(applyStrategicMergePatch({}, own, SCHEMALESS_LISTS, own), { a: [{ c: 1 }] });
  assert.deepEqual(own, { a: [{ c: 1 }] });
});
