import { validatePathSegmentName } from '../../apimachinery/validation/index.ts';
import {
  applyBindingDefaults,
  type ClusterRoleBinding,
  RBAC_GROUP,
  type RoleBinding,
  validateClusterRoleBinding,
  validateRoleBinding,
  validateRoleRefChange,
} from '../../apis/rbac/index.ts';
import type { ResourceDefinition, TableColumn } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';

type AnyBinding = RoleBinding | ClusterRoleBinding;

const columns: readonly TableColumn<AnyBinding>[] = [
  nameColumn,
  text('Role', 'The role that is granted.', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  subjectColumn('Users', 'User'),
  subjectColumn('Groups', 'Group'),
  subjectColumn('ServiceAccounts', 'ServiceAccount'),
];

function subjectColumn(name: string, kind: string): TableColumn<AnyBinding> {
  return text(
    name,
    `${name} that the role is granted to.`,
    ({ subjects = [] }) =>
      subjects
        .filter((subject) => subject.kind === kind)
        .map((subject) =>
          kind === 'ServiceAccount' ? `${subject.namespace ?? ''}/${subject.name}` : subject.name,
        )
        .join(', '),
    1,
  );
}

/** `rolebindings` of rbac.authorization.k8s.io/v1. */
export const roleBindings: ResourceDefinition<RoleBinding> = {
  group: RBAC_GROUP,
  version: 'v1',
  resource: 'rolebindings',
  singular: 'rolebinding',
  kind: 'RoleBinding',
  namespaced: true,
  schema: 'io.k8s.api.rbac.v1.RoleBinding',
  strategy: {
    applyDefaults: applyBindingDefaults,
    prepareForCreate: () => {},
    validateCreate: (binding) => validateRoleBinding(binding),
    prepareForUpdate: () => {},
    validateUpdate: (binding, old, _context, { object, change }) => [
      ...object,
      ...validateRoleBinding(binding),
      ...change,
      ...validateRoleRefChange(binding.roleRef, old.roleRef),
    ],
    allowCreateOnUpdate: true,
    // Also of a name that is to be made: upstream makes no difference here.
    validateName: (name) => validatePathSegmentName(name),
  },
  columns,
};

/** `clusterrolebindings` of rbac.authorization.k8s.io/v1. */
export const clusterRoleBindings: ResourceDefinition<ClusterRoleBinding> = {
  group: RBAC_GROUP,
  version: 'v1',
  resource: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  kind: 'ClusterRoleBinding',
  namespaced: false,
  schema: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
  strategy: {
    applyDefaults: applyBindingDefaults,
    prepareForCreate: () => {},
    validateCreate: (binding) => validateClusterRoleBinding(binding),
    prepareForUpdate: () => {},
    validateUpdate: (binding, old, _context, { object, change }) => [
      ...object,
      ...validateClusterRoleBinding(binding),
      ...change,
      ...validateRoleRefChange(binding.roleRef, old.roleRef),
    ],
    allowCreateOnUpdate: true,
    // Also of a name that is to be made: upstream makes no difference here.
    validateName: (name) => validatePathSegmentName(name),
  },
  columns,
};
