/**
 * The authentication.k8s.io group in the server: reviews that tell who somebody is, of which nothing is
 * stored, and the tokens with which machines join.
 */
export { bootstrapTokens } from './bootstrap-tokens.ts';
export { selfSubjectReviews } from './self-subject-reviews.ts';
export { tokenReviews } from './token-reviews.ts';
