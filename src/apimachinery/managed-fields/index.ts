/**
 * Ownership of fields and server-side apply, with the semantics of sigs.k8s.io/structured-merge-diff: who set which field is
 * kept in `metadata.managedFields`; an apply merges a configuration, removes what its applier no longer names, and conflicts
 * with other owners.
 *
 * Pure functions: nothing they are given is changed; what they answer shares parts with it. They neither decode nor default:
 * the server does that with the outcome of an apply. One structure of a kind is known; entries of another version that the kind
 * has are read as if they were of this one, those of a version that it has not are dropped.
 *
 * Tracking costs a comparison of both states. An object that has no entries is not tracked by updates, as upstream has it,
 * so a server may create objects that nobody applies to (a controller's pods) without entries: their first apply finds what
 * they have in the hands of `before-first-apply`.
 */
export { type Applied, type Applier, applyConfiguration, newUnconverted } from './apply-configuration.ts';
export type { FieldEndpoint } from './endpoint.ts';
export { trackChange, type Writer } from './track-change.ts';
