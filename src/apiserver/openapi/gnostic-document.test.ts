import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf } from '../protobuf/wire-reader.ts';
import { gnosticDocument } from './gnostic-document.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** The values of the fields found by following those numbers from message to message. */
function at(bytes: Uint8Array, ...numbers: readonly number[]): readonly (bigint | Uint8Array)[] {
  const [first, ...rest] = numbers;
  const found = [...fieldsOf(bytes)].filter(({ number }) => number === first).map(({ value }) => value);
  return rest.length === 0
    ? found
    : found.flatMap((value) => (value instanceof Uint8Array ? at(value, ...rest) : []));
}

function texts(bytes: Uint8Array, ...numbers: readonly number[]): readonly string[] {
  return at(bytes, ...numbers).map((value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : `${value}`,
  );
}

const KIND = [{ group: 'batch', kind: 'Job', version: 'v1' }];
const document = gnosticDocument({
  swagger: '2.0',
  info: { title: 'Kubernetes', version: 'v1' },
  paths: {
    '/jobs/{name}': {
      patch: {
        operationId: 'patchJob',
        parameters: [
          { name: 'body', in: 'body', schema: { $ref: '#/definitions/Patch' } },
          { name: 'dryRun', in: 'query', type: 'string', uniqueItems: true },
        ],
        responses: { '200': { description: 'OK', schema: { $ref: '#/definitions/Job' } } },
        'x-kubernetes-action': 'patch',
      },
      parameters: [{ name: 'name', in: 'path', type: 'string', required: true }],
    },
  },
  definitions: {
    Job: {
      type: 'object',
      required: ['spec'],
      properties: {
        names: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
        closed: { type: 'object', additionalProperties: false },
        open: { type: 'object', additionalProperties: {} },
      },
      'x-kubernetes-group-version-kind': KIND,
    },
  },
});

test('gnosticDocument() writes the head and the definitions with their extensions', () => {
  assert.deepEqual(texts(document, 1), ['2.0']);
  assert.deepEqual(texts(document, 2, 1), ['Kubernetes']);
  assert.deepEqual(texts(document, 9, 1, 1), ['Job']);
  const [job] = at(document, 9, 1, 2);
  assert.ok(job instanceof Uint8Array);
  assert.deepEqual(texts(job, 22, 1), ['object']);
  assert.deepEqual(texts(job, 19), ['spec']);
  assert.deepEqual(texts(job, 31, 1), ['x-kubernetes-group-version-kind']);
  assert.deepEqual(JSON.parse(texts(job, 31, 2, 2)[0] ?? ''), KIND);
  assert.deepEqual(texts(job, 25, 1, 1), ['names', 'closed', 'open']);
  assert.deepEqual(texts(job, 25, 1, 2, 23, 1, 22, 1), ['string']);
  assert.deepEqual(texts(job, 25, 1, 2, 31, 2, 2), ['"set"']);
  assert.deepEqual(at(job, 25, 1, 2, 21, 2), [0n]);
  assert.deepEqual(texts(job, 25, 1, 2, 21, 1), ['']);
});

test('gnosticDocument() writes each parameter in the form of its place', () => {
  assert.deepEqual(texts(document, 8, 2, 1), ['/jobs/{name}']);
  const [item] = at(document, 8, 2, 2);
  assert.ok(item instanceof Uint8Array);
  assert.deepEqual(texts(item, 8, 5), ['patchJob']);
  assert.deepEqual(texts(item, 8, 8, 1, 1, 5, 1), ['#/definitions/Patch']);
  assert.deepEqual(texts(item, 8, 8, 1, 2, 3, 4), ['dryRun']);
  assert.deepEqual(at(item, 8, 8, 1, 2, 3, 20), [1n]);
  assert.deepEqual(texts(item, 9, 1, 2, 4, 4), ['name']);
  assert.deepEqual(texts(item, 8, 9, 1, 2, 1, 2, 1, 1), ['#/definitions/Job']);
  assert.deepEqual(texts(item, 8, 13, 2, 2), ['"patch"']);
});

test('gnosticDocument() refuses a member that it would have to drop', () => {
  assert.throws(() => gnosticDocument({ swagger: '2.0', surprise: true }), /no place for surprise/);
});

test('ProtobufWriter writes lengths and numbers of more than one byte', () => {
  const writer = new ProtobufWriter();
  writer.text(31, 'x'.repeat(20_000));
  writer.text(1, '');
  const bytes = writer.finish();
  assert.deepEqual([...bytes.subarray(0, 5)], [0xfa, 0x01, 0xa0, 0x9c, 0x01]);
  assert.equal(bytes.length, 20_005);
});
