import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  applyPriorityClassDefaults,
  type PriorityClass,
  systemPriorityClasses,
  validatePriorityClass,
  validatePriorityClassUpdate,
} from './index.ts';

function priorityClass(name: string, value: number, fields: Partial<PriorityClass> = {}): PriorityClass {
  const made: PriorityClass = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name, uid: '', resourceVersion: '', creationTimestamp: '' },
    value,
    ...fields,
  };
  applyPriorityClassDefaults(made);
  return made;
}

test('the system’s own classes are valid, others with its prefix are not', () => {
  for (const { metadata, value = 0 } of systemPriorityClasses()) {
    assert.deepEqual(validatePriorityClass(priorityClass(metadata.name ?? '', value)), []);
  }
  const reserved = "priority class names with 'system-' prefix are reserved for system use only. error: ";
  const told = (made: PriorityClass): string[] => validatePriorityClass(made).map((error) => error.detail);
  assert.deepEqual(told(priorityClass('system-mine', 1)), [
    `${reserved}system-mine is not a known system priority class`,
  ]);
  assert.deepEqual(told(priorityClass('system-node-critical', 1)), [
    `${reserved}value of system-node-critical PriorityClass must be 2000001000`,
  ]);
  assert.deepEqual(told(priorityClass('a', 1_000_000_001)), [
    'maximum allowed value of a user defined priority is 1000000000',
  ]);
});

test('the value and the preemption policy of a class stay', () => {
  const old = priorityClass('a', 1);
  const changed = priorityClass('a', 2, { preemptionPolicy: 'Never' });
  assert.deepEqual(
    validatePriorityClassUpdate(changed, old).map((error) => error.toString()),
    [
      'value: Forbidden: may not be changed in an update.',
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    ],
  );
  assert.deepEqual(validatePriorityClassUpdate(old, old), []);
});
