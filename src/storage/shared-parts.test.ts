import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cloneJson } from '../apimachinery/json.ts';
import type { ApiObject } from '../apimachinery/meta/object.ts';
import { SharedParts } from './shared-parts.ts';

type Shaped = ApiObject & { spec: { command: string[]; limits: { cpu: string } }; status?: object };

function pod(name: string, cpu = '1'): Shaped {
  const metadata = { name, labels: { app: 'a' } } as unknown as ApiObject['metadata'];
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { command: ['sh', '-c'], limits: { cpu } } };
}

test('SharedParts.share() lets an object share equal parts with the one created before it at that place', () => {
  const parts = new SharedParts();
  const [a, b, c] = [pod('a'), pod('b', '2'), pod('c')];
  parts.share('/core/pods/default/a', a, undefined);
  parts.share('/core/pods/default/b', b, undefined);
  parts.share('/core/pods/other/c', c, undefined);
  assert.equal(b.spec.command, a.spec.command);
  assert.equal(b.metadata.labels, a.metadata.labels);
  assert.deepEqual(b, pod('b', '2'));
  assert.notEqual(c.spec.command, a.spec.command);
});

test('SharedParts.share() prefers the own last state, and takes the rest from the object changed before', () => {
  const parts = new SharedParts();
  const before = pod('a');
  const other = { ...pod('b'), status: { conditions: [{ type: 'Ready' }] } };
  parts.share('/core/pods/default/b', other, pod('b'));
  const next = { ...pod('a'), status: { conditions: [{ type: 'Ready' }] } };
  parts.share('/core/pods/default/a', next, before);
  assert.equal(next.spec, before.spec);
  assert.equal(next.status, other.status);
});

test('SharedParts.share() changes nothing that an object says', () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(fc.array(fc.tuple(json, fc.boolean()), { maxLength: 6 }), (values) => {
      const parts = new SharedParts();
      let before: ApiObject | undefined;
      for (const [value, created] of values) {
        const copy: unknown = cloneJson<unknown>(value);
        const object = { ...pod('a'), spec: value, copy } as unknown as ApiObject;
        const expected = structuredClone(object);
        parts.share('/core/pods/default/a', object, created ? undefined : before);
        assert.deepEqual(object, expected);
        before = object;
      }
    }),
  );
});

test('SharedParts.share() leaves members alone that would be taken for the prototype', () => {
  const parts = new SharedParts();
  const hostile = (): ApiObject =>
    ({ ...pod('a'), spec: JSON.parse('{"__proto__":{},"constructor":{}}') }) as unknown as ApiObject;
  const [a, b] = [hostile(), hostile()];
  parts.share('/core/pods/default/a', a, undefined);
  parts.share('/core/pods/default/b', b, undefined);
  assert.deepEqual(Object.keys((b as unknown as { spec: object }).spec), ['__proto__', 'constructor']);
  assert.equal(Object.getPrototypeOf((b as unknown as { spec: object }).spec), Object.prototype);
});

test('SharedParts.share() does not take a member that is undefined for one that is absent', () => {
  const parts = new SharedParts();
  const [a, b] = [
    { ...pod('a'), status: { y: 1, z: 5 } },
    { ...pod('b'), status: { x: undefined, y: 1 } },
  ];
  parts.share('/core/pods/default/a', a, undefined);
  parts.share('/core/pods/default/b', b, undefined);
  assert.deepEqual(b.status, { x: undefined, y: 1 });
});
