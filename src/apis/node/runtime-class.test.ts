import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RuntimeClass, validateRuntimeClass, validateRuntimeClassChange } from './index.ts';

function runtimeClass(fields: Partial<RuntimeClass> = {}): RuntimeClass {
  const metadata = { name: 'r', uid: '', resourceVersion: '', creationTimestamp: '' };
  return { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata, handler: 'runc', ...fields };
}

const told = (made: RuntimeClass): string[] => validateRuntimeClass(made).map((error) => error.toString());

test('a runtime class has a handler, an overhead that is no less than nothing, and tolerations that make sense', () => {
  assert.deepEqual(told(runtimeClass()), []);
  assert.deepEqual(told(runtimeClass({ handler: '' })), ['handler: Required value']);
  assert.deepEqual(told(runtimeClass({ overhead: { podFixed: { cpu: '-1' } } })), [
    'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  ]);
  const toleration = { key: 'a', operator: 'Equal' as const, value: 'b' };
  assert.deepEqual(
    validateRuntimeClass(runtimeClass({ scheduling: { tolerations: [toleration, toleration] } })).map(
      ({ type, field }) => [type, field],
    ),
    [['FieldValueDuplicate', 'scheduling.tolerations[1]']],
  );
});

test('a runtime class keeps its handler', () => {
  assert.deepEqual(
    validateRuntimeClassChange(runtimeClass({ handler: 'kata' }), runtimeClass()).map((error) =>
      error.toString(),
    ),
    ['handler: Invalid value: "kata": field is immutable'],
  );
});
