/** Priority classes: defaults, rules, and the two that always exist. */
import {
  type FieldError,
  forbidden,
  invalid,
  required,
  unsupported,
} from '../../apimachinery/field-error.ts';
import type { DeepReadonly, Draft } from '../../apimachinery/meta/object.ts';
import type { PriorityClass } from './types.ts';

/** The greatest value of a class that is not the system's. */
const USER_PRIORITY_MAX = 1_000_000_000;
const SYSTEM_PRIORITY = 2 * USER_PRIORITY_MAX;
const SYSTEM_PREFIX = 'system-';
const POLICIES = ['PreemptLowerPriority', 'Never'];

/** The classes that exist from the first start. */
export function systemPriorityClasses(): Draft<PriorityClass>[] {
  return [
    systemClass(
      'system-node-critical',
      SYSTEM_PRIORITY + 1000,
      'Used for system critical pods that must not be moved from their current node.',
    ),
    systemClass(
      'system-cluster-critical',
      SYSTEM_PRIORITY,
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
    ),
  ];
}

function systemClass(name: string, value: number, description: string): Draft<PriorityClass> {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    description,
  };
}

/** Fills in the preemption policy. */
export function applyPriorityClassDefaults(priorityClass: PriorityClass): void {
  priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  priorityClass.value ??= 0;
}

/** Checks a new priority class. */
export function validatePriorityClass(priorityClass: DeepReadonly<PriorityClass>): FieldError[] {
  const { metadata, value = 0 } = priorityClass;
  const preemptionPolicy: string | undefined = priorityClass.preemptionPolicy;
  const errors: FieldError[] = [];
  if ((metadata.name ?? '').startsWith(SYSTEM_PREFIX)) {
    const wrong = wrongSystemClass(priorityClass);
    if (wrong !== undefined) {
      const why = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${wrong}`;
      errors.push(forbidden('metadata.name', why));
    }
  } else if (value > USER_PRIORITY_MAX) {
    const why = `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`;
    errors.push(forbidden('value', why));
  }
  if (preemptionPolicy === '') errors.push(required('preemptionPolicy'));
  else if (preemptionPolicy !== undefined && !POLICIES.includes(preemptionPolicy)) {
    errors.push(unsupported('preemptionPolicy', preemptionPolicy, POLICIES));
  }
  return errors;
}

function wrongSystemClass({
  metadata,
  value = 0,
  globalDefault = false,
}: DeepReadonly<PriorityClass>): string | undefined {
  const known = systemPriorityClasses().find((each) => each.metadata.name === metadata.name);
  if (known === undefined) return `${metadata.name} is not a known system priority class`;
  if (known.value !== value) return `value of ${metadata.name} PriorityClass must be ${known.value}`;
  return globalDefault ? `globalDefault of ${metadata.name} PriorityClass must be false` : undefined;
}

/** Checks what an update changes: pods carry the value of their class, so it stays. */
export function validatePriorityClassUpdate(
  now: DeepReadonly<PriorityClass>,
  old: DeepReadonly<PriorityClass>,
): FieldError[] {
  const errors: FieldError[] = [];
  if ((now.value ?? 0) !== (old.value ?? 0))
    errors.push(forbidden('value', 'may not be changed in an update.'));
  if (now.preemptionPolicy !== old.preemptionPolicy) {
    errors.push(invalid('preemptionPolicy', now.preemptionPolicy, 'field is immutable'));
  }
  return errors;
}
