/** The scheduling.k8s.io group in the server: priority classes. */
export { priorityClasses } from './priority-classes.ts';
