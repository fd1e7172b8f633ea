/**
 * The rbac.authorization.k8s.io group: roles, bindings, what they allow, and those that exist from the start.
 *
 * Pure: who is bound to what at the moment is looked up by the authorizer in `registry`.
 */
export { describeRules, uncovered } from './coverage.ts';
export {
  defaultClusterRoleBindings,
  defaultClusterRoles,
  defaultRoleBindings,
  defaultRoles,
  nodeRules,
  RBAC_GROUP,
} from './default-policy.ts';
export { bindingRepair, type Repair, roleRepair } from './reconciliation.ts';
export { allowsPath, allowsResource, type ResourceAccess } from './rule-matching.ts';
export type * from './types.ts';
export {
  applyBindingDefaults,
  validateClusterRole,
  validateClusterRoleBinding,
  validateRole,
  validateRoleBinding,
  validateRoleRefChange,
} from './validation.ts';
