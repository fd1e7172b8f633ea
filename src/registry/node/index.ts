/** The node.k8s.io group in the server: runtime classes. */
export { runtimeClasses } from './runtime-classes.ts';
