import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../apis/core/types.ts';
import { POD_COLUMNS, podRowConditions } from './pod/columns.ts';
import { CoreWorld, podBody } from './testing/world.ts';

test('a new pod is pending, with an account, a token, tolerations and a priority', async () => {
  const world = await CoreWorld.open();
  const { code, body } = await world.create('pods', podBody());
  const [access] = body.spec.volumes;
  assert.equal(code, 201);
  assert.deepEqual(body.status, { phase: 'Pending', qosClass: 'BestEffort' });
  assert.equal(body.metadata.generation, 1);
  assert.match(access.name, /^kube-api-access-[a-z0-9]{5}$/);
  assert.deepEqual(body.spec, {
    containers: [
      {
        name: 'c',
        image: 'busybox',
        imagePullPolicy: 'Always',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        volumeMounts: [
          { name: access.name, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
        ],
      },
    ],
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    serviceAccount: 'default',
    serviceAccountName: 'default',
    terminationGracePeriodSeconds: 30,
    tolerations: [
      {
        key: 'node.kubernetes.io/not-ready',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
      {
        key: 'node.kubernetes.io/unreachable',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
    ],
    volumes: [
      {
        name: access.name,
        projected: {
          defaultMode: 420,
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            {
              downwardAPI: {
                items: [
                  { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
                ],
              },
            },
          ],
        },
      },
    ],
  });
});

test('a pod is bound to one node, once', async () => {
  const world = await CoreWorld.open();
  await world.create('pods', podBody());
  const bind = (node: string) =>
    world.ask({
      verb: 'create',
      resource: 'pods',
      subresource: 'binding',
      name: 'p',
      body: { metadata: { name: 'p' }, target: { kind: 'Node', name: node } },
    });
  assert.equal((await bind('a')).code, 201);
  const again = await bind('b');
  assert.deepEqual(
    [again.code, again.body.message],
    [409, 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "a"'],
  );
  const { body: pod } = await world.ask({ verb: 'get', resource: 'pods', name: 'p' });
  assert.equal(pod.spec.nodeName, 'a');
  assert.deepEqual(
    pod.status.conditions.map(({ type, status }: { type: string; status: string }) => [type, status]),
    [['PodScheduled', 'True']],
  );
});

test('a binding changes nothing of who is held to set the fields of its pod', async () => {
  const world = await CoreWorld.open();
  const parameters = { fieldManager: 'm' };
  const { body: made } = await world.ask({ verb: 'create', resource: 'pods', body: podBody(), parameters });
  const body = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'a' } };
  await world.ask({ verb: 'create', resource: 'pods', subresource: 'binding', name: 'p', body });
  const { body: bound } = await world.ask({ verb: 'get', resource: 'pods', name: 'p' });
  assert.equal(bound.spec.nodeName, 'a');
  assert.deepEqual(bound.metadata.managedFields, made.metadata.managedFields);
});

test('a pod without a node is deleted at once, one on a node has its time', async () => {
  const world = await CoreWorld.open();
  await world.create('pods', podBody('free'));
  await world.create('pods', podBody('bound', { nodeName: 'a' }));
  const { body: last } = await world.ask({ verb: 'delete', resource: 'pods', name: 'free' });
  assert.deepEqual(
    [last.metadata.deletionTimestamp, last.metadata.deletionGracePeriodSeconds, last.metadata.generation],
    ['2026-01-01T00:00:00Z', 0, 2],
  );
  assert.equal((await world.ask({ verb: 'get', resource: 'pods', name: 'free' })).code, 404);
  await world.ask({ verb: 'delete', resource: 'pods', name: 'bound' });
  const { body } = await world.ask({ verb: 'get', resource: 'pods', name: 'bound' });
  assert.deepEqual(
    [body.metadata.deletionTimestamp, body.metadata.deletionGracePeriodSeconds],
    ['2026-01-01T00:00:30Z', 30],
  );
});

test('a field of a feature that is off is dropped once it was noted who set it', async () => {
  const world = await CoreWorld.open();
  const containers = [{ name: 'c', image: 'b', lifecycle: { stopSignal: 'SIGTERM' } }];
  const gated = podBody('p', { schedulingGroup: { podGroupName: 'g' }, containers });
  const parameters = { fieldManager: 'm' };
  const { body } = await world.ask({ verb: 'create', resource: 'pods', body: gated, parameters });
  assert.deepEqual([body.spec.schedulingGroup, body.spec.containers[0].lifecycle], [undefined, undefined]);
  const owned = body.metadata.managedFields[0].fieldsV1['f:spec'];
  assert.deepEqual(owned['f:schedulingGroup'], { '.': {}, 'f:podGroupName': {} });
  assert.deepEqual(owned['f:containers']['k:{"name":"c"}']['f:lifecycle'], { '.': {}, 'f:stopSignal': {} });
});

test('what a status says of claims for extended resources is checked against the containers, in Kubernetes’ words', async () => {
  const world = await CoreWorld.open();
  const requests = { 'example.com/x': '1' };
  const containers = [{ name: 'c', image: 'b', resources: { requests, limits: requests } }];
  await world.create('pods', podBody('p', { containers }));
  const write = async (extendedResourceClaimStatus: object) =>
    (await world.patch('pods', 'p', { status: { extendedResourceClaimStatus } }, 'status')).body;
  const mapping = { containerName: 'c', resourceName: 'example.com/x', requestName: 'r' };
  const good = { requestMappings: [mapping], resourceClaimName: 'claim' };
  assert.deepEqual((await write(good)).status.extendedResourceClaimStatus, good);
  const bad = await write({
    requestMappings: [
      { ...mapping, resourceName: 'cpu' },
      { ...mapping, containerName: 'd', requestName: 'R' },
      mapping,
      mapping,
    ],
    resourceClaimName: '',
  });
  const at = 'status.extendedResourceClaimStatus';
  const found = bad.details.causes.map(
    ({ field, message }: Record<string, string>) => `${field}: ${message}`,
  );
  assert.deepEqual(found, [
    `${at}.requestMappings[0].resourceName: Invalid value: "cpu": must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests`,
    `${at}.requestMappings[1].containerName: Invalid value: "d": must match the name of an entry in spec.initContainers.name or spec.containers.name`,
    found[2],
    `${at}.requestMappings[3].containerName: Duplicate value: "c"`,
    `${at}.requestMappings[3].resourceName: Duplicate value: "example.com/x"`,
    `${at}.requestMappings[3].requestName: Duplicate value: "r"`,
    `${at}.resourceClaimName: Required value`,
  ]);
  assert.match(
    found[2],
    /^status\.extendedResourceClaimStatus\.requestName: Invalid value: "R": a lowercase RFC 1123 label/,
  );
  const { body } = await world.patch(
    'pods',
    'p',
    { status: { nodeAllocatableResourceClaimStatuses: [{ resourceClaimName: 'x' }] } },
    'status',
  );
  assert.equal(body.status.nodeAllocatableResourceClaimStatuses, undefined);
});

test('the status of a pod is written by its own door, and only there', async () => {
  const world = await CoreWorld.open();
  await world.create('pods', podBody());
  const { body: same } = await world.patch('pods', 'p', { status: { phase: 'Failed' } });
  assert.equal(same.status.phase, 'Pending');
  const { body } = await world.patch(
    'pods',
    'p',
    { status: { phase: 'Running' }, spec: { priority: 7 } },
    'status',
  );
  assert.deepEqual([body.status.phase, body.spec.priority, body.metadata.generation], ['Running', 0, 1]);
});

test('pods are found by node and phase', async () => {
  const world = await CoreWorld.open();
  await world.create('pods', podBody('a', { nodeName: 'x' }));
  await world.create('pods', podBody('b'));
  const names = async (fieldSelector: string) => {
    const { body } = await world.ask({ verb: 'list', resource: 'pods', parameters: { fieldSelector } });
    return body.items.map((pod: Pod) => pod.metadata.name);
  };
  assert.deepEqual(await names('spec.nodeName=x'), ['a']);
  assert.deepEqual(await names('status.phase=Pending,spec.nodeName='), ['b']);
});

test('a log is of a container that there is, and of the only one when none is named', async () => {
  const world = await CoreWorld.open();
  const log = (parameters: Record<string, string>, name = 'p') =>
    world.ask({ verb: 'get', resource: 'pods', subresource: 'log', name, parameters });
  await world.create('pods', podBody('p', { nodeName: 'x' }));
  const containers = ['c', 'd'].map((name) => ({ name, image: 'busybox' }));
  await world.create('pods', podBody('two', { nodeName: 'x', containers }));
  assert.equal((await log({ tailLines: '5', follow: 'true' })).body, 'hello\n');
  await log({ sinceTime: '2026-01-01T01:00:00.75+01:00' });
  const rest = { container: 'c', previous: false, timestamps: false };
  assert.deepEqual(world.logsAsked, [
    { ...rest, follow: true, tailLines: 5 },
    { ...rest, follow: false, sinceTime: '2026-01-01T00:00:00Z' },
  ]);
  const refused = [
    log({ container: 'zz' }),
    log({}, 'two'),
    log({ tailLines: '-1' }),
    log({ tailLines: 'x' }),
    log({}, 'none'),
    log({ stream: 'Stdout' }),
    log({ sinceSeconds: '5', sinceTime: '2026-01-01T00:00:00Z' }),
    log({ limitBytes: '0' }),
  ];
  assert.deepEqual(
    (await Promise.all(refused)).map(({ code, body }) => [code, body.message]),
    [
      [400, 'container zz is not valid for pod p'],
      [400, 'a container name must be specified for pod two, choose one of: [c d]'],
      [422, 'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0'],
      [400, 'strconv.ParseInt: parsing "x": invalid syntax'],
      [404, 'pods "none" not found'],
      [422, 'PodLogOptions "p" is invalid: stream: Forbidden: may not be specified'],
      [
        422,
        'PodLogOptions "p" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
      ],
      [422, 'PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than 0'],
    ],
  );
});

test('an ephemeral container comes by its own door', async () => {
  const world = await CoreWorld.open();
  await world.create('pods', podBody());
  const debugging = { spec: { ephemeralContainers: [{ name: 'd', image: 'a' }] } };
  const { code, body } = await world.patch('pods', 'p', debugging, 'ephemeralcontainers');
  assert.deepEqual(
    [code, body.spec.ephemeralContainers, body.metadata.generation],
    [
      200,
      [
        {
          name: 'd',
          image: 'a',
          imagePullPolicy: 'Always',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      2,
    ],
  );
});

test('kubectl get pods tells of restarts, and of why a container waits', () => {
  const now = Date.UTC(2026, 0, 1, 1);
  const container = { name: 'c', image: 'i', imageID: '' };
  const rowOf = (status: object, metadata: object = {}): unknown[] => {
    const pod = {
      metadata: { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
      spec: { containers: [{ name: 'c' }, { name: 'd' }] },
      status,
    } as unknown as Pod;
    return POD_COLUMNS.slice(0, 5).map((column) => column.cell(pod, now));
  };
  const crashed = {
    exitCode: 1,
    reason: 'Error',
    startedAt: '2026-01-01T00:50:00Z',
    finishedAt: '2026-01-01T00:55:00Z',
  };
  assert.deepEqual(
    rowOf({
      phase: 'Running',
      containerStatuses: [
        { ...container, ready: true, restartCount: 0, state: { running: {} } },
        {
          ...container,
          ready: false,
          restartCount: 2,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: crashed },
        },
      ],
    }),
    ['p', '1/2', 'CrashLoopBackOff', '2 (5m ago)', '60m'],
  );
  assert.deepEqual(
    rowOf({
      phase: 'Failed',
      containerStatuses: [{ ...container, ready: false, restartCount: 0, state: { terminated: crashed } }],
    }),
    ['p', '0/2', 'Error', '0', '60m'],
  );
  assert.equal(rowOf({ phase: 'Running' }, { deletionTimestamp: '2026-01-01T00:59:00Z' })[2], 'Terminating');
  assert.equal(rowOf({ phase: 'Pending' })[2], 'Pending');
});

test('a pod with annotations and nothing else is refused for what it lacks', async () => {
  const world = await CoreWorld.open();
  const metadata = { name: 'p', annotations: { a: 'b' } };
  const { code, body } = await world.create('pods', { metadata });
  assert.deepEqual([code, body.message], [422, 'Pod "p" is invalid: spec.containers: Required value']);
});

test('a pod cannot name a service account or a runtime class that no request could ask for', async () => {
  const world = await CoreWorld.open();
  const spec = { containers: [{ name: 'c', image: 'a' }] };
  const account = { metadata: { name: 'p' }, spec: { ...spec, serviceAccountName: 'a/b' } };
  assert.equal(
    (await world.create('pods', account)).body.message,
    `pods "p" is forbidden: error looking up service account n/a/b: invalid resource name "a/b": [may not contain '/']`,
  );
  const runtimeClass = { metadata: { name: 'p' }, spec: { ...spec, runtimeClassName: '/x' } };
  const { code, body } = await world.create('pods', runtimeClass);
  assert.deepEqual([code, body.message], [500, `invalid resource name "/x": [may not contain '/']`]);
});

test('a client may say the class of a new pod, and nothing else of its status', async () => {
  const world = await CoreWorld.open();
  const { body } = await world.create('pods', {
    ...podBody(),
    status: { qosClass: 'Guaranteed', phase: 'Running' },
  });
  assert.deepEqual(body.status, { phase: 'Pending', qosClass: 'Guaranteed' });
});

test('the row of a pod that is over says so', () => {
  const rows = (phase: string) => podRowConditions({ status: { phase } } as unknown as Pod);
  assert.deepEqual(rows('Running'), []);
  assert.deepEqual(rows('Failed'), [
    { type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' },
  ]);
});

test('addresses of a pod that are none are no pair', async () => {
  const world = await CoreWorld.open();
  await world.create('pods', podBody('a', { nodeName: 'n' }));
  const body = { status: { podIP: 'x', podIPs: [{ ip: 'x' }, { ip: '10.0.0.1' }] } };
  const seen = await world.ask({
    verb: 'patch',
    resource: 'pods',
    name: 'a',
    subresource: 'status',
    patchType: 'application/merge-patch+json',
    body,
  });
  assert.match(
    seen.body.message,
    /status\.podIPs: Internal error: failed to check for dual stack with error:invalid IP\[0\]: x, status\.podIPs: Invalid value/,
  );
});
