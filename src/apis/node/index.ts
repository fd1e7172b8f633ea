/**
 * The node.k8s.io group: runtime classes, which name a way of running containers.
 *
 * Holds types and rules. What a handler is, the node agent's runtime knows.
 */
export { validateRuntimeClass, validateRuntimeClassChange } from './runtime-class.ts';
export type * from './types.ts';
