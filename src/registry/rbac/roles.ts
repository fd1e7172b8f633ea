import { validatePathSegmentName } from '../../apimachinery/validation/index.ts';
import {
  type ClusterRole,
  RBAC_GROUP,
  type Role,
  validateClusterRole,
  validateRole,
} from '../../apis/rbac/index.ts';
import type { ResourceDefinition, TableColumn } from '../../apiserver/resource.ts';
import { nameColumn, text } from '../table/index.ts';

/** When a role was made, as its table shows it: a time, not an age. */
const createdAt: TableColumn<Role | ClusterRole> = {
  ...text('Created At', 'When the object was created.', (role) => role.metadata.creationTimestamp),
  type: 'date',
};

/** `roles` of rbac.authorization.k8s.io/v1. */
export const roles: ResourceDefinition<Role> = {
  group: RBAC_GROUP,
  version: 'v1',
  resource: 'roles',
  singular: 'role',
  kind: 'Role',
  namespaced: true,
  schema: 'io.k8s.api.rbac.v1.Role',
  strategy: {
    applyDefaults() {},
    prepareForCreate: () => {},
    validateCreate: (role) => validateRole(role),
    prepareForUpdate: () => {},
    validateUpdate: (role, _old, _context, { object, change }) => [
      ...object,
      ...validateRole(role),
      ...change,
    ],
    allowCreateOnUpdate: true,
    // Also of a name that is to be made: upstream makes no difference here.
    validateName: (name) => validatePathSegmentName(name),
  },
  columns: [nameColumn, createdAt],
  plainTable: true,
};

/** `clusterroles` of rbac.authorization.k8s.io/v1. */
export const clusterRoles: ResourceDefinition<ClusterRole> = {
  group: RBAC_GROUP,
  version: 'v1',
  resource: 'clusterroles',
  singular: 'clusterrole',
  kind: 'ClusterRole',
  namespaced: false,
  schema: 'io.k8s.api.rbac.v1.ClusterRole',
  strategy: {
    applyDefaults() {},
    prepareForCreate: () => {},
    validateCreate: (role) => validateClusterRole(role),
    prepareForUpdate: () => {},
    validateUpdate: (role, _old, _context, { object, change }) => [
      ...object,
      ...validateClusterRole(role),
      ...change,
    ],
    allowCreateOnUpdate: true,
    // Also of a name that is to be made: upstream makes no difference here.
    validateName: (name) => validatePathSegmentName(name),
  },
  columns: [nameColumn, createdAt],
  plainTable: true,
};
