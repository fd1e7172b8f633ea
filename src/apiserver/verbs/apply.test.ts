import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SchemaSet } from '../../apimachinery/schema/index.ts';
import { GADGETS, gadgetServer } from '../testing/gadgets.ts';
import { ask, type Seen } from '../testing/requests.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const text = { type: 'string' };
const texts = { type: 'object', additionalProperties: text };
const schemas = new SchemaSet(
  {
    [GADGETS.schema]: {
      type: 'object',
      properties: {
        apiVersion: text,
        kind: text,
        metadata: { $ref: `#/definitions/${META}` },
        spec: { $ref: '#/definitions/Spec' },
        status: { $ref: '#/definitions/Status' },
      },
    },
    Spec: { type: 'object', properties: { size: { type: 'integer', format: 'int32' }, color: text } },
    Status: { type: 'object', properties: { ready: { type: 'boolean' } } },
    [META]: {
      type: 'object',
      properties: {
        name: text,
        namespace: text,
        uid: text,
        resourceVersion: text,
        creationTimestamp: text,
        generation: { type: 'integer', format: 'int64' },
        labels: texts,
        annotations: texts,
        managedFields: { type: 'array', items: { type: 'object' } },
      },
    },
  },
  {},
);

function world() {
  const { admin } = gadgetServer({ schemas });
  return (
    manager: string,
    spec: object,
    more: Record<string, string> = {},
    metadata: object = {},
  ): Promise<Seen> =>
    ask(admin, {
      verb: 'patch',
      name: 'a',
      patchType: 'application/apply-patch+yaml',
      parameters: { fieldManager: manager, ...more },
      body: { apiVersion: 'demo.example.com/v1', kind: 'Gadget', metadata: { name: 'a', ...metadata }, spec },
    });
}

test('an apply creates, another manager adds to it, and a field left out goes', async () => {
  const apply = world();
  assert.equal((await apply('one', { size: 1 }, {}, { labels: { a: '1' } })).code, 201);
  const second = await apply('two', {}, {}, { labels: { b: '2' } });
  assert.deepEqual([second.code, second.body.metadata.labels], [200, { a: '1', b: '2' }]);
  const third = await apply('one', { size: 1 });
  assert.deepEqual(third.body.metadata.labels, { b: '2' });
});

test('an apply of what another manager set is a conflict, unless it is forced', async () => {
  const apply = world();
  await apply('one', { size: 1 });
  const conflict = await apply('two', { size: 2 });
  assert.equal(conflict.code, 409);
  assert.equal(conflict.body.message, 'Apply failed with 1 conflict: conflict with "one": .spec.size');
  const forced = await apply('two', { size: 2 }, { force: 'true' });
  assert.deepEqual([forced.code, forced.body.spec.size], [200, 2]);
});

test('an apply that changes nothing is not written', async () => {
  const apply = world();
  const first = await apply('one', { size: 1 });
  const again = await apply('one', { size: 1 });
  assert.equal(again.body.metadata.resourceVersion, first.body.metadata.resourceVersion);
});

test('an apply names its manager', async () => {
  const apply = world();
  const { code, body } = await apply('', { size: 1 });
  assert.equal(code, 422);
  assert.match(body.message, /fieldManager: Required value: is required for apply patch/);
});

test('fields that the kind does not have are warned of, refused when strict, and never stored', async () => {
  const { admin } = gadgetServer({ schemas });
  const body = { metadata: { name: 'b' }, spec: { size: 1, bogus: 2 } };
  const warned = await ask(admin, { verb: 'create', body });
  assert.deepEqual([warned.warnings, warned.body.spec.bogus], [['unknown field "spec.bogus"'], undefined]);
  const strict = await ask(admin, { verb: 'create', body, parameters: { fieldValidation: 'Strict' } });
  assert.equal(
    strict.body.message,
    'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "spec.bogus"',
  );
  const wrong = await ask(admin, { verb: 'create', body: { metadata: { name: 'c' }, spec: { size: 'x' } } });
  assert.equal(wrong.code, 400);
  assert.match(
    wrong.body.message,
    /json: cannot unmarshal string into Go struct field Spec\.spec\.size of type int32/,
  );
});
