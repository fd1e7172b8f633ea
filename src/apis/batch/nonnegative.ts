import type { Int64 } from '../../apimachinery/exact-json.ts';
import type { FieldError } from '../../apimachinery/field-error.ts';
import { validateNonNegative } from '../../apimachinery/validation/index.ts';

/** Refuses a number below zero; an absent one is fine. */
export function requireNonnegative(value: Int64 | undefined, path: string): FieldError[] {
  return value === undefined ? [] : validateNonNegative(value, path);
}
