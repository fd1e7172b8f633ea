/**
 * Fills the rules of cluster roles that are made of others. Upstream: pkg/controller/clusterroleaggregation.
 *
 * What it is: a component that gives each ClusterRole with an `aggregationRule` the rules of the roles which its selectors
 * choose, by the names of those roles, each rule once.
 *
 * What it guarantees: `rules` shows what the role allows. It writes by apply as `clusterrole-aggregation-controller`, so
 * that nobody's labels or annotations are touched.
 *
 * What it does not do: it decides nothing. The authorizer follows the selectors itself, so that a role allows what it is
 * made of before this has written it down.
 */
export { newClusterRoleAggregationController } from './clusterrole-aggregation-controller.ts';
