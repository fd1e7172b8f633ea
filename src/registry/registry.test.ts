import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest, PatchType, Transport, UserInfo } from '../apimachinery/api-request.ts';
import { systemClock } from '../apimachinery/clock.ts';
import { seededRandom } from '../apimachinery/random.ts';
import { StatusError } from '../apimachinery/status-error.ts';
import { schemas } from '../apis/openapi/index.ts';
import { ApiServer } from '../apiserver/index.ts';
import { openMemoryStorage } from '../storage/index.ts';
import {
  admission,
  allResources,
  allVirtualResources,
  ensureInitialObjects,
  FORMER_TYPES,
  generateTokenKey,
  RbacAuthorizer,
  TokenIssuer,
  TokenKey,
} from './index.ts';

const ADMIN: UserInfo = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };
const BOB: UserInfo = { username: 'bob', groups: ['dev', 'system:authenticated'] };

interface World {
  readonly admin: Transport;
  as(user: UserInfo): Transport;
  [Symbol.asyncDispose](): Promise<void>;
}

async function serve(): Promise<World> {
  const storage = openMemoryStorage({ frozen: true });
  const authorizer = await RbacAuthorizer.open(storage, () => {});
  const random = seededRandom(1);
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const logs = { open: () => assert.fail('no logs here') };
  const known = { authenticate: (token: string) => (token === 'bobs' ? BOB : undefined) };
  const key = new TokenKey(generateTokenKey());
  const tokens = new TokenIssuer({ key, clock: systemClock, random, issuer: 'server' });
  const dependencies = {
    clock: systemClock,
    random,
    logs,
    authorizer,
    tokens,
    tokenAuthenticators: [known],
  };
  const server = new ApiServer({
    storage,
    schemas,
    resources: allResources(dependencies),
    virtualResources: allVirtualResources(dependencies),
    formerTypes: FORMER_TYPES,
    admission: admission(dependencies),
    authorizer,
    clock: systemClock,
    random,
    log,
  });
  await ensureInitialObjects(server.transport(ADMIN));
  return {
    admin: server.transport(ADMIN),
    as: (user) => server.transport(user),
    async [Symbol.asyncDispose]() {
      authorizer.close();
      await storage.close();
    },
  };
}

interface Answer {
  readonly code: number;
  readonly [field: string]: unknown;
}

/** The object or Status that a request brings. */
async function ask(transport: Transport, request: Partial<ApiRequest>): Promise<Answer> {
  try {
    const answer = await transport.send({
      verb: 'get',
      group: '',
      version: 'v1',
      resource: 'pods',
      ...request,
    });
    assert.ok(answer.kind === 'object');
    return { ...(answer.object as object), code: answer.code };
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return { ...error.status };
  }
}

const RBAC = { group: 'rbac.authorization.k8s.io' };
const PROTECTED = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };

test('default roles and bindings come back at a start, what was added to them stays, and protected ones are left alone', async () => {
  await using world = await serve();
  const at = (resource: string, name: string): Partial<ApiRequest> => ({ ...RBAC, resource, name });
  const change = (resource: string, name: string, patch: object): Promise<Answer> =>
    ask(world.admin, {
      ...at(resource, name),
      verb: 'patch',
      patchType: 'application/merge-patch+json',
      body: patch,
    });
  const mine = [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }];
  const job = 'system:controller:job-controller';
  const untouched = await ask(world.admin, at('clusterroles', 'system:controller:cronjob-controller'));
  const aggregated = await ask(world.admin, at('clusterroles', 'view'));
  const bob = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' };
  await change('clusterroles', job, { rules: mine, metadata: { labels: null } });
  await change('clusterroles', 'system:kube-dns', { rules: [], metadata: { annotations: PROTECTED } });
  await change('clusterroles', 'view', { rules: mine, aggregationRule: null });
  await change('clusterrolebindings', job, { subjects: [bob] });
  const elsewhere = { ...RBAC, resource: 'clusterrolebindings' };
  const other = 'system:controller:ttl-controller';
  const recreated = await ask(world.admin, { ...elsewhere, name: other, verb: 'delete' });
  assert.equal(recreated.code, 200);
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  const wrong = { metadata: { name: other }, roleRef };
  assert.equal((await ask(world.admin, { ...elsewhere, verb: 'create', body: wrong })).code, 201);
  await ask(world.admin, {
    ...RBAC,
    resource: 'roles',
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    verb: 'delete',
  });
  await ensureInitialObjects(world.admin);
  const role = await ask(world.admin, at('clusterroles', job));
  const rules = role['rules'] as readonly object[];
  assert.deepEqual(rules[0], mine[0]);
  // Each missing permission comes as a rule of its own, as upstream adds it.
  assert.ok(rules.some((rule) => JSON.stringify(rule).includes('jobs/finalizers')));
  assert.deepEqual((role['metadata'] as { labels: object }).labels, {
    'kubernetes.io/bootstrapping': 'rbac-defaults',
  });
  assert.deepEqual((await ask(world.admin, at('clusterroles', 'system:kube-dns')))['rules'] ?? [], []);
  const view = await ask(world.admin, at('clusterroles', 'view'));
  assert.deepEqual(view['aggregationRule'], aggregated['aggregationRule']);
  assert.deepEqual(view['rules'], mine);
  assert.deepEqual((await ask(world.admin, at('clusterrolebindings', job)))['subjects'], [
    bob,
    { kind: 'ServiceAccount', name: 'job-controller', namespace: 'kube-system' },
  ]);
  const bound = await ask(world.admin, at('clusterrolebindings', other));
  assert.equal((bound['roleRef'] as { name: string }).name, other);
  const back = { ...at('roles', 'system:controller:bootstrap-signer'), namespace: 'kube-public' };
  assert.equal((await ask(world.admin, back)).code, 200);
  assert.deepEqual(
    await ask(world.admin, at('clusterroles', 'system:controller:cronjob-controller')),
    untouched,
  );
  const list = await ask(world.admin, { ...elsewhere, verb: 'list' });
  await ensureInitialObjects(world.admin);
  assert.deepEqual(
    await ask(world.admin, { ...elsewhere, verb: 'list' }),
    list,
    'nothing is written in vain',
  );
  const node = await ask(world.admin, {
    group: 'scheduling.k8s.io',
    resource: 'priorityclasses',
    name: 'system-node-critical',
  });
  assert.equal(node['value'], 2_000_001_000);
});

const CLUSTER_WIDE: ReadonlySet<string> = new Set(['namespaces', 'priorityclasses']);

test('what is wrong with metadata comes where upstream’s rules for the kind check them', async () => {
  await using world = await serve();
  const at = { group: '', resource: 'configmaps', namespace: 'default' };
  await ask(world.admin, { ...at, verb: 'create', body: { metadata: { name: 'x' }, immutable: true } });
  const changed = await ask(world.admin, {
    ...at,
    verb: 'update',
    name: 'x',
    body: { metadata: { name: 'x', generateName: 'A' }, data: { k: 'v' }, immutable: true },
  });
  assert.match(
    String(changed['message']),
    /invalid: \[data: Forbidden: .*, metadata\.generateName: Invalid value: "A"/,
  );
  const budget = { group: 'policy', resource: 'poddisruptionbudgets', namespace: 'default' };
  const body = { metadata: { name: 'b', labels: { a: '-' } }, spec: { minAvailable: 1, maxUnavailable: 1 } };
  const refused = await ask(world.admin, { ...budget, verb: 'create', body });
  assert.match(String(refused['message']), /invalid: spec: Invalid value: .* cannot be both set$/);
});

test('a body of a version that is served no more is told which one is', async () => {
  await using world = await serve();
  const jobs = { group: 'batch', namespace: 'default', verb: 'create' } as const;
  for (const [resource, apiVersion, kind, why] of [
    [
      'cronjobs',
      'batch/v1beta1',
      'CronJob',
      /^the API version in the data \(batch\/v1beta1\) does not match/,
    ],
    ['jobs', 'batch/v1beta1', 'Job', /no kind "Job" is registered for version "batch\/v1beta1"/],
  ] as const) {
    const body = { apiVersion, kind, metadata: { name: 'a' } };
    const seen = await ask(world.admin, { ...jobs, resource, body });
    assert.match(String(seen['message']), why);
  }
});

test('a patch is refused for what stands first in the text that upstream makes of it', async () => {
  await using world = await serve();
  const at = { group: '', resource: 'configmaps', namespace: 'default' };
  await ask(world.admin, { ...at, verb: 'create', body: { metadata: { name: 'x' }, data: { a: 'b' } } });
  const patched = async (patchType: PatchType, body: object): Promise<string> => {
    const answer = await ask(world.admin, { ...at, verb: 'patch', name: 'x', patchType, body });
    return `${answer.code} ${String(answer['message'])}`;
  };
  const wrong = { data: 1, binaryData: 'x' };
  assert.match(
    await patched('application/merge-patch+json', wrong),
    /^422 .* field ConfigMap\.binaryData of type/,
  );
  assert.equal(
    await patched('application/strategic-merge-patch+json', { data: { $patch: 'replace', a: true } }),
    '422  "" is invalid: patch: Invalid value: "map[data:map[a:true]]": unrecognized type: string',
  );
  const bytes = await patched('application/merge-patch+json', { binaryData: { b: [104, 105] } });
  assert.match(bytes, /^200 /);
});

test('a list of nothing that is always written reads back as null once it was stored', async () => {
  await using world = await serve();
  const at = { group: '', resource: 'limitranges', namespace: 'default' };
  const body = { metadata: { name: 'x' }, spec: { limits: [] } };
  const made = await ask(world.admin, { ...at, verb: 'create', body });
  assert.deepEqual(made['spec'], { limits: null });
});

test('a bad label on an update is told of as often as Kubernetes does, by the kind and its part', async () => {
  await using world = await serve();
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b' }] } };
  const places: readonly (readonly [string, string, object, number, string?])[] = [
    ['batch', 'jobs', { spec: { suspend: true, template } }, 4],
    ['batch', 'jobs', {}, 3, 'status'],
    ['batch', 'cronjobs', { spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template } } } }, 3],
    ['batch', 'cronjobs', {}, 2, 'status'],
    ['', 'pods', { spec: { containers: [{ name: 'a', image: 'b' }] } }, 4],
    ['', 'configmaps', {}, 4],
    ['', 'secrets', {}, 4],
    ['', 'namespaces', {}, 4],
    ['', 'limitranges', { spec: { limits: [] } }, 3],
    ['', 'resourcequotas', { spec: {} }, 3],
    ['policy', 'poddisruptionbudgets', { spec: {} }, 2],
    ['rbac.authorization.k8s.io', 'roles', { rules: [] }, 4],
    ['scheduling.k8s.io', 'priorityclasses', { value: 1 }, 3],
  ];
  await ask(world.admin, {
    verb: 'create',
    resource: 'serviceaccounts',
    namespace: 'default',
    body: { metadata: { name: 'default' } },
  });
  for (const [group, resource, body, causes, subresource] of places) {
    const at = { group, resource, ...(CLUSTER_WIDE.has(resource) ? {} : { namespace: 'default' }) };
    if (subresource === undefined) {
      const created = await ask(world.admin, {
        ...at,
        verb: 'create',
        body: { metadata: { name: 'x' }, ...body },
      });
      assert.equal(created.code, 201, resource);
    }
    const { code, details } = await ask(world.admin, {
      ...at,
      verb: 'patch',
      name: 'x',
      ...(subresource === undefined ? {} : { subresource }),
      patchType: 'application/merge-patch+json',
      body: { metadata: { labels: { a: '-' } } },
    });
    assert.equal(code, 422);
    const told = (details as { readonly causes: readonly object[] }).causes.length;
    assert.equal(told, causes, `${resource} ${subresource ?? ''}`);
  }
});

test('a new node takes no pods until its conditions have been looked at', async () => {
  await using world = await serve();
  const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  const taints = async (name: string, spec: object): Promise<unknown> => {
    const body = { metadata: { name }, ...spec };
    const made = await ask(world.admin, { verb: 'create', resource: 'nodes', body });
    return (made['spec'] as { taints?: unknown }).taints;
  };
  const own = { key: 'own', effect: 'NoExecute' };
  assert.deepEqual(await taints('a', {}), [notReady]);
  assert.deepEqual(await taints('b', { spec: { taints: [own] } }), [own, notReady]);
  assert.deepEqual(await taints('c', { spec: { taints: [notReady, own] } }), [notReady, own]);
});

test('a Job of which nothing is said is told what it lacks, and nothing that follows from it', async () => {
  await using world = await serve();
  const { message } = await ask(world.admin, {
    verb: 'create',
    group: 'batch',
    resource: 'jobs',
    namespace: 'default',
    body: {},
  });
  assert.equal(
    message,
    'Job.batch "" is invalid: [metadata.name: Required value: name or generateName is required, spec.template.spec.containers: Required value, spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"]',
  );
});

test('reviews tell who the caller is, whose a token is, and who may do what', async () => {
  await using world = await serve();
  const bob = world.as(BOB);
  const create = { verb: 'create' as const };
  const authentication = { ...create, group: 'authentication.k8s.io' };
  const authorization = { ...create, group: 'authorization.k8s.io' };

  const self = await ask(bob, { ...authentication, resource: 'selfsubjectreviews', body: {} });
  assert.deepEqual(self['status'], { userInfo: { username: 'bob', groups: [...BOB.groups] } });

  const tokens = { ...authentication, resource: 'tokenreviews' };
  const review = await ask(world.admin, { ...tokens, body: { spec: { token: 'bobs' } } });
  assert.deepEqual(review['status'], {
    authenticated: true,
    user: { username: 'bob', groups: [...BOB.groups] },
    audiences: ['server'],
  });
  const unknown = await ask(world.admin, { ...tokens, body: { spec: { token: 'x' } } });
  assert.deepEqual(unknown['status'], { user: {}, error: 'invalid bearer token' });
  // The text stands for the rest of a header: its first word counts, and one that begins with a space shows no token.
  const padded = await ask(world.admin, { ...tokens, body: { spec: { token: 'bobs \n' } } });
  assert.deepEqual(padded['status'], review['status']);
  const spaced = await ask(world.admin, { ...tokens, body: { spec: { token: ' bobs', audiences: ['a'] } } });
  assert.deepEqual(spaced['status'], {
    authenticated: true,
    user: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
    audiences: ['a'],
  });

  const resourceAttributes = { namespace: 'default', verb: 'get', group: 'batch', resource: 'jobs' };
  const mayI = await ask(bob, {
    ...authorization,
    resource: 'selfsubjectaccessreviews',
    body: { spec: { resourceAttributes } },
  });
  assert.deepEqual(mayI['status'], { allowed: false });
  const mayRoot = await ask(world.admin, {
    ...authorization,
    resource: 'subjectaccessreviews',
    body: { spec: { resourceAttributes, groups: ['system:masters'] } },
  });
  assert.deepEqual(mayRoot['status'], { allowed: true });
  const nobody = await ask(world.admin, {
    ...authorization,
    resource: 'subjectaccessreviews',
    body: { spec: { resourceAttributes } },
  });
  assert.match(String(nobody['message']), /spec\.user: Invalid value: "": at least one of user or group/);

  const rules = await ask(bob, {
    ...authorization,
    resource: 'selfsubjectrulesreviews',
    body: { spec: { namespace: 'default' } },
  });
  const { resourceRules } = rules['status'] as { resourceRules: readonly { resources: string[] }[] };
  assert.ok(resourceRules.some((rule) => rule.resources.includes('selfsubjectreviews')));
});

test('an eviction obeys the budget of its pod and counts it down', async () => {
  await using world = await serve();
  const { admin } = world;
  const inDefault = { namespace: 'default' };
  const accounts = { ...inDefault, resource: 'serviceaccounts' };
  await ask(admin, { ...accounts, verb: 'create', body: { metadata: { name: 'default' } } });
  for (const name of ['a', 'b']) {
    const body = {
      metadata: { name, labels: { app: 'x' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    };
    assert.equal((await ask(admin, { ...inDefault, verb: 'create', body })).code, 201);
    await ask(admin, {
      ...inDefault,
      verb: 'patch',
      name,
      subresource: 'status',
      patchType: 'application/merge-patch+json',
      body: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
    });
  }
  const budgets = { ...inDefault, group: 'policy', resource: 'poddisruptionbudgets' };
  const spec = { minAvailable: 1, selector: { matchLabels: { app: 'x' } } };
  await ask(admin, { ...budgets, verb: 'create', body: { metadata: { name: 'budget' }, spec } });
  const evict = (name: string): Promise<Answer> =>
    ask(admin, {
      ...inDefault,
      verb: 'create',
      name,
      subresource: 'eviction',
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } },
    });

  const early = await evict('a');
  assert.equal(early.code, 429);
  assert.deepEqual(early['details'], {
    retryAfterSeconds: 10,
    causes: [
      {
        reason: 'DisruptionBudget',
        message: 'The disruption budget budget is still being processed by the server.',
      },
    ],
  });

  const observed = { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 };
  await ask(admin, {
    ...budgets,
    verb: 'patch',
    name: 'budget',
    subresource: 'status',
    patchType: 'application/merge-patch+json',
    body: { status: { ...observed, observedGeneration: 1 } },
  });
  const first = await evict('a');
  assert.equal(first.code, 201, JSON.stringify(first));
  const budget = await ask(admin, { ...budgets, name: 'budget' });
  const status = budget['status'] as { disruptionsAllowed: number; disruptedPods: object };
  assert.equal(status.disruptionsAllowed, 0);
  assert.deepEqual(Object.keys(status.disruptedPods), ['a']);
  const second = await evict('b');
  assert.equal(second.code, 429);
  assert.match(JSON.stringify(second['details']), /does not allow evicting pods currently/);
  assert.equal((await evict('gone')).code, 404);
});

test('an event is one object in two groups', async () => {
  await using world = await serve();
  const place = { namespace: 'default', resource: 'events' };
  const event = {
    metadata: { name: 'e' },
    regarding: { kind: 'Job', namespace: 'default', name: 'j' },
    reason: 'R',
    action: 'A',
    note: 'm',
    type: 'Normal',
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'example.com/c',
    reportingInstance: 'i',
  };
  const made = await ask(world.admin, { ...place, verb: 'create', group: 'events.k8s.io', body: event });
  assert.equal(made.code, 201, JSON.stringify(made));
  const core = await ask(world.admin, { ...place, name: 'e' });
  assert.equal(core['message'], 'm');
  assert.deepEqual(core['involvedObject'], event.regarding);
  const again = await ask(world.admin, { ...place, group: 'events.k8s.io', name: 'e' });
  assert.equal(again['note'], 'm');
  assert.equal(again['reportingController'], 'example.com/c');
});

test('a revision that is none is told of by the store of events, and by the cache of every other kind', async () => {
  await using world = await serve();
  const read = async (group: string, resource: string) => {
    const asked = { group, resource, namespace: 'default', name: 'x', parameters: { resourceVersion: 'y' } };
    const { code, message } = await ask(world.admin, asked);
    return [code, message];
  };
  const words = 'resourceVersion: Invalid value: "y": strconv.ParseUint: parsing "y": invalid syntax';
  assert.deepEqual(await read('', 'configmaps'), [500, words]);
  for (const group of ['', 'events.k8s.io']) {
    assert.deepEqual(await read(group, 'events'), [400, `invalid resource version: ${words}`]);
  }
});

test('what nobody has made yet is refused, or answered by a trial run, in Kubernetes’ words', async () => {
  await using world = await serve();
  const trial = { dryRun: 'All' };
  const create = (resource: string, body: object, group = '', place: object = { namespace: 'default' }) =>
    ask(world.admin, { verb: 'create', group, resource, ...place, body, parameters: trial });
  const message = async (...asked: Parameters<typeof create>): Promise<unknown> =>
    (await create(...asked))['message'];

  const versioned = await create('configmaps', { metadata: { name: 'x', resourceVersion: '7' } });
  assert.equal((versioned['metadata'] as { resourceVersion?: string }).resourceVersion, '7');
  const empty = await create('limitranges', { metadata: { name: 'x' }, spec: { limits: [] } });
  assert.deepEqual(empty['spec'], { limits: null });
  assert.match(String(await message('configmaps', { metadata: { name: 'a\nb' } })), /^ConfigMap "a\\nb" is/);
  const nodes = { metadata: { name: 'x' }, spec: { podCIDRs: ['10.0.0.0/24', '..'] } };
  assert.match(
    String(await message('nodes', nodes, '', {})),
    /spec\.podCIDRs: Internal error: invalid PodCIDRs\. failed to check with dual stack with error:invalid CIDR\[1\]: <nil> \(invalid CIDR address: \.\.\), spec\.podCIDRs: Invalid value/,
  );
  const named = { metadata: { name: 'x', generateName: 'y' } };
  await ask(world.admin, {
    verb: 'create',
    group: '',
    resource: 'configmaps',
    namespace: 'default',
    body: named,
  });
  assert.equal(
    await message('configmaps', named),
    'configmaps "x" already exists, the server was not able to generate a unique name for the object',
  );
  const review = {
    spec: {
      user: 'u',
      resourceAttributes: { fieldSelector: { requirements: [{ key: 'a', operator: 'In' }] } },
    },
  };
  assert.equal(
    await message('subjectaccessreviews', review, 'authorization.k8s.io', {}),
    ".authorization.k8s.io \"\" is invalid: spec.resourceAttributes.fieldSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  );
  const unreadable = { spec: { user: 'u', resourceAttributes: { labelSelector: { rawSelector: 'a in' } } } };
  const answered = await create('subjectaccessreviews', unreadable, 'authorization.k8s.io', {});
  assert.equal(
    (answered['status'] as { evaluationError?: string }).evaluationError,
    'spec.resourceAttributes.labelSelector ignored due to parse error',
  );
});

test('deletions are told of as Kubernetes tells of each kind', async () => {
  await using world = await serve();
  await ask(world.admin, {
    verb: 'create',
    group: '',
    resource: 'namespaces',
    body: { metadata: { name: 'x' } },
  });
  const at = { verb: 'delete', group: '', resource: 'namespaces', name: 'x' } as const;
  const refused = await ask(world.admin, { ...at, body: { preconditions: { uid: 'a' } } });
  assert.match(
    String(refused['message']),
    /^Operation cannot be fulfilled on namespaces "x": Precondition failed: UID in precondition: a, UID in object meta: /,
  );
  const going = await ask(world.admin, at);
  const { deletionTimestamp, deletionGracePeriodSeconds } = going['metadata'] as Record<string, unknown>;
  assert.equal(typeof deletionTimestamp, 'string');
  assert.equal(deletionGracePeriodSeconds, undefined);

  const regarding = { kind: 'Pod', namespace: 'default', name: 'p' };
  const event = { metadata: { name: 'e' }, involvedObject: regarding, reason: 'R', type: 'Normal' };
  const events = { group: '', resource: 'events', namespace: 'default' };
  await ask(world.admin, { ...events, verb: 'create', body: event });
  const gone = await ask(world.admin, {
    ...events,
    verb: 'delete',
    name: 'e',
    body: { propagationPolicy: 'Orphan' },
  });
  assert.deepEqual([gone['kind'], gone['status']], ['Status', 'Success'], 'nothing collects after events');
});

test('fields are owned through the endpoints that can change them', async () => {
  await using world = await serve();
  const owned = (object: Record<string, unknown>): unknown =>
    (object['metadata'] as { managedFields?: readonly object[] }).managedFields;
  const parameters = { fieldManager: 'm' };
  const place = { group: '', resource: 'pods', namespace: 'default' };
  const account = { ...place, resource: 'serviceaccounts', verb: 'create' as const };
  await ask(world.admin, { ...account, body: { metadata: { name: 'default' } } });
  const container = { name: 'a', image: 'b' };
  await ask(world.admin, {
    ...place,
    verb: 'create',
    body: { metadata: { name: 'p' }, spec: { containers: [container] } },
    parameters,
  });
  const debugged = await ask(world.admin, {
    ...place,
    verb: 'patch',
    name: 'p',
    subresource: 'ephemeralcontainers',
    patchType: 'application/strategic-merge-patch+json',
    parameters,
    body: { spec: { ephemeralContainers: [{ name: 'd', image: 'b' }] } },
  });
  assert.match(
    JSON.stringify(owned(debugged)),
    /"f:spec":\{"f:ephemeralContainers":\{".":\{\},"k:\{\\"name\\":\\"d\\"\}".*"subresource":"ephemeralcontainers"/,
  );
});

test('a Job that the server names does not share the labels of its template', async () => {
  await using world = await serve();
  const spec = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] };
  const template = { metadata: { labels: { app: 'x' } }, spec };
  const create = async (metadata: object): Promise<object> => {
    const body = { metadata, spec: { suspend: true, template } };
    const at = { group: 'batch', resource: 'jobs', namespace: 'default' };
    const made = await ask(world.admin, { ...at, verb: 'create', body });
    return (made['metadata'] as { labels: object }).labels;
  };
  assert.deepEqual(await create({ generateName: 'a-' }), { app: 'x' });
  assert.equal(Object.keys(await create({ name: 'b', generateName: 'a-' })).length, 5);
});

test('what a pod template asks for as a whole is kept to a thousandth', async () => {
  await using world = await serve();
  const spec = { containers: [{ name: 'c', image: 'i' }], resources: { limits: { cpu: '0.3352' } } };
  const body = { metadata: { name: 'a' }, template: { spec } };
  const at = { group: '', resource: 'podtemplates', namespace: 'default' };
  const made = await ask(world.admin, { ...at, verb: 'create', body });
  const { template } = made as unknown as { template: { spec: { resources: object } } };
  assert.deepEqual(template.spec.resources, { limits: { cpu: '336m' } });
});

test('a volume is told in few words of an iSCSI name of no kind', async () => {
  await using world = await serve();
  const iscsi = { targetPortal: '1.2.3.4', iqn: 'x', lun: 0 };
  const volume = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], iscsi };
  const body = { metadata: { name: 'v' }, spec: volume };
  const made = await ask(world.admin, { group: '', resource: 'persistentvolumes', verb: 'create', body });
  assert.match(String(made['message']), /spec\.iscsi\.iqn: Invalid value: "x": must be valid format$/);
});
