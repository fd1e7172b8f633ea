/**
 * The coordination group in the server: leases. They are written often and by PUT, so a PUT creates one that is missing,
 * and each update has to name the revision it replaces.
 */
export { leases } from './leases.ts';
