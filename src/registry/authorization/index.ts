/**
 * The authorization.k8s.io group in the server: reviews that tell who may do what. Nothing of it is stored; what they
 * answer is what the authorizer answers at that moment.
 */
export { type AccessReviewDependencies, accessReviews } from './access-reviews.ts';
export { type RuleSource, selfSubjectRulesReviews } from './rules-reviews.ts';
