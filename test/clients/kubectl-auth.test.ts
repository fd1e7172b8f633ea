/** Who may do what, and who somebody is, asked through the real kubectl. */
import assert from 'node:assert/strict';
import { createPublicKey, verify, type webcrypto } from 'node:crypto';
import { KubectlSession } from '../harness/kubectl-session.ts';
import { poll } from '../harness/poll.ts';
import { execute, type Outcome } from '../harness/server.ts';

const k = new KubectlSession(['--runtime', 'none']);

/** kubectl with a token in place of the administrator's certificate. */
function withToken(token: string, args: readonly string[]): Promise<Outcome> {
  const access = ['--server', k.server.url, '--insecure-skip-tls-verify', '--token', token];
  return execute('kubectl', ['--kubeconfig', '/dev/null', ...access, ...args]);
}

async function review(token: string, ...audiences: string[]): Promise<Record<string, unknown>> {
  const spec = { token, ...(audiences.length === 0 ? {} : { audiences }) };
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec };
  const path = '/apis/authentication.k8s.io/v1/tokenreviews';
  const answer = await k.run(['create', '--raw', path, '-f', '-'], JSON.stringify(body));
  return (JSON.parse(answer) as { status: Record<string, unknown> }).status;
}

k.test('kubectl auth can-i tells what a role allows and what none does, and --list lists it', async () => {
  assert.equal(await k.run(['auth', 'can-i', '*', '*']), 'yes\n');
  const denied = await k.server.kubectl(['auth', 'can-i', 'list', 'jobs', '--as', 'vera']);
  assert.deepEqual([denied.code, denied.stdout], [1, 'no\n']);
  assert.equal(
    await k.fails(['get', 'jobs', '--as', 'vera']),
    'Error from server (Forbidden): jobs.batch is forbidden: User "vera" cannot list resource "jobs" in API group "batch" in the namespace "default"\n',
  );
  await k.run(['create', 'rolebinding', 'vera', '--clusterrole', 'view', '--user', 'vera']);
  assert.equal(await k.run(['auth', 'can-i', 'list', 'jobs', '--as', 'vera']), 'yes\n');
  const list = await k.run(['auth', 'can-i', '--list', '--as', 'vera']);
  assert.match(list, /^jobs\.batch\s+\[\]\s+\[\]\s+\[get list watch\]$/m);
  assert.match(list, /^selfsubjectaccessreviews\.authorization\.k8s\.io\s+\[\]\s+\[\]\s+\[create\]$/m);
  assert.doesNotMatch(list, /secrets/);
});

k.test('nobody grants by a role or a binding what they do not hold', async () => {
  await k.run(['create', 'rolebinding', 'anna', '--clusterrole', 'admin', '--user', 'anna']);
  const as = ['--as', 'anna'];
  assert.equal(
    await k.fails(['create', 'role', 'spy', '--verb', 'get,list', '--resource', 'secrets,nodes', ...as]),
    'Error from server (Forbidden): roles.rbac.authorization.k8s.io "spy" is forbidden: user "anna" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["get" "list"]}\n',
  );
  assert.equal(
    await k.fails(['create', 'rolebinding', 'all', '--clusterrole', 'cluster-admin', '--user', 'bob', ...as]),
    'error: failed to create rolebinding: rolebindings.rbac.authorization.k8s.io "all" is forbidden: user "anna" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}\n',
  );
  assert.match(
    await k.fails(['create', 'rolebinding', 'gone', '--clusterrole', 'gone', '--user', 'bob', ...as]),
    /rolebindings\.rbac\.authorization\.k8s\.io "gone" not found/,
  );
  await k.run(['create', 'role', 'reader', '--verb', 'get', '--resource', 'secrets', ...as]);
  await k.run(['create', 'rolebinding', 'editor', '--clusterrole', 'edit', '--user', 'bob', ...as]);
  assert.match(
    await k.fails([
      'patch',
      'role',
      'reader',
      '--type=json',
      '-p=[{"op":"add","path":"/rules/0/resources/-","value":"endpoints/x"}]',
      ...as,
    ]),
    /attempting to grant RBAC permissions not currently held:\n\{APIGroups:\[""\], Resources:\["endpoints\/x"\], Verbs:\["get"\]\}/,
  );
});

k.test(
  'who may bind or escalate grants more, and only an administrator makes a role that gathers others',
  async () => {
    const apiGroups = ['rbac.authorization.k8s.io'];
    const rules = [
      { apiGroups, resources: ['clusterroles'], verbs: ['create', 'bind', 'escalate'] },
      { apiGroups, resources: ['clusterrolebindings'], verbs: ['create'] },
    ];
    const granter = {
      apiVersion: `${apiGroups[0]}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'granter' },
      rules,
    };
    await k.run(['create', '-f', '-'], JSON.stringify(granter));
    await k.run(['create', 'clusterrolebinding', 'granter', '--clusterrole', 'granter', '--user', 'gina']);
    const as = ['--as', 'gina'];
    await k.run(['create', 'clusterrole', 'strong', '--verb', '*', '--resource', 'jobs', ...as]);
    await k.run([
      'create',
      'clusterrolebinding',
      'strong',
      '--clusterrole',
      'strong',
      '--user',
      'bob',
      ...as,
    ]);
    await k.run(['create', 'clusterrole', 'maker', '--verb', 'create', '--resource', 'clusterroles']);
    await k.run(['create', 'clusterrolebinding', 'maker', '--clusterrole', 'maker', '--user', 'mia']);
    assert.match(
      await k.fails(['create', 'clusterrole', 'all', '--aggregation-rule', 'a=b', '--as', 'mia']),
      /"all" is forbidden: must have cluster-admin privileges to use the aggregationRule/,
    );
  },
);

k.test('a cluster role that is made of others shows their rules', async () => {
  await k.run(['create', 'clusterrole', 'sum', '--aggregation-rule', 'into=sum']);
  await k.run(['create', 'clusterrole', 'part', '--verb', 'get', '--resource', 'jobs']);
  await k.run(['label', 'clusterrole', 'part', 'into=sum']);
  await poll('the rules are gathered', async () => {
    const rules = await k.run(['get', 'clusterrole', 'sum', '-o', 'jsonpath={.rules}']);
    return rules === '[{"apiGroups":["batch"],"resources":["jobs"],"verbs":["get"]}]';
  });
  await k.run(['label', 'clusterrole', 'part', 'into-']);
  await poll('the rules are gone', async () => {
    const rules = await k.run(['get', 'clusterrole', 'sum', '-o', 'jsonpath={.rules}']);
    return rules === 'null' || rules === '[]';
  });
  const [edit, admin] = await Promise.all(
    ['edit', 'admin'].map((name) => k.run(['get', 'clusterrole', name, '-o', 'jsonpath={.rules}'])),
  );
  assert.ok((admin ?? '').startsWith((edit ?? '-').slice(0, -1)), 'admin begins with what edit allows');
});

k.test(
  'kubectl create token gives a token that says who it is for, and a review knows it again',
  async () => {
    await k.run(['create', 'serviceaccount', 'robot']);
    const token = (await k.run(['create', 'token', 'robot', '--duration', '20m'])).trim();
    assert.match((await withToken(token, ['auth', 'whoami'])).stdout, /system:serviceaccount:default:robot/);
    const { user, audiences, authenticated } = await review(token);
    assert.equal(authenticated, true);
    assert.deepEqual(audiences, ['https://kubernetes.default.svc.cluster.local']);
    assert.deepEqual((user as { groups: string[] }).groups, [
      'system:serviceaccounts',
      'system:serviceaccounts:default',
      'system:authenticated',
    ]);
    assert.deepEqual(await review('nonsense'), { user: {}, error: 'invalid bearer token' });
    assert.match(await k.fails(['create', 'token', 'nobody']), /serviceaccounts "nobody" not found/);
    assert.match(
      await k.fails(['create', 'token', 'robot', '--duration', '5m']),
      /spec\.expirationSeconds: Invalid value: 300: may not specify a duration less than 10 minutes/,
    );
  },
);

k.test(
  'others can check a token by the keys that the server shows to whom a role lets see them',
  async () => {
    const raw = async (path: string): Promise<unknown> => JSON.parse(await k.run(['get', '--raw', path]));
    const keys = '/openid/v1/jwks';
    assert.deepEqual(await raw('/.well-known/openid-configuration'), {
      issuer: 'https://kubernetes.default.svc.cluster.local',
      jwks_uri: `${k.server.url}${keys}`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    });
    const [shown] = ((await raw(keys)) as { keys: [webcrypto.JsonWebKey & { kid: string }] }).keys;
    await k.run(['create', 'serviceaccount', 'checked']);
    const token = (await k.run(['create', 'token', 'checked'])).trim();
    const [head = '', body = '', signature = ''] = token.split('.');
    assert.equal((JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid, shown.kid);
    const how = { key: createPublicKey({ key: shown, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const;
    assert.ok(verify('sha256', Buffer.from(`${head}.${body}`), how, Buffer.from(signature, 'base64url')));
    assert.match(await k.fails(['get', '--raw', keys, '--as', 'mallory']), /cannot get path "\/openid/);
    const bind = ['create', 'clusterrolebinding', 'checks', '--clusterrole'];
    await k.run([...bind, 'system:service-account-issuer-discovery', '--serviceaccount=default:checked']);
    await poll('the account may read the keys', async () => {
      return (await withToken(token, ['get', '--raw', keys])).code === 0;
    });
  },
);

k.test('a token for another audience is none of this server, and a review says for whom it is', async () => {
  await k.run(['create', 'serviceaccount', 'vault-user']);
  const token = (await k.run(['create', 'token', 'vault-user', '--audience', 'vault'])).trim();
  assert.match((await withToken(token, ['get', 'jobs'])).stderr, /You must be logged in to the server/);
  assert.deepEqual((await review(token, 'other', 'vault'))['audiences'], ['vault']);
  assert.deepEqual(await review(token), {
    user: {},
    error:
      '[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["https://kubernetes.default.svc.cluster.local"]]',
  });
});

k.test(
  'a bound token ends with the secret or the pod that it is bound to, and with its account',
  async () => {
    await k.run(['create', 'serviceaccount', 'bound']);
    await k.run(['create', 'secret', 'generic', 'anchor']);
    const pod = { serviceAccountName: 'bound', containers: [{ name: 'c', image: 'busybox' }] };
    const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'anchor' }, spec: pod };
    await k.run(['create', '-f', '-'], JSON.stringify(manifest));
    const bind = (kind: string, name: string): readonly string[] => [
      'create',
      'token',
      'bound',
      `--bound-object-kind=${kind}`,
      `--bound-object-name=${name}`,
    ];
    const bySecret = (await k.run(bind('Secret', 'anchor'))).trim();
    const byPod = (await k.run(bind('Pod', 'anchor'))).trim();
    const free = (await k.run(['create', 'token', 'bound'])).trim();
    assert.match(await k.fails(bind('Pod', 'none')), /pods "none" not found/);
    for (const token of [bySecret, byPod, free]) assert.equal((await review(token))['authenticated'], true);

    const ended = { user: {}, error: '[invalid bearer token, service account token has been invalidated]' };
    await k.run(['delete', 'secret', 'anchor']);
    assert.deepEqual(await review(bySecret), ended);
    await k.run(['delete', 'pod', 'anchor', '--force', '--grace-period=0']);
    assert.deepEqual(await review(byPod), ended);
    await k.run(['delete', 'serviceaccount', 'bound']);
    assert.equal((await review(free))['authenticated'], undefined);
  },
);

k.test('kubectl create -f asks each review, and refuses a field that it does not have', async () => {
  const resourceAttributes = { namespace: 'default', verb: 'list', resource: 'pods' };
  const authorization = { apiVersion: 'authorization.k8s.io/v1' };
  const authentication = { apiVersion: 'authentication.k8s.io/v1' };
  const subject = { user: 'nobody', resourceAttributes };
  const reviews = [
    { ...authorization, kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
    { ...authorization, kind: 'SubjectAccessReview', spec: subject },
    { ...authorization, kind: 'LocalSubjectAccessReview', metadata: { namespace: 'default' }, spec: subject },
    { ...authorization, kind: 'SelfSubjectRulesReview', spec: { namespace: 'default' } },
    { ...authentication, kind: 'TokenReview', spec: { token: 'x' } },
    { ...authentication, kind: 'SelfSubjectReview' },
  ];
  const manifest = reviews.map((review) => JSON.stringify(review)).join('\n');
  const answers = await k.run(
    ['create', '-f', '-', '-o', 'jsonpath={.kind} {.status.allowed} {.status.error};'],
    manifest,
  );
  assert.deepEqual(answers.split(';').slice(0, -1), [
    'SelfSubjectAccessReview true ',
    'SubjectAccessReview false ',
    'LocalSubjectAccessReview false ',
    'SelfSubjectRulesReview  ',
    'TokenReview  invalid bearer token',
    'SelfSubjectReview  ',
  ]);
  const wrong = { ...authorization, kind: 'SubjectAccessReview', spec: { ...subject, verb: 'list' } };
  assert.match(
    await k.fails(['create', '-f', '-'], JSON.stringify(wrong)),
    /error validating data: ValidationError\(SubjectAccessReview\.spec\): unknown field "verb"/,
  );
  // Why kubectl needs this list: it creates what it cannot patch only when it is sure that it is no custom resource.
  assert.equal((await k.server.kubectl(['get', 'crd'])).stderr, 'No resources found\n');
});

function tokenSecret(name: string, account: string, annotations: object = {}): string {
  const about = { 'kubernetes.io/service-account.name': account, ...annotations };
  const type = 'kubernetes.io/service-account-token';
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, annotations: about }, type });
}

k.test(
  'a Secret for a token is filled, its token is good until the Secret goes, and it goes with its account',
  async () => {
    const get = async (what: string, path: string) =>
      await k.run(['get', ...what.split(' '), '-o', `jsonpath={${path}}`]);
    await k.run(['create', 'serviceaccount', 'legacy']);
    await k.run(['create', '-f', '-'], tokenSecret('legacy-token-of', 'legacy'));
    await k.run(['wait', 'secret/legacy-token-of', '--for=jsonpath={.data.token}', '--timeout=30s']);
    const secret = JSON.parse(await k.run(['get', 'secret', 'legacy-token-of', '-o', 'json'])) as {
      data: Record<string, string>;
      metadata: { annotations: Record<string, string> };
    };
    const text = (key: string): string => Buffer.from(secret.data[key] ?? '', 'base64').toString();
    assert.equal(text('namespace'), 'default');
    assert.equal(text('ca.crt'), await get('cm kube-root-ca.crt', '.data.ca\\.crt'));
    const uid = await get('sa legacy', '.metadata.uid');
    assert.equal(secret.metadata.annotations['kubernetes.io/service-account.uid'], uid);

    const token = text('token');
    assert.deepEqual(await review(token), {
      authenticated: true,
      audiences: ['https://kubernetes.default.svc.cluster.local'],
      user: {
        username: 'system:serviceaccount:default:legacy',
        uid,
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      },
    });
    const whoami = await withToken(token, ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}']);
    assert.equal(whoami.stdout, 'system:serviceaccount:default:legacy');
    await k.run([
      'wait',
      'secret/legacy-token-of',
      '--timeout=30s',
      '--for=jsonpath={.metadata.labels.kubernetes\\.io/legacy-token-last-used}',
    ]);
    await k.run([
      'label',
      'secret',
      'legacy-token-of',
      'kubernetes.io/legacy-token-invalid-since=2026-01-01',
    ]);
    assert.match(
      String((await review(token))['error']),
      /has been marked invalid\. Use tokens from the TokenRequest/,
    );

    await k.run(['patch', 'sa', 'legacy', '-p', '{"secrets":[{"name":"legacy-token-of"},{"name":"other"}]}']);
    await k.run(['delete', 'secret', 'legacy-token-of']);
    await k.run(['wait', 'sa/legacy', '--for=jsonpath={.secrets[*].name}=other', '--timeout=30s']);
    assert.equal((await review(token))['authenticated'], undefined);
    assert.match((await withToken(token, ['get', 'pods'])).stderr, /Unauthorized|logged in/);

    await k.run(['create', '-f', '-'], tokenSecret('second', 'legacy'));
    await k.run(['wait', 'secret/second', '--for=jsonpath={.data.token}', '--timeout=30s']);
    await k.run(['delete', 'sa', 'legacy']);
    await k.run(['wait', 'secret/second', '--for=delete', '--timeout=30s']);
    // Of an account that is not there, and of an earlier one of the same name.
    await k.run(['create', '-f', '-'], tokenSecret('lost', 'nobody'));
    const earlier = { 'kubernetes.io/service-account.uid': uid };
    await k.run(['create', '-f', '-'], tokenSecret('old', 'default', earlier));
    await k.run(['wait', 'secret/lost', 'secret/old', '--for=delete', '--timeout=30s']);
  },
);
