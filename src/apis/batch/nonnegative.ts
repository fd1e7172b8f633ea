import { type FieldError, invalid } from '../../apimachinery/field-error.ts';

/** Refuses a number below zero; an absent one is fine. */
export function validateNonnegative(value: number | undefined, path: string): FieldError[] {
  return (value ?? 0) < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : [];
}
