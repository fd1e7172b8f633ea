import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyText, isGivenEmpty, SchemaSet, shownList } from './index.ts';

/** A small kind with each sort of field. */
const schemas = new SchemaSet(
  {
    'x.v1.Thing': {
      type: 'object',
      properties: {
        metadata: { $ref: '#/definitions/x.v1.Meta' },
        count: { type: 'integer', format: 'int32' },
        limit: { type: 'integer', format: 'int32' },
        parts: {
          type: 'array',
          items: { $ref: '#/definitions/x.v1.Part' },
          'x-kubernetes-patch-merge-key': 'name',
          'x-kubernetes-patch-strategy': 'merge,retainKeys',
        },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        data: { type: 'string', format: 'byte' },
        at: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Time' },
        size: { $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity' },
      },
    },
    'x.v1.Meta': { type: 'object', properties: { name: { type: 'string' } } },
    'x.v1.Part': {
      type: 'object',
      properties: { name: { type: 'string' }, words: { type: 'array', items: { type: 'string' } } },
    },
  },
  {
    'x.v1.Thing': {
      metadata: 's v1.Meta',
      count: 'v int32',
      limit: 'p int32',
      parts: 'C []v1.Part',
      labels: 'c map[string]string',
      data: 'c []uint8',
      at: 'p v1.Time',
      size: 'p resource.Quantity',
    },
    'x.v1.Meta': { name: 'v string' },
    'x.v1.Part': { name: 'V string', words: 'c []string' },
  },
);
const thing = schemas.kind('x.v1.Thing');
const decode = (body: unknown): object => thing.decode(body).object;

/** As it is written: without what is noted on it. */
const plain = (object: unknown): unknown => JSON.parse(JSON.stringify(object));

test('decode() leaves out empty values, keeps pointers to them, and writes what Go always writes', () => {
  assert.deepEqual(plain(decode({ count: 0, limit: 0, labels: {}, data: '' })), {
    limit: 0,
    parts: null,
    metadata: {},
  });
  assert.deepEqual(plain(decode({ parts: [{ words: [] }, null] })), {
    parts: [{ name: '' }, { name: '' }],
    metadata: {},
  });
});

test('decode() drops null and unknown fields, and reports the unknown ones with list positions', () => {
  const { object, unknown } = thing.decode({ parts: [{ name: 'a', odd: 1 }], Count: 2, labels: null });
  assert.deepEqual(object, { parts: [{ name: 'a' }], metadata: {} });
  assert.deepEqual(unknown, ['parts[0].odd', 'Count']);
});

test('decode() tells what a type that decodes itself refuses, even after a value of the wrong type', () => {
  const wrong = 'json: cannot unmarshal array into Go struct field Thing.count of type int32';
  assert.throws(() => decode({ count: [], metadata: 'x' }), { message: wrong });
  assert.throws(() => decode({ count: [], at: 'x' }), { message: /^parsing time "x"/ });
  assert.throws(() => decode({ count: [], data: '*' }), { message: wrong });
});

test('dropEmpties() makes nulls of empty lists that Go always writes, but for what came from the store', () => {
  const object = decode({ parts: [], labels: {} }) as Record<string, unknown>;
  assert.deepEqual(plain(object), { parts: [], metadata: {} });
  thing.dropEmpties(object);
  assert.deepEqual(object, { parts: null, metadata: {} });
  const known = Object.freeze({ parts: Object.freeze([]) });
  const shared = { parts: known.parts };
  thing.dropEmpties(shared, known);
  assert.deepEqual(shared, { parts: [] });
});

test('an empty list or map that is left out is known of its struct, and of copies, until it is stored', () => {
  const object = decode({ labels: {}, parts: [{ name: 'a', words: [] }, { name: 'b' }] }) as {
    parts: { words?: string[] }[];
  };
  const [first = {}, second = {}] = object.parts;
  assert.equal(isGivenEmpty({ ...object }, 'labels'), true);
  assert.deepEqual([shownList(first, 'words'), shownList(second, 'words')], [[], null]);
  thing.dropEmpties(object as never);
  assert.equal(isGivenEmpty(object, 'labels'), false);
  assert.equal(shownList(first, 'words'), null);
});

test('decode() is the same when done again', () => {
  const once = decode({
    count: 3,
    parts: [{ name: 'a', words: ['x'] }],
    size: '1024Mi',
    at: '2026-01-01T01:00:00+01:00',
  });
  assert.deepEqual(once, {
    count: 3,
    parts: [{ name: 'a', words: ['x'] }],
    size: '1Gi',
    at: '2026-01-01T00:00:00Z',
    metadata: {},
  });
  assert.deepEqual(decode(once), once);
});

test('decode() copies: nothing is shared with the body', () => {
  const body = { parts: [{ name: 'a', words: ['x'] }], labels: { a: 'b' } };
  const before = structuredClone(body);
  const object = decode(body) as typeof body;
  object.parts[0]?.words.push('y');
  object.labels.a = 'c';
  assert.deepEqual(body, before);
});

for (const [body, message] of [
  [{ parts: {} }, 'json: cannot unmarshal object into Go struct field Thing.parts of type []v1.Part'],
  [
    { parts: [{ words: [1] }] },
    'json: cannot unmarshal number into Go struct field Part.parts.words of type string',
  ],
  [
    { count: 2 ** 31 },
    'json: cannot unmarshal number 2147483648 into Go struct field Thing.count of type int32',
  ],
  [{ count: 1.5 }, 'json: cannot unmarshal number 1.5 into Go struct field Thing.count of type int32'],
  [
    { metadata: { name: true } },
    'json: cannot unmarshal bool into Go struct field Meta.metadata.name of type string',
  ],
  [{ data: '!!' }, 'illegal base64 data at input byte 0'],
  [[], 'json: cannot unmarshal array into Go value of type v1.Thing'],
] as const) {
  test(`decode() refuses ${JSON.stringify(body)} in the words of Go`, () => {
    assert.throws(() => decode(body), { name: 'DecodeError', message });
  });
}

test('decode() lets no member name reach a prototype', () => {
  const object = decode(
    JSON.parse('{"labels":{"__proto__":"x","constructor":"y"},"__proto__":{"count":1}}'),
  ) as {
    labels: object;
    count?: number;
  };
  assert.deepEqual(Object.keys(object.labels), ['__proto__', 'constructor']);
  assert.equal(object.count, undefined);
  assert.equal(({} as { x?: unknown }).x, undefined);
});

test('property() tells how a list is merged', () => {
  const parts = thing.property('parts');
  assert.deepEqual([parts?.patchMergeKey, parts?.patchStrategies], ['name', ['merge', 'retainKeys']]);
  assert.equal(parts?.items?.property('name')?.type, 'scalar');
});

test('a body text knows its members that stand twice, at their path', () => {
  assert.deepEqual(
    new BodyText('{"a": {"b": 1, "b": 2}, "c": [{}, {"x": "\\"", "x": 1}], "a\\u0062": 1, "ab": 2}')
      .duplicates,
    ['a.b', 'c[1].x', 'ab'],
  );
  assert.deepEqual(new BodyText('{"a":[1,"}",{"a":2}],"b":{}}').duplicates, []);
});

test('a body text puts what field validation finds in the order of the text', () => {
  const text = '{"x": {"y": 1, "y": 2}, "a": 1, "z": null, "a": 2, "b": {"c": 1, "c": 1}, "x": 1}';
  assert.deepEqual(new BodyText(text).doubts(['x', 'z']), [
    'unknown field "x"',
    'unknown field "z"',
    'duplicate field "a"',
    'duplicate field "b.c"',
  ]);
  assert.deepEqual(new BodyText('{"a": 1}').doubts(['a.b']), ['unknown field "a.b"']);
});

test('a number with a fraction or an exponent is no whole number, whatever its value', () => {
  const from = (text: string): object =>
    thing.decode(JSON.parse(text), { literals: new BodyText(text).literals }).object;
  const limit = (literal: string) => () => from(`{"limit": ${literal}, "count": 1}`);
  for (const literal of ['1.0', '1e2', '1E400', '0.5', '-2.0e0']) {
    assert.throws(limit(literal), {
      message: `json: cannot unmarshal number ${literal} into Go struct field Thing.limit of type int32`,
    });
  }
  assert.deepEqual(limit('12')(), { limit: 12, count: 1, parts: null, metadata: {} });
  assert.deepEqual(from('{"size": 1e3}'), { size: '1e3', parts: null, metadata: {} });
});

test('a list by another name has items of the type that they are', () => {
  const review = new SchemaSet(
    {
      'x.v1.Review': {
        type: 'object',
        properties: {
          extra: {
            type: 'object',
            additionalProperties: { type: 'array', items: { type: 'string' } },
          },
        },
      },
    },
    { 'x.v1.Review': { extra: 'c map[string]v1.ExtraValue' } },
  ).kind('x.v1.Review');
  const field = 'into Go struct field Review.extra of type';
  assert.throws(() => review.decode({ extra: { a: 1 } }), {
    message: `json: cannot unmarshal number ${field} v1.ExtraValue`,
  });
  assert.throws(() => review.decode({ extra: { a: [1] } }), {
    message: `json: cannot unmarshal number ${field} string`,
  });
  assert.deepEqual(plain(review.decode({ extra: { a: null } }).object), { extra: { a: null } });
});

test('complaints name fields and embedded structs, but no keys of maps and no positions', () => {
  assert.throws(() => decode({ labels: { a: 1 } }), {
    message: 'json: cannot unmarshal number into Go struct field Thing.labels of type string',
  });
  assert.throws(() => decode({ parts: [{ words: [true] }] }), {
    message: 'json: cannot unmarshal bool into Go struct field Part.parts.words of type string',
  });
  const probe = new SchemaSet(
    {
      'x.v1.Probe': { type: 'object', properties: { exec: { $ref: '#/definitions/x.v1.Exec' } } },
      'x.v1.Exec': {},
    },
    { 'x.v1.Probe': { exec: 'p v1.Exec Handler' } },
  ).kind('x.v1.Probe');
  assert.throws(() => probe.decode({ exec: 1 }), {
    message: 'json: cannot unmarshal number into Go struct field Probe.Handler.exec of type v1.Exec',
  });
});

test('numbers beyond 32 bits are refused in a body, and cut off after a strategic merge', () => {
  assert.throws(() => decode({ limit: 2147483648 }), /cannot unmarshal number 2147483648 into/);
  const { object } = thing.decode({ limit: 2147483648 }, { converts: true });
  assert.equal((object as { limit?: number }).limit, -2147483648);
});

test('a text that Go always writes counts as empty where it is missing; others have no value of their own', () => {
  assert.equal(schemas.kind('x.v1.Part').property('name')?.default, '');
  assert.equal(schemas.kind('x.v1.Meta').property('name')?.default, undefined);
});
