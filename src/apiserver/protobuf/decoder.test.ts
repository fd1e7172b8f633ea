import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtobufDecoder } from './decoder.ts';
import { MessageTypes } from './message-types.ts';
import { WireError } from './wire-reader.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const ref = (id: string) => ({ $ref: `#/definitions/${id}` });
const definitions = {
  Thing: {
    properties: {
      name: { type: 'string' },
      count: { type: 'integer', format: 'int32' },
      on: { type: 'boolean' },
      words: { type: 'array', items: { type: 'string' } },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
      data: { type: 'object', additionalProperties: { type: 'string', format: 'byte' } },
      at: ref(`${META}.Time`),
      size: ref('io.k8s.apimachinery.pkg.api.resource.Quantity'),
      port: ref('io.k8s.apimachinery.pkg.util.intstr.IntOrString'),
      part: ref('Part'),
      hostPath: ref('Part'),
    },
  },
  Part: { properties: { name: { type: 'string' } } },
};
const numbers = {
  Thing: {
    name: 1,
    count: 2,
    on: 3,
    words: 4,
    labels: 5,
    data: 6,
    at: 7,
    size: 8,
    port: 9,
    part: 10,
    hostPath: '11.3',
  },
  Part: { name: 1 },
};
const decoder = new ProtobufDecoder(new MessageTypes({ definitions, numbers, wire: {} }));

const varint = (value: bigint): number[] => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? byte : byte | 0x80);
  } while (rest !== 0n);
  return bytes;
};
const number = (field: number, value: bigint): number[] => [...varint(BigInt(field << 3)), ...varint(value)];
const bytes = (field: number, content: number[] | string): number[] => {
  const raw = typeof content === 'string' ? [...Buffer.from(content)] : content;
  return [...varint(BigInt((field << 3) | 2)), ...varint(BigInt(raw.length)), ...raw];
};
const envelope = (raw: number[], kind = 'Thing'): Uint8Array =>
  Uint8Array.from([
    0x6b,
    0x38,
    0x73,
    0,
    ...bytes(1, [...bytes(1, 'v1'), ...bytes(2, kind)]),
    ...bytes(2, raw),
  ]);
const decode = (raw: number[], kind?: string): Record<string, unknown> =>
  decoder.decode(envelope(raw, kind), () => 'Thing');

test('every sort of field comes out as its JSON would parse', () => {
  const object = decode([
    ...bytes(1, 'é'),
    ...number(2, -7n),
    ...number(3, 1n),
    ...bytes(4, 'a'),
    ...bytes(4, 'b'),
    ...bytes(5, [...bytes(1, 'k'), ...bytes(2, 'v')]),
    ...bytes(6, [...bytes(1, 'k'), ...bytes(2, [1, 2])]),
    ...bytes(7, [...number(1, 1_767_225_600n), ...number(2, 0n)]),
    ...bytes(8, bytes(1, '1Gi')),
    ...bytes(9, [...number(1, 1n), ...number(2, 0n), ...bytes(3, 'http')]),
    ...bytes(10, bytes(1, 'p')),
    ...bytes(11, bytes(3, bytes(1, 'inner'))),
    ...bytes(99, 'a later field'),
  ]);
  assert.deepEqual(JSON.parse(JSON.stringify(object)), {
    kind: 'Thing',
    apiVersion: 'v1',
    name: 'é',
    count: -7,
    on: true,
    words: ['a', 'b'],
    labels: { k: 'v' },
    data: { k: 'AQI=' },
    at: '2026-01-01T00:00:00Z',
    size: '1Gi',
    port: 'http',
    part: { name: 'p' },
    hostPath: { name: 'inner' },
  });
});

test('no time at all is null', () => {
  assert.equal(decode(bytes(7, []))['at'], null);
});

test('what is no protobuf of ours is refused', () => {
  assert.throws(() => decoder.decode(Buffer.from('{}'), () => 'Thing'), WireError);
  assert.throws(() => decode([0x0a, 0x05, 0x61]), /unexpected EOF/);
  assert.throws(() => decode(number(1, 3n)), /wrong wireType/);
});
