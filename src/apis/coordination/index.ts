/**
 * The coordination group: leases, by which nodes say that they live and components elect a leader.
 *
 * Holds the types and the rules. It does not elect anybody: that is done in `client`.
 */
export { validateLease } from './lease-validation.ts';
export type * from './types.ts';
