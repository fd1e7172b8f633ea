import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Definition } from '../../apimachinery/schema/index.ts';
import { ProtobufDecoder } from './decoder.ts';
import { ProtobufEncoder } from './encoder.ts';
import { MessageTypes } from './message-types.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const ref = (id: string): Definition => ({ $ref: `#/definitions/${id}` });

/** Types of one field, named `x`, with number 1. */
function oneField(definition: Definition, wire = 'v'): MessageTypes {
  return new MessageTypes({
    definitions: { T: { properties: { x: definition } }, Part: { properties: { name: { type: 'string' } } } },
    numbers: { T: { x: 1 }, Part: { name: 1 } },
    wire: { T: { x: wire } },
  });
}

/** The message alone, in hexadecimal digits: what lies between the envelope's beginning and its end. */
function message(types: MessageTypes, object: object): string {
  const bytes = new ProtobufEncoder(types).encode('T', '', '', object);
  // k8s\0, an empty type (0a 04 0a 00 12 00), then field 2; field 3 and 4 are empty.
  assert.equal(bytes.subarray(0, 10).toString('hex'), '6b3873000a040a001200');
  assert.equal(bytes.subarray(-4).toString('hex'), '1a002200');
  assert.equal(bytes[10], 0x12);
  const length = bytes[11] ?? 0;
  assert.equal(bytes.length, 12 + length + 4);
  return bytes.subarray(12, 12 + length).toString('hex');
}

test('each sort of value has the bytes that gogo-proto gives it', () => {
  const text = { type: 'string' };
  const cases: [Definition, string, unknown, string][] = [
    [text, 'v', 'hé', '0a0368c3a9'],
    [text, 'v', undefined, '0a00'],
    [text, 'p', undefined, ''],
    [text, 'p', null, ''],
    [text, 'p', '', '0a00'],
    [{ type: 'integer' }, 'v', 300, '08ac02'],
    [{ type: 'integer' }, 'v', undefined, '0800'],
    [{ type: 'integer' }, 'v', -1, '08ffffffffffffffffff01'],
    [{ type: 'integer' }, 'v', 9_223_372_036_854_775_807n, '08ffffffffffffffff7f'],
    [{ type: 'integer' }, 'v', 4_294_967_296, '088080808010'],
    [{ type: 'integer' }, 'p', 0, '0800'],
    [{ type: 'boolean' }, 'v', true, '0801'],
    [{ type: 'boolean' }, 'v', undefined, '0800'],
    [{ type: 'number' }, 'v', 1, '09000000000000f03f'],
    [{ type: 'string', format: 'byte' }, 'c', 'AQI=', '0a020102'],
    [{ type: 'string', format: 'byte' }, 'c', undefined, ''],
    [{ type: 'array', items: text }, 'c', ['a', ''], '0a01610a00'],
    [{ type: 'array', items: text }, 'C', [], ''],
    [
      { type: 'object', additionalProperties: text },
      'c',
      { b: '', a: 'x' },
      '0a060a016112017' + '80a050a01621200',
    ],
    [
      { type: 'object', additionalProperties: { type: 'array', items: text } },
      'c',
      { a: ['x', 'y'] },
      '0a0b0a01611206' + '0a01780a0179',
    ],
    [ref('Part'), 's', undefined, '0a020a00'],
    [ref('Part'), 'p', undefined, ''],
    [ref(`${META}.Time`), 't', undefined, '0a00'],
    [ref(`${META}.Time`), 'p', undefined, ''],
    [ref(`${META}.Time`), 't', '1970-01-01T00:00:05Z', '0a0408051000'],
    [ref(`${META}.MicroTime`), 't', '1970-01-01T00:00:05.000001Z', '0a0508051' + '0e807'],
    [ref(`${META}.Duration`), 's', '1.5s', '0a060880dea0cb05'],
    [ref(`${META}.Duration`), 's', undefined, '0a020800'],
    [ref(`${META}.FieldsV1`), 'p', { 'f:a': {} }, '0a0c0a0a7b22663a61223a7b7d7d'],
    [ref('io.k8s.apimachinery.pkg.api.resource.Quantity'), 'q', '1Gi', '0a050a03314769'],
    [ref('io.k8s.apimachinery.pkg.api.resource.Quantity'), 'q', undefined, '0a030a0130'],
    [ref('io.k8s.apimachinery.pkg.util.intstr.IntOrString'), 'q', 80, '0a06080010501a00'],
    [ref('io.k8s.apimachinery.pkg.util.intstr.IntOrString'), 'q', '5%', '0a08080110001a023525'],
  ];
  for (const [definition, wire, value, expected] of cases) {
    assert.equal(message(oneField(definition, wire), { x: value }), expected, JSON.stringify(definition));
  }
});

test('fields stand in the order of their numbers, those of an embedded struct within its own, even when it is empty', () => {
  const string = { type: 'string' };
  const types = new MessageTypes({
    definitions: { T: { properties: { last: string, first: string, inner: string, other: string } } },
    numbers: { T: { last: 3, first: 1, inner: '2.2', other: '2.1' } },
    wire: { T: { inner: 'p', other: 'p' } },
  });
  assert.equal(
    message(types, { last: 'l', first: 'f', inner: 'i', other: 'o' }),
    '0a0166' + '12060a016f120169' + '1a016c',
  );
  assert.equal(message(types, {}), '0a00' + '1200' + '1a00');
});

test('a frame is the length of a WatchEvent, and the event with the object in it', () => {
  const frame = new ProtobufEncoder(oneField({ type: 'string' })).frame('ADDED', Uint8Array.of(7, 8));
  assert.equal(frame.toString('hex'), '0000000d' + '0a054144444544' + '1204' + '0a020708');
});

test('a message larger than the buffer arrives whole, and the next one is not in its way', () => {
  const encoder = new ProtobufEncoder(oneField({ type: 'string' }));
  const decoder = new ProtobufDecoder(oneField({ type: 'string' }));
  for (const size of [3_000_000, 1, 20_000]) {
    const bytes = encoder.encode('T', 'v1', 'T', { x: 'é'.repeat(size) });
    assert.equal((decoder.decode(bytes, () => 'T')['x'] as string).length, size);
  }
});

test('what was encoded decodes to what it was', () => {
  const types = new MessageTypes({
    definitions: {
      T: {
        properties: {
          text: { type: 'string' },
          count: { type: 'integer' },
          on: { type: 'boolean' },
          map: { type: 'object', additionalProperties: { type: 'string' } },
          parts: { type: 'array', items: ref('T') },
        },
      },
    },
    numbers: { T: { text: 1, count: 2, on: '3.1', map: 4, parts: 16 } },
    wire: {},
  });
  const encoder = new ProtobufEncoder(types);
  const decoder = new ProtobufDecoder(types);
  const text = fc.string({ unit: 'grapheme' });
  const leaf = {
    text,
    count: fc.integer(),
    on: fc.boolean(),
    map: fc.dictionary(text, text, { minKeys: 1 }),
  };
  const thing = fc.record({ ...leaf, parts: fc.array(fc.record(leaf), { minLength: 1 }) });
  fc.assert(
    fc.property(thing, (object) => {
      const { kind, apiVersion, ...back } = decoder.decode(encoder.encode('T', 'v1', 'T', object), () => 'T');
      assert.deepEqual([kind, apiVersion], ['T', 'v1']);
      assert.equal(canonical(back), canonical(object));
    }),
  );
});

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
