/** Defaults and rules of roles and bindings. */
import { type FieldError, invalid, required, unsupported } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  validateDns1123Subdomain,
  validateLabelSelector,
  validatePathSegmentName,
} from '../../apimachinery/validation/index.ts';
import { RBAC_GROUP } from './default-policy.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from './types.ts';

/** Fills in the group that subjects and role references leave out. */
export function applyBindingDefaults(binding: RoleBinding | ClusterRoleBinding): void {
  binding.roleRef ??= { kind: '', name: '' };
  binding.roleRef.apiGroup ||= RBAC_GROUP;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP;
  }
}

/** Checks a role of a namespace. */
export function validateRole(role: DeepReadonly<Role>): FieldError[] {
  return validateRules(role.rules ?? [], true);
}

/** Checks a cluster role. */
export function validateClusterRole(role: DeepReadonly<ClusterRole>): FieldError[] {
  const errors = validateRules(role.rules ?? [], false);
  if (role.aggregationRule === undefined) return errors;
  const path = 'aggregationRule.clusterRoleSelectors';
  const selectors = role.aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    errors.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  }
  for (const [at, selector] of selectors.entries()) {
    const wrong = validateLabelSelector(selector, `${path}[${at}]`);
    errors.push(...wrong);
    // Upstream also tries to make a selector of it, and shows the nothing that it got.
    if (wrong.length > 0) errors.push(invalid(`${path}[${at}]`, null, 'invalid label selector.'));
  }
  return errors;
}

function validateRules(rules: DeepReadonly<PolicyRule[]>, namespaced: boolean): FieldError[] {
  return rules.flatMap((rule, at) => validatePolicyRule(rule, namespaced, `rules[${at}]`));
}

function validatePolicyRule(rule: DeepReadonly<PolicyRule>, namespaced: boolean, path: string): FieldError[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const verbs = rule.verbs ?? [];
  const errors: FieldError[] = [];
  if (verbs.length === 0) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs.length > 0) {
    const refuse = (why: string): void =>
      void errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, why));
    if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs');
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      refuse('rules cannot apply to both regular resources and non-resource URLs');
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}

/** Checks a binding in a namespace. */
export function validateRoleBinding(binding: DeepReadonly<RoleBinding>): FieldError[] {
  return validateBinding(binding, true);
}

/** Checks a cluster role binding. */
export function validateClusterRoleBinding(binding: DeepReadonly<ClusterRoleBinding>): FieldError[] {
  return validateBinding(binding, false);
}

/** A binding keeps the role it was made for: who may bind was decided for that one. */
export function validateRoleRefChange(now: DeepReadonly<RoleRef>, old: DeepReadonly<RoleRef>): FieldError[] {
  if (now.apiGroup === old.apiGroup && now.kind === old.kind && now.name === old.name) return [];
  const shown = { APIGroup: now.apiGroup ?? '', Kind: now.kind, Name: now.name };
  return [invalid('roleRef', shown, 'cannot change roleRef')];
}

function validateBinding(
  { roleRef, subjects = [] }: DeepReadonly<RoleBinding | ClusterRoleBinding>,
  namespaced: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (roleRef.apiGroup !== RBAC_GROUP)
    errors.push(unsupported('roleRef.apiGroup', roleRef.apiGroup, [RBAC_GROUP]));
  if (!kinds.includes(roleRef.kind)) errors.push(unsupported('roleRef.kind', roleRef.kind ?? '', kinds));
  if (!roleRef.name) errors.push(required('roleRef.name', ''));
  else
    for (const why of validatePathSegmentName(roleRef.name))
      errors.push(invalid('roleRef.name', roleRef.name, why));
  return [
    ...errors,
    ...subjects.flatMap((subject, at) => validateSubject(subject, namespaced, `subjects[${at}]`)),
  ];
}

function validateSubject(subject: DeepReadonly<Subject>, namespaced: boolean, path: string): FieldError[] {
  const { kind, apiGroup = '', namespace = '' } = subject;
  const name = subject.name ?? '';
  const errors: FieldError[] = [];
  if (name === '') errors.push(required(`${path}.name`, ''));
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') {
        for (const why of validateDns1123Subdomain(name)) errors.push(invalid(`${path}.name`, name, why));
      }
      if (apiGroup !== '') errors.push(unsupported(`${path}.apiGroup`, apiGroup, ['']));
      if (!namespaced && namespace === '') errors.push(required(`${path}.namespace`, ''));
      break;
    case 'User':
    case 'Group':
      if (apiGroup !== RBAC_GROUP) errors.push(unsupported(`${path}.apiGroup`, apiGroup, [RBAC_GROUP]));
      break;
    default:
      errors.push(unsupported(`${path}.kind`, kind ?? '', ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}
