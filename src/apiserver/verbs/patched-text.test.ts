import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyJsonPatch, applyMergePatch } from '../../apimachinery/patch/index.ts';
import { SchemaSet } from '../../apimachinery/schema/index.ts';
import { patchedText } from './patched-text.ts';

const schema = new SchemaSet(
  {
    Thing: {
      type: 'object',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { $ref: '#/definitions/Meta' },
        spec: { $ref: '#/definitions/Spec' },
      },
    },
    Meta: {
      type: 'object',
      properties: {
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        name: { type: 'string' },
      },
    },
    Spec: {
      type: 'object',
      properties: {
        parts: { type: 'array', items: { $ref: '#/definitions/Meta' } },
        size: { type: 'integer' },
        deep: { $ref: '#/definitions/Meta' },
      },
    },
  },
  {
    Thing: { kind: 'v string', apiVersion: 'v string', metadata: 's Meta', spec: 's Spec' },
    Meta: { name: 'v string', labels: 'c map[string]string' },
    Spec: { size: 'v int32', parts: 'c []Meta', deep: 's Meta' },
  },
).kind('Thing');

/** As a client sent it: no order that Go would keep. */
const THING = {
  spec: {
    deep: { labels: { b: '1', a: '2' }, name: 'd' },
    parts: [
      { labels: {}, name: 'p' },
      { labels: {}, name: 'q' },
    ],
    size: 1,
  },
  metadata: { labels: { z: '1', y: '2' }, name: 't' },
  apiVersion: 'v1',
  kind: 'Thing',
};

test('a merge patch sorts what it reaches into; the rest stands as Go declares it', () => {
  const patch = { spec: { size: 'x', deep: { labels: { c: '<' } } } };
  assert.equal(
    patchedText(THING, patch, schema, (old) => applyMergePatch(old, patch)),
    '{"apiVersion":"v1","kind":"Thing","metadata":{"name":"t","labels":{"y":"2","z":"1"}},"spec":{"deep":{"labels":{"a":"2","b":"1","c":"\\u003c"},"name":"d"},"parts":[{"name":"p","labels":{}},{"name":"q","labels":{}}],"size":"x"}}',
  );
});

test('an operation of a JSON patch sorts the maps on its way', () => {
  const operations = [{ op: 'replace', path: '/spec/parts/1/name', value: { z: 1, a: 2 } }];
  assert.equal(
    patchedText(THING, operations, schema, (old) => applyJsonPatch(old, operations) as object),
    '{"apiVersion":"v1","kind":"Thing","metadata":{"name":"t","labels":{"y":"2","z":"1"}},"spec":{"deep":{"name":"d","labels":{"a":"2","b":"1"}},"parts":[{"name":"p","labels":{}},{"labels":{},"name":{"z":1,"a":2}}],"size":1}}',
  );
});
