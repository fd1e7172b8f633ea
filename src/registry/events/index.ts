/** The events.k8s.io group in the server: a second view of the core group's events. */
export { newEvents } from './events.ts';
