import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusError } from '../../apimachinery/status-error.ts';
import type { Attributes, Authorizer } from './authorizer.ts';
import { actingUser, type Impersonated } from './impersonation.ts';

const CALLER = { username: 'robot', groups: ['system:authenticated'] };
const ASKED: Attributes = {
  kind: 'resource',
  user: CALLER,
  verb: 'list',
  group: 'batch',
  version: 'v1',
  resource: 'jobs',
  namespace: 'n',
};

/** Allows what stands in the list as `VERB GROUP/RESOURCE/NAME`, and keeps what was asked. */
class Rules implements Authorizer {
  readonly asked: string[] = [];
  readonly #allowed: ReadonlySet<string>;

  constructor(...allowed: readonly string[]) {
    this.#allowed = new Set(allowed);
  }

  authorize(attributes: Attributes): { readonly allowed: boolean } {
    assert.equal(attributes.kind, 'resource');
    const {
      verb,
      group,
      resource,
      subresource = '',
      name = '',
    } = attributes as Attributes & {
      kind: 'resource';
    };
    const text = `${verb} ${group}/${resource}${subresource && `/${subresource}`}/${name}`;
    this.asked.push(text);
    return { allowed: this.#allowed.has(text) };
  }
}

function acting(rules: Rules, headers: readonly string[], caller = CALLER): Promise<Impersonated> {
  return actingUser(caller, headers, () => ({ ...ASKED, user: caller }), rules);
}

const message = (told: string) => (error: StatusError) => {
  assert.equal(error.message, told);
  return true;
};

test('without headers the caller acts, and nobody is asked', async () => {
  const rules = new Rules();
  assert.deepEqual(await acting(rules, ['Accept', '*/*']), { user: CALLER });
  assert.deepEqual(rules.asked, []);
});

test('groups, uid or extra without a name are refused as Go prints them', async () => {
  const headers = ['Impersonate-Group', 'a,b', 'Impersonate-Group', 'c', 'Impersonate-Extra-Scopes', 'v'];
  await assert.rejects(
    acting(new Rules(), headers),
    message(
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a,b", "c"}, Extra:map[string][]string{"scopes":[]string{"v"}}} without impersonating a user name',
    ),
  );
});

test('the refusal that is told is the one of constrained impersonation', async () => {
  await assert.rejects(
    acting(new Rules(), ['Impersonate-User', 'bob']),
    message(
      'jobs.batch is forbidden: User "robot" cannot impersonate-on:user-info:list resource "jobs" in API group "batch" in the namespace "n"',
    ),
  );
  await assert.rejects(
    acting(new Rules('impersonate-on:user-info:list batch/jobs/'), ['Impersonate-User', 'bob']),
    message(
      'users.authentication.k8s.io "bob" is forbidden: User "robot" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
    ),
  );
});

test('both rights together allow another user, and the right is told', async () => {
  const rules = new Rules(
    'impersonate-on:user-info:list batch/jobs/',
    'impersonate:user-info authentication.k8s.io/users/bob',
    'impersonate:user-info authentication.k8s.io/groups/dev',
    'impersonate:user-info authentication.k8s.io/userextras/acme.io/team/red',
  );
  const headers = ['Impersonate-User', 'bob', 'Impersonate-Group', 'dev'];
  headers.push('Impersonate-Extra-Acme.Io%2fTeam', 'red');
  assert.deepEqual(await acting(rules, headers), {
    user: {
      username: 'bob',
      groups: ['dev', 'system:authenticated'],
      extra: { 'acme.io/team': ['red'] },
    },
    constraint: 'impersonate:user-info',
  });
});

test('the old right allows it still, without a constraint, and masters by it alone', async () => {
  const headers = ['Impersonate-User', 'bob', 'Impersonate-Group', 'system:masters'];
  const constrained = [
    'impersonate-on:user-info:list batch/jobs/',
    'impersonate:user-info authentication.k8s.io/users/bob',
    'impersonate:user-info authentication.k8s.io/groups/system:masters',
  ];
  await assert.rejects(
    acting(new Rules(...constrained), headers),
    message(
      'groups.authentication.k8s.io "system:masters" is forbidden: User "robot" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed',
    ),
  );
  const old = new Rules(...constrained, 'impersonate /users/bob', 'impersonate /groups/system:masters');
  assert.deepEqual(await acting(old, headers), {
    user: { username: 'bob', groups: ['system:masters', 'system:authenticated'] },
  });
});

test('a node is a node with its group by the constrained right, and a plain name by the old one', async () => {
  const headers = ['Impersonate-User', 'system:node:one'];
  const constrained = new Rules(
    'impersonate-on:arbitrary-node:list batch/jobs/',
    'impersonate:arbitrary-node authentication.k8s.io/nodes/one',
  );
  assert.deepEqual(await acting(constrained, headers), {
    user: { username: 'system:node:one', groups: ['system:nodes', 'system:authenticated'] },
    constraint: 'impersonate:arbitrary-node',
  });
  assert.deepEqual(await acting(new Rules('impersonate /users/system:node:one'), headers), {
    user: { username: 'system:node:one', groups: ['system:authenticated'] },
  });
});

test('an account of a pod may be let act as the node of its pod alone', async () => {
  const rules = new Rules(
    'impersonate-on:associated-node:list batch/jobs/',
    'impersonate:associated-node authentication.k8s.io/nodes/*',
  );
  const agent = {
    username: 'system:serviceaccount:n:agent',
    groups: [],
    extra: { 'authentication.kubernetes.io/node-name': ['one'] },
  };
  const { user } = await acting(rules, ['Impersonate-User', 'system:node:one'], agent);
  assert.deepEqual(user.groups, ['system:nodes', 'system:authenticated']);
  await assert.rejects(acting(rules, ['Impersonate-User', 'system:node:two'], agent));
});

test('an account brings its groups', async () => {
  const rules = new Rules(
    'impersonate-on:serviceaccount:list batch/jobs/',
    'impersonate:serviceaccount authentication.k8s.io/serviceaccounts/a',
  );
  const { user } = await acting(rules, ['Impersonate-User', 'system:serviceaccount:n:a']);
  assert.deepEqual(user.groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:n',
    'system:authenticated',
  ]);
});

test('many groups are asked about at once first', async () => {
  const rules = new Rules(
    'impersonate-on:user-info:list batch/jobs/',
    'impersonate:user-info authentication.k8s.io/users/bob',
    'impersonate:user-info authentication.k8s.io/groups/*',
  );
  const groups = ['a', 'b', 'c', 'd'].flatMap((name) => ['Impersonate-Group', name]);
  await acting(rules, ['Impersonate-User', 'bob', ...groups]);
  assert.equal(rules.asked.length, 3);
});
