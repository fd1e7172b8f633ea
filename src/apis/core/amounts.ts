/** Arithmetic with amounts as they stand in objects: quantities in text. */
import { parseQuantity, Quantity } from '../../apimachinery/quantity.ts';

/** The text that Kubernetes writes for this amount. */
export const canonicalAmount = (amount: string): string => parseQuantity(amount).toString();

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export const compareAmounts = (a: string, b: string): number => parseQuantity(a).compare(parseQuantity(b));

/** Whether the amount is below zero. */
export const isNegative = (amount: string): boolean => parseQuantity(amount).sign() < 0;

/** Whether the amount is a whole number of units. */
export const isWhole = (amount: string): boolean => parseQuantity(amount).isInteger();

/** The sum of two amounts. */
export const addAmounts = (a: string, b: string): string => parseQuantity(a).add(parseQuantity(b)).toString();

/** `a` less `b`. */
export const subtractAmounts = (a: string, b: string): string =>
  parseQuantity(a).subtract(parseQuantity(b)).toString();

/** Whether `amount` is a whole multiple of `unit`, which must itself be positive and whole. */
export function isMultiple(amount: string, unit: string): boolean {
  const size = parseQuantity(unit);
  if (size.sign() <= 0 || !size.isInteger()) return false;
  return parseQuantity(amount).scaledValue(0) % size.scaledValue(0) === 0n;
}

/** Amounts without a fraction, an exponent or a suffix below milli, which need no rounding: nearly all of them. */
const COARSE = /^[0-9]+(?:m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;

/** The amount with what is finer than a thousandth rounded up; most come back as they are. */
export function roundUpToMilli(amount: string): string {
  if (COARSE.test(amount)) return amount;
  const quantity = parseQuantity(amount);
  if (quantity.scale >= -3 || quantity.unscaled % 10n ** BigInt(-3 - quantity.scale) === 0n) return amount;
  return new Quantity(quantity.scaledValue(-3), -3, quantity.format).toString();
}
