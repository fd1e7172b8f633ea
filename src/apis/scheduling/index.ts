/**
 * The scheduling.k8s.io group: priority classes.
 *
 * Holds types, defaults and rules. What a priority does is the scheduler's.
 */
export {
  applyPriorityClassDefaults,
  systemPriorityClasses,
  validatePriorityClass,
  validatePriorityClassUpdate,
} from './priority-class.ts';
export type * from './types.ts';
