import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from '../field-error.ts';
import type { DeepReadonly } from '../meta/object.ts';
import type { Condition } from '../meta/types.ts';
import { validateLabelName } from './labels.ts';
import { patternMessage } from './names.ts';

const STATUSES = ['True', 'False', 'Unknown'];
const REASON_BYTES_MAX = 1024;
const MESSAGE_BYTES_MAX = 32 * 1024;
const REASON = /^[A-Za-z](?:[A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const REASON_RULE = patternMessage(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?',
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
);

/** Conditions of the general form (metav1.Condition), each type once. */
export function validateConditions(
  conditions: DeepReadonly<Condition[]> | undefined,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return (conditions ?? []).flatMap((condition, index) => {
    const { type = '' } = condition as Partial<Condition>;
    const twice = seen.has(type) ? [duplicate(`${path}[${index}].type`, type)] : [];
    seen.add(type);
    return [...twice, ...validateCondition(condition, `${path}[${index}]`)];
  });
}

function validateCondition(condition: Partial<DeepReadonly<Condition>>, path: string): FieldError[] {
  const {
    type = '',
    status = '',
    observedGeneration = 0,
    lastTransitionTime,
    reason = '',
    message = '',
  } = condition;
  const errors = validateLabelName(type, `${path}.type`);
  if (!STATUSES.includes(status)) errors.push(notSupported(`${path}.status`, status, STATUSES));
  if (observedGeneration < 0) {
    errors.push(
      invalid(`${path}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero'),
    );
  }
  if (!lastTransitionTime) errors.push(required(`${path}.lastTransitionTime`));
  if (reason === '') errors.push(required(`${path}.reason`));
  else {
    if (!REASON.test(reason)) errors.push(invalid(`${path}.reason`, reason, REASON_RULE));
    if (Buffer.byteLength(reason) > REASON_BYTES_MAX)
      errors.push(tooLong(`${path}.reason`, REASON_BYTES_MAX));
  }
  if (Buffer.byteLength(message) > MESSAGE_BYTES_MAX) {
    errors.push(tooLong(`${path}.message`, MESSAGE_BYTES_MAX));
  }
  return errors;
}
