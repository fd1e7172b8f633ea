/**
 * The events.k8s.io group: events in their newer form.
 *
 * Holds the types and the way to and from the core group's form, in which events are stored; their rules are there too.
 */
export { eventFromCore, eventToCore } from './conversion.ts';
export type * from './types.ts';
