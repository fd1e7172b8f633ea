/** Rules for tolerations of node taints. */
import { type FieldError, invalid, unsupported } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { validateLabelName, validateLabelValue } from '../../../../apimachinery/validation/index.ts';
import type { Toleration } from '../../types.ts';
import type { PodValidationOptions } from '../validation-options.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const MATCHES_ALL =
  'operator must be Exists when `key` is empty, which means "match all values and all keys"';

/** Checks tolerations one by one. */
export function validateTolerations(
  errors: FieldError[],
  path: string,
  tolerations: DeepReadonly<Toleration[]> | undefined,
  options: PodValidationOptions,
): void {
  tolerations?.forEach((toleration, index) => {
    const at = `${path}[${index}]`;
    const operator = toleration.operator ?? '';
    if (toleration.key) errors.push(...validateLabelName(toleration.key, `${at}.key`));
    else if (operator !== 'Exists') errors.push(invalid(`${at}.operator`, operator, MATCHES_ALL));
    if (toleration.tolerationSeconds != null && toleration.effect !== 'NoExecute') {
      errors.push(
        invalid(
          `${at}.effect`,
          toleration.effect ?? '',
          "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
      );
    }
    validateOperator(errors, at, operator, toleration.value ?? '', options);
    if (toleration.effect && !EFFECTS.includes(toleration.effect)) {
      errors.push(unsupported(`${at}.effect`, toleration.effect, EFFECTS));
    }
  });
}

function validateOperator(
  errors: FieldError[],
  path: string,
  operator: string,
  value: string,
  options: PodValidationOptions,
): void {
  if (operator === 'Equal' || operator === '') {
    const wrongs = validateLabelValue(value);
    if (wrongs.length > 0) errors.push(invalid(`${path}.operator`, value, wrongs.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '') {
      errors.push(invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    }
  } else if (operator === 'Lt' || operator === 'Gt') {
    if (!options.numericTolerations) {
      errors.push(unsupported(`${path}.operator`, operator, ['Equal', 'Exists', 'Lt', 'Gt']));
    } else if (!/^(?:0|-?[1-9][0-9]*)$/.test(value)) {
      errors.push(invalid(`${path}.value`, value, 'must be a valid decimal integer in canonical form'));
    }
  } else {
    errors.push(unsupported(`${path}.operator`, operator, ['Equal', 'Exists']));
  }
}
