import { type FieldError, invalid, notSupported } from '../field-error.ts';
import { validateLabelValue, validateQualifiedName } from '../validation/names.ts';

/** How a requirement relates a key to its values, as label selectors spell it. */
export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt';

/** Labels of an object; undefined counts as none. */
export type Labels = Readonly<Record<string, string>> | undefined;

/** One condition of a label selector. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** In the order given; sorted only for display. */
  readonly values: readonly string[];
}

/** What is wrong with a requirement. */
export function requirementErrors(requirement: LabelRequirement): FieldError[] {
  const { key, operator, values } = requirement;
  const errors: FieldError[] = [];
  const keyWrongs = validateQualifiedName(key);
  if (keyWrongs.length > 0) errors.push(invalid('key', key, keyWrongs.join('; ')));
  switch (operator) {
    case 'in':
    case 'notin':
      if (values.length === 0) {
        errors.push(invalid('values', values, "for 'in', 'notin' operators, values set can't be empty"));
      }
      break;
    case '=':
    case '==':
    case '!=':
      if (values.length !== 1) {
        errors.push(invalid('values', values, 'exact-match compatibility requires one single value'));
      }
      break;
    case 'exists':
    case '!':
      if (values.length !== 0) {
        errors.push(invalid('values', values, 'values set must be empty for exists and does not exist'));
      }
      break;
    case 'gt':
    case 'lt':
      if (values.length !== 1) {
        errors.push(invalid('values', values, "for 'Gt', 'Lt' operators, exactly one value is required"));
      }
      for (const [index, value] of values.entries()) {
        if (wholeNumber(value) === undefined) {
          errors.push(
            invalid(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"),
          );
        }
      }
      break;
    default:
      errors.push(
        notSupported('operator', operator, ['!', '!=', '=', '==', 'exists', 'gt', 'in', 'lt', 'notin']),
      );
  }
  for (const [index, value] of values.entries()) {
    const wrongs = validateLabelValue(value);
    if (wrongs.length > 0) errors.push(invalid(`values[${index}][${key}]`, value, wrongs.join('; ')));
  }
  return errors;
}

/** Whether labels meet a requirement. */
export function meets(labels: Labels, requirement: LabelRequirement): boolean {
  const found: unknown = labels?.[requirement.key];
  // An inherited member such as "constructor" is no label, and no string either.
  const value = typeof found === 'string' ? found : undefined;
  switch (requirement.operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && requirement.values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !requirement.values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt': {
      const number = value === undefined ? undefined : wholeNumber(value);
      const bound = wholeNumber(requirement.values[0] ?? '');
      if (number === undefined || bound === undefined) return false;
      return requirement.operator === 'gt' ? number > bound : number < bound;
    }
  }
}

/** The requirement in the syntax of selectors. */
export function requirementText(requirement: LabelRequirement): string {
  const { key, operator, values } = requirement;
  const sorted = values.length === 1 ? (values[0] ?? '') : [...values].sort().join(',');
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${sorted})`;
    case 'gt':
      return `${key}>${sorted}`;
    case 'lt':
      return `${key}<${sorted}`;
    default:
      return `${key}${operator}${sorted}`;
  }
}

const INT64_MAX = 2n ** 63n - 1n;

function wholeNumber(text: string): bigint | undefined {
  if (!/^[-+]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return value > INT64_MAX || value < -INT64_MAX - 1n ? undefined : value;
}
