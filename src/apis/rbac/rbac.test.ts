import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultClusterRoles } from './default-policy.ts';
import { allowsPath, allowsResource, applyBindingDefaults, type RoleBinding } from './index.ts';
import {
  validateClusterRole,
  validateRole,
  validateRoleBinding,
  validateRoleRefChange,
} from './validation.ts';

const meta = { name: 'r', namespace: 'n', uid: '', resourceVersion: '', creationTimestamp: '' };
const type = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: meta };

test('a rule needs verbs, and groups and resources or paths, but not both', () => {
  const rules = [{ verbs: [] }, { verbs: ['get'], nonResourceURLs: ['/x'], resources: ['pods'] }];
  assert.deepEqual(
    validateRole({ ...type, kind: 'Role', rules }).map((error) => error.toString()),
    [
      'rules[0].verbs: Required value: verbs must contain at least one value',
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[0].resources: Required value: resource rules must supply at least one resource',
      'rules[1].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
      'rules[1].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
  );
  const aggregated = { ...type, kind: 'ClusterRole', aggregationRule: { clusterRoleSelectors: [] } };
  assert.deepEqual(
    validateClusterRole(aggregated).map((error) => error.field),
    ['aggregationRule.clusterRoleSelectors'],
  );
});

test('subjects get their group, and wrong ones are refused', () => {
  const binding: RoleBinding = {
    ...type,
    kind: 'RoleBinding',
    roleRef: { kind: 'Role', name: 'a' },
    subjects: [
      { kind: 'User', name: 'bob' },
      { kind: 'ServiceAccount', name: 'robot' },
    ],
  };
  applyBindingDefaults(binding);
  assert.equal(binding.roleRef.apiGroup, 'rbac.authorization.k8s.io');
  assert.deepEqual(validateRoleBinding(binding), []);
  const wrong = { ...binding, roleRef: { kind: 'X', name: '' }, subjects: [{ kind: 'Robot', name: '' }] };
  assert.deepEqual(
    validateRoleBinding(wrong).map((error) => error.field),
    ['roleRef.apiGroup', 'roleRef.kind', 'roleRef.name', 'subjects[0].name', 'subjects[0].kind'],
  );
  assert.deepEqual(validateRoleRefChange(binding.roleRef, binding.roleRef), []);
  assert.equal(validateRoleRefChange({ kind: 'Role', name: 'b' }, binding.roleRef).length, 1);
});

test('rules match verbs, groups, subresources, names and paths', () => {
  const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods', '*/status'], resourceNames: ['a'] };
  const may = (resource: string, subresource: string | undefined, name: string): boolean =>
    allowsResource(rule, {
      verb: 'get',
      group: '',
      resource,
      name,
      ...(subresource === undefined ? {} : { subresource }),
    });
  assert.equal(may('pods', undefined, 'a'), true);
  assert.equal(may('pods', undefined, 'b'), false);
  assert.equal(may('pods', 'log', 'a'), false);
  assert.equal(may('jobs', 'status', 'a'), true);
  const paths = { verbs: ['get'], nonResourceURLs: ['/apis/*', '/version'] };
  assert.equal(allowsPath(paths, 'get', '/apis/batch'), true);
  assert.equal(allowsPath(paths, 'get', '/version/x'), false);
  assert.equal(allowsPath(paths, 'post', '/version'), false);
});

test('each default role is valid, and admin holds what edit and view hold', () => {
  const roles = new Map(defaultClusterRoles().map((role) => [role.metadata.name, role]));
  for (const role of roles.values()) {
    assert.deepEqual(validateClusterRole({ ...type, ...role, metadata: meta, kind: 'ClusterRole' }), []);
  }
  const rules = (name: string): string[] =>
    (roles.get(name)?.rules ?? []).map((rule) => JSON.stringify(rule));
  for (const name of ['view', 'edit']) {
    for (const rule of rules(name)) assert.ok(rules('admin').includes(rule));
  }
});
