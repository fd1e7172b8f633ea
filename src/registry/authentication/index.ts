/**
 * The authentication.k8s.io group in the server: reviews that tell who somebody is. Nothing of it is stored.
 */
export { selfSubjectReviews } from './self-subject-reviews.ts';
export { tokenReviews } from './token-reviews.ts';
