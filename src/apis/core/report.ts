/** How the rules of this room report: each takes the list of errors found so far and adds to it. */
import { type FieldError, invalid, required, unsupported } from '../../apimachinery/field-error.ts';

/** Adds one error for each thing that is wrong with a value. */
export function reportEach(
  errors: FieldError[],
  field: string,
  value: unknown,
  wrongs: readonly string[],
): void {
  for (const wrong of wrongs) errors.push(invalid(field, value, wrong));
}

/** Adds an error unless the value is there (neither absent nor an empty string). */
export function requireText(errors: FieldError[], field: string, value: string | undefined | null): void {
  if (!value) errors.push(required(field));
}

/** Adds an error unless the value is one of the allowed ones, which are listed in their order. Absent is an error. */
export function requireOneOf(
  errors: FieldError[],
  field: string,
  value: string | undefined,
  allowed: readonly string[],
): void {
  if (!value) errors.push(required(field));
  else if (!allowed.includes(value)) errors.push(unsupported(field, value, allowed));
}

/** Adds an error when the value is there and none of the allowed ones, which are listed in their order. */
export function allowOneOf(
  errors: FieldError[],
  field: string,
  value: string | undefined | null,
  allowed: readonly string[],
): void {
  if (value != null && !allowed.includes(value)) errors.push(unsupported(field, value, allowed));
}

/** Adds an error unless the number is zero or more. */
export function requireNonnegative(errors: FieldError[], field: string, value: number | undefined): void {
  if ((value ?? 0) < 0) errors.push(invalid(field, value, 'must be greater than or equal to 0'));
}
