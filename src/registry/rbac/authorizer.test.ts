import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { UserInfo } from '../../apimachinery/api-request.ts';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import { defaultClusterRoleBindings, defaultClusterRoles } from '../../apis/rbac/index.ts';
import type { Attributes } from '../../apiserver/auth/authorizer.ts';
import { openMemoryStorage, type Storage } from '../../storage/index.ts';
import { RbacAuthorizer } from './authorizer.ts';

const GROUP = '/rbac.authorization.k8s.io';
const RBAC = { apiGroup: 'rbac.authorization.k8s.io' };
const user = (username: string, ...groups: string[]): UserInfo => ({ username, groups });

function access(
  who: UserInfo,
  verb: string,
  resource: string,
  namespace?: string,
  group = 'batch',
): Attributes {
  const place = namespace === undefined ? {} : { namespace };
  return { kind: 'resource', user: who, verb, group, version: 'v1', resource, ...place };
}

async function put(storage: Storage, path: string, object: object): Promise<void> {
  await storage.create(`${GROUP}/${path}`, object as ApiObject);
  // The authorizer hears of it by its watch, on a later turn.
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}

function binding(
  kind: string,
  name: string,
  roleRef: object,
  subjects: object[],
  namespace?: string,
): object {
  const place = namespace === undefined ? {} : { namespace };
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, ...place },
    roleRef,
    subjects,
  };
}

async function world(): Promise<{
  storage: Storage;
  authorizer: RbacAuthorizer;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const storage = openMemoryStorage({ frozen: true });
  for (const role of defaultClusterRoles()) await put(storage, `clusterroles/${role.metadata.name}`, role);
  for (const each of defaultClusterRoleBindings()) {
    await put(storage, `clusterrolebindings/${each.metadata.name}`, each);
  }
  const authorizer = await RbacAuthorizer.open(storage, () => {});
  return {
    storage,
    authorizer,
    async [Symbol.asyncDispose]() {
      authorizer.close();
      await storage.close();
    },
  };
}

test('nobody may do what no rule allows, and masters may do anything', async () => {
  await using made = await world();
  const { authorizer } = made;
  assert.deepEqual(authorizer.authorize(access(user('bob'), 'list', 'jobs', 'n')), { allowed: false });
  assert.equal(authorizer.authorize(access(user('root', 'system:masters'), 'delete', 'nodes')).allowed, true);
});

test('everybody may see the version, and those who are known the discovery', async () => {
  await using made = await world();
  const may = (who: UserInfo, path: string): boolean =>
    made.authorizer.authorize({ kind: 'path', user: who, verb: 'get', path }).allowed;
  const anonymous = user('system:anonymous', 'system:unauthenticated');
  const known = user('bob', 'system:authenticated');
  assert.equal(may(anonymous, '/version'), true);
  assert.equal(may(anonymous, '/apis/batch/v1'), false);
  assert.equal(may(known, '/apis/batch/v1'), true);
  assert.equal(may(known, '/metrics'), false);
});

test('a role bound in a namespace holds there, and its removal takes effect', async () => {
  await using made = await world();
  const { storage, authorizer } = made;
  const view = { ...RBAC, kind: 'ClusterRole', name: 'view' };
  const subjects = [{ ...RBAC, kind: 'User', name: 'bob' }];
  await put(storage, 'rolebindings/n/b', binding('RoleBinding', 'b', view, subjects, 'n'));
  assert.deepEqual(authorizer.authorize(access(user('bob'), 'list', 'jobs', 'n')), {
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "b/n" of ClusterRole "view" to User "bob"',
  });
  assert.equal(authorizer.authorize(access(user('bob'), 'list', 'jobs', 'other')).allowed, false);
  assert.equal(authorizer.authorize(access(user('bob'), 'list', 'secrets', 'n', '')).allowed, false);
  assert.equal(authorizer.authorize(access(user('bob'), 'create', 'jobs', 'n')).allowed, false);
  assert.ok(authorizer.rulesFor(user('bob'), 'n').rules.length > 5);

  const stored = await storage.get(`${GROUP}/rolebindings/n/b`);
  await storage.delete(`${GROUP}/rolebindings/n/b`, stored?.revision ?? 0);
  for (let turn = 0; turn < 5; turn++) await setImmediate();
  assert.equal(authorizer.authorize(access(user('bob'), 'list', 'jobs', 'n')).allowed, false);
});

test('a service account in a binding is of the binding’s namespace unless it names another', async () => {
  await using made = await world();
  const edit = { ...RBAC, kind: 'ClusterRole', name: 'edit' };
  const subjects = [{ kind: 'ServiceAccount', name: 'robot' }];
  await put(made.storage, 'rolebindings/n/b', binding('RoleBinding', 'b', edit, subjects, 'n'));
  const may = (namespace: string): boolean =>
    made.authorizer.authorize(access(user(`system:serviceaccount:${namespace}:robot`), 'create', 'jobs', 'n'))
      .allowed;
  assert.equal(may('n'), true);
  assert.equal(may('m'), false);
});

test('a binding of a role that is not there is told as the reason of a refusal', async () => {
  await using made = await world();
  const missing = { ...RBAC, kind: 'Role', name: 'gone' };
  const subjects = [{ ...RBAC, kind: 'Group', name: 'dev' }];
  await put(made.storage, 'rolebindings/n/b', binding('RoleBinding', 'b', missing, subjects, 'n'));
  assert.deepEqual(made.authorizer.authorize(access(user('bob', 'dev'), 'list', 'jobs', 'n')), {
    allowed: false,
    reason: 'RBAC: role.rbac.authorization.k8s.io "gone" not found',
  });
});

test('a role with the label of an aggregated one becomes part of it at once', async () => {
  await using made = await world();
  const subjects = [{ ...RBAC, kind: 'User', name: 'bob' }];
  const admin = { ...RBAC, kind: 'ClusterRole', name: 'admin' };
  await put(made.storage, 'rolebindings/n/b', binding('RoleBinding', 'b', admin, subjects, 'n'));
  const asked = access(user('bob'), 'get', 'widgets', 'n', 'example.com');
  assert.equal(made.authorizer.authorize(asked).allowed, false);
  await put(made.storage, 'clusterroles/widgets', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'widgets', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
    rules: [{ apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] }],
  });
  assert.equal(made.authorizer.authorize(asked).allowed, true);
});
