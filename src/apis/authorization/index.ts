/** The authorization.k8s.io group: types and rules of the reviews that ask who may do what. */
export {
  validateLocalSubjectAccessReview,
  validateSelfSubjectAccessReview,
  validateSubjectAccessReview,
} from './access-review.ts';
export { selectorFaults } from './selector-faults.ts';
export type * from './types.ts';
