/** Rules of runtime classes. */
import { duplicate, type FieldError, invalid, required } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { validateDns1123Label, validateLabels } from '../../apimachinery/validation/index.ts';
import { goToleration, STRICT_TEMPLATE, validateOverhead, validateTolerations } from '../core/index.ts';
import type { RuntimeClass } from './types.ts';

/** Checks a runtime class, new or changed. */
export function validateRuntimeClass({
  handler,
  overhead,
  scheduling,
}: DeepReadonly<RuntimeClass>): FieldError[] {
  const errors: FieldError[] = [];
  if (!handler) errors.push(required('handler', ''));
  else for (const why of validateDns1123Label(handler)) errors.push(invalid('handler', handler, why));
  if (overhead?.podFixed !== undefined)
    validateOverhead(errors, 'overhead', overhead.podFixed, STRICT_TEMPLATE);
  if (scheduling?.nodeSelector !== undefined) {
    errors.push(...validateLabels(scheduling.nodeSelector, 'scheduling.nodeSelector'));
  }
  validateTolerations(errors, 'scheduling.tolerations', scheduling?.tolerations, STRICT_TEMPLATE);
  const seen = new Set<string>();
  for (const [at, toleration] of (scheduling?.tolerations ?? []).entries()) {
    const { key = '', operator = '', value = '', effect = '' } = toleration;
    const identity = JSON.stringify([key, operator, value, effect]);
    if (seen.has(identity)) errors.push(duplicate(`scheduling.tolerations[${at}]`, goToleration(toleration)));
    seen.add(identity);
  }
  return errors;
}

/** A class keeps its handler: pods are running with it. */
export function validateRuntimeClassChange(
  now: DeepReadonly<RuntimeClass>,
  old: DeepReadonly<RuntimeClass>,
): FieldError[] {
  return now.handler === old.handler ? [] : [invalid('handler', now.handler, 'field is immutable')];
}
