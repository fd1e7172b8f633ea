/**
 * The rbac.authorization.k8s.io group in the server: roles, bindings, and the authorizer that decides by them.
 *
 * The authorizer follows the store and decides from memory. Roles that are made of others (`aggregationRule`) allow what
 * those allow from the moment they are stored.
 */
export { RbacAuthorizer } from './authorizer.ts';
export { clusterRoleBindings, roleBindings } from './bindings.ts';
export { escalationCheck } from './escalation.ts';
export { clusterRoles, roles } from './roles.ts';
