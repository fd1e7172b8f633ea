import { type FieldError, invalid } from '../../apimachinery/field-error.ts';
import { canonicalAmount, isNegative, isWhole } from './amounts.ts';
import { isCountedResource } from './resource-names.ts';

/** Checks an amount of a resource: not negative, and whole where the resource is counted in pieces. */
export function validateAmount(errors: FieldError[], path: string, name: string, amount: string): void {
  if (isNegative(amount)) {
    errors.push(invalid(path, canonicalAmount(amount), 'must be greater than or equal to 0'));
  }
  if (!isWhole(amount) && isCountedResource(name)) {
    errors.push(invalid(path, canonicalAmount(amount), 'must be an integer'));
  }
}
