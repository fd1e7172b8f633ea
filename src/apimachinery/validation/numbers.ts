import type { Int64 } from '../exact-json.ts';
import { outOfRange } from './names.ts';

/** Largest user and group id that container runtimes take. */
const ID_MAX = 2 ** 31 - 1;

/** Whether a number lies within bounds, both included; answers what is wrong. */
function validateInRange(value: Int64, least: number, most: number): string[] {
  return value >= least && value <= most ? [] : [outOfRange(least, most)];
}

/** A port from 1 to 65535. */
export const validatePortNumber = (value: number): string[] => validateInRange(value, 1, 65535);
/** A Unix user id. */
export const validateUserId = (value: Int64): string[] => validateInRange(value, 0, ID_MAX);
/** A Unix group id. */
export const validateGroupId = (value: Int64): string[] => validateInRange(value, 0, ID_MAX);
