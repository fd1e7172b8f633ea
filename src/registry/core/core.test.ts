import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import { seededRandom } from '../../apimachinery/random.ts';
import { generateTokenKey, TokenIssuer, TokenKey } from './index.ts';
import { CoreWorld, podBody, type Seen } from './testing/world.ts';

const messageOf = ({ code, body }: { code: number; body: { message?: string } }) => [code, body.message];

test('nothing is created in a namespace that is not there, or is going', async () => {
  const world = await CoreWorld.open();
  assert.deepEqual(messageOf(await world.create('configmaps', { metadata: { name: 'm' } }, 'none')), [
    404,
    'namespaces "none" not found',
  ]);
  const going = await world.ask({ verb: 'delete', resource: 'namespaces', namespace: '', name: 'n' });
  assert.equal(going.body.status.phase, 'Terminating');
  const refused = await world.create('configmaps', { metadata: { name: 'm' } });
  assert.deepEqual(messageOf(refused), [
    403,
    'configmaps "m" is forbidden: unable to create new content in namespace n because it is being terminated',
  ]);
  assert.deepEqual(refused.body.details.causes, [
    {
      reason: 'NamespaceTerminating',
      message: 'namespace n is being terminated',
      field: 'metadata.namespace',
    },
  ]);
});

test('the namespaces of the system stay', async () => {
  const world = await CoreWorld.open();
  await world.create('namespaces', { metadata: { name: 'default' } }, '');
  const refused = await world.ask({ verb: 'delete', resource: 'namespaces', namespace: '', name: 'default' });
  assert.deepEqual(messageOf(refused), [
    403,
    'namespaces "default" is forbidden: this namespace may not be deleted',
  ]);
});

test('a namespace vanishes once it is empty and its finalizers are gone', async () => {
  const world = await CoreWorld.open();
  const ofNamespace = { resource: 'namespaces', namespace: '', name: 'n' } as const;
  await world.ask({ verb: 'delete', ...ofNamespace });
  const { body: namespace } = await world.ask({ verb: 'get', ...ofNamespace });
  const body = { ...namespace, spec: { finalizers: [] } };
  await world.ask({ verb: 'update', subresource: 'finalize', ...ofNamespace, body });
  assert.equal((await world.ask({ verb: 'get', ...ofNamespace })).code, 404);
});

test('a pod whose update leaves out the tolerations that it was given is not changed by that', async () => {
  const world = await CoreWorld.open();
  const { body: pod } = await world.create('pods', podBody('a'));
  const { tolerations, ...spec } = pod.spec;
  assert.equal(tolerations.length, 2);
  const { resourceVersion: _, ...metadata } = pod.metadata;
  const body = { ...pod, metadata, spec };
  const { body: after } = await world.ask({ verb: 'update', resource: 'pods', name: 'a', body });
  assert.deepEqual(after.spec.tolerations, tolerations);
  assert.equal(after.metadata.generation, 1);
});

test('what a pod would be changed to is shown with the lists that are empty, what was stored without', async () => {
  const world = await CoreWorld.open();
  const { body: pod } = await world.create('pods', podBody('a', { hostAliases: [], imagePullSecrets: [] }));
  const spec = {
    ...pod.spec,
    hostname: 'b',
    hostAliases: [],
    containers: [{ ...pod.spec.containers[0], args: [] }],
  };
  const seen = await world.ask({ verb: 'update', resource: 'pods', name: 'a', body: { ...pod, spec } });
  assert.equal(seen.code, 422);
  assert.match(seen.body.message, /\n- {3}"Args": null,\n\+ {3}"Args": \[\],\n/);
  assert.match(seen.body.message, /\n- "HostAliases": null,\n\+ "HostAliases": \[\],\n/);
  assert.match(seen.body.message, /\n {2}"ImagePullSecrets": null,\n/);
});

test('what a container to look into a pod must not have, it must not have empty either', async () => {
  const world = await CoreWorld.open();
  const ephemeralContainers = [{ name: 'e', image: 'i', resizePolicy: [], ports: [] }];
  const { code, body } = await world.create('pods', podBody('a', { ephemeralContainers }));
  assert.equal(code, 422);
  for (const field of ['ports', 'resizePolicy']) {
    const text = `spec.ephemeralContainers[0].${field}: Forbidden: cannot be set for an Ephemeral Container`;
    assert.ok(body.message.includes(text), body.message);
  }
});

test('of a patch that makes an object of no type this is told before all else', async () => {
  const world = await CoreWorld.open();
  await world.create('secrets', { metadata: { name: 's' } });
  const { code, body } = await world.patch('secrets', 's', { kind: {}, data: { a: '*' } });
  assert.equal(code, 422);
  const why =
    "couldn't get version/kind; json parse error: json: cannot unmarshal object into Go struct field .kind of type string";
  assert.ok(body.message.endsWith(`: ${why}`), body.message);
});

test('a quota lets in as many as it says', async () => {
  const world = await CoreWorld.open();
  await world.create('resourcequotas', { metadata: { name: 'q' }, spec: { hard: { pods: '1' } } });
  assert.equal((await world.create('pods', podBody('a'))).code, 201);
  assert.deepEqual(messageOf(await world.create('pods', podBody('b'))), [
    403,
    'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
  ]);
});

test('of pods that come at once a quota lets in no more', async () => {
  const world = await CoreWorld.open();
  await world.create('resourcequotas', { metadata: { name: 'q' }, spec: { hard: { pods: '3' } } });
  const names = Array.from({ length: 10 }, (_, index) => `p-${index}`);
  const answers = await Promise.all(names.map((name) => world.create('pods', podBody(name))));
  assert.deepEqual(
    answers.map((each) => each.code).sort((a, b) => a - b),
    [201, 201, 201, ...Array(7).fill(403)],
  );
});

test('a quota on memory wants it told', async () => {
  const world = await CoreWorld.open();
  await world.create('resourcequotas', {
    metadata: { name: 'q' },
    spec: { hard: { 'limits.memory': '1Gi' } },
  });
  assert.deepEqual(messageOf(await world.create('pods', podBody())), [
    403,
    'pods "p" is forbidden: failed quota: q: must specify limits.memory for: c',
  ]);
});

test('a limit range fills in, and refuses what goes beyond', async () => {
  const world = await CoreWorld.open();
  const limits = [
    { type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' }, max: { cpu: '1' } },
  ];
  await world.create('limitranges', { metadata: { name: 'r' }, spec: { limits } });
  const { body } = await world.create('pods', podBody());
  assert.deepEqual(body.spec.containers[0].resources, { limits: { cpu: '500m' }, requests: { cpu: '100m' } });
  assert.equal(
    body.metadata.annotations['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
  );
  const large = [{ name: 'c', image: 'i', resources: { limits: { cpu: '2' } } }];
  assert.deepEqual(messageOf(await world.create('pods', podBody('q', { containers: large }))), [
    403,
    'pods "q" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
  ]);
});

test('the type of a secret stays, and stringData becomes data', async () => {
  const world = await CoreWorld.open();
  const { body } = await world.create('secrets', { metadata: { name: 's' }, stringData: { a: 'b' } });
  assert.deepEqual([body.type, body.data, body.stringData], ['Opaque', { a: 'Yg==' }, undefined]);
  assert.deepEqual(messageOf(await world.patch('secrets', 's', { type: 'mine' })), [
    422,
    'Secret "s" is invalid: type: Invalid value: "mine": field is immutable',
  ]);
});

test('an immutable config map stays as it is', async () => {
  const world = await CoreWorld.open();
  await world.create('configmaps', { metadata: { name: 'm' }, data: { a: '1' }, immutable: true });
  assert.deepEqual(messageOf(await world.patch('configmaps', 'm', { data: { a: '2' } })), [
    422,
    'ConfigMap "m" is invalid: data: Forbidden: field is immutable when `immutable` is set',
  ]);
});

test('a service of ports has an address, one without a head has none', async () => {
  const world = await CoreWorld.open();
  const ports = [{ port: 80 }];
  const { body: plain } = await world.create('services', { metadata: { name: 'a' }, spec: { ports } });
  assert.match(plain.spec.clusterIP, /^10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+$/);
  assert.deepEqual(plain.spec.ports, [{ port: 80, protocol: 'TCP', targetPort: 80 }]);
  const { body: headless } = await world.create('services', {
    metadata: { name: 'b' },
    spec: { clusterIP: 'None', ports },
  });
  assert.deepEqual([headless.spec.clusterIP, headless.spec.type], ['None', 'ClusterIP']);
});

test('the features that a node declares are names, each once and in order', async () => {
  const world = await CoreWorld.open();
  await world.create('nodes', { metadata: { name: 'node' } }, '');
  const declare = async (...declaredFeatures: readonly string[]) => {
    const place = { resource: 'nodes', name: 'node', namespace: '', subresource: 'status' };
    const patchType = 'application/merge-patch+json';
    const { body } = await world.ask({
      ...place,
      verb: 'patch',
      patchType,
      body: { status: { declaredFeatures } },
    });
    return body.message ?? body.status.declaredFeatures;
  };
  assert.deepEqual(await declare('A', 'B/c'), ['A', 'B/c']);
  const at = 'Node "node" is invalid: status.declaredFeatures';
  assert.equal(await declare('B', 'A'), `${at}[1]: Invalid value: "A": list must be sorted alphabetically`);
  assert.equal(await declare('A', 'A'), `${at}[1]: Duplicate value: "A"`);
  assert.equal(
    await declare('a'),
    `${at}[0]: Invalid value: "a": invalid feature name "a": must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes`,
  );
  const long = 'A'.repeat(254);
  assert.equal(
    await declare(long),
    `${at}[0]: Invalid value: "${long}": invalid feature name "${long}": must be no more than 253 characters`,
  );
  const swap = { metadata: { name: 'swap' }, status: { nodeInfo: { swap: { capacity: 0 } } } };
  assert.deepEqual(messageOf(await world.create('nodes', swap, '')), [
    422,
    'Node "swap" is invalid: metadata.nodeSwapStatus.capacity: Invalid value: 0: must be greater than zero',
  ]);
});

test('a headless service that names None twice is told so once', async () => {
  const world = await CoreWorld.open();
  await world.create('services', { metadata: { name: 's' }, spec: { clusterIP: 'None' } });
  assert.deepEqual(
    messageOf(await world.patch('services', 's', { spec: { clusterIPs: ['None', 'None'] } })),
    [
      422,
      'Service "s" is invalid: spec.clusterIPs: Invalid value: ["None","None"]: \'None\' must be the first and only value',
    ],
  );
});

test('a component is as healthy as its check says when somebody asks', async () => {
  const world = await CoreWorld.open();
  const cluster = { resource: 'componentstatuses', namespace: '' };
  const list = async (parameters = {}) => (await world.ask({ ...cluster, verb: 'list', parameters })).body;
  const healthy = {
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name: 'scheduler' },
    conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
  };
  assert.deepEqual(await list(), {
    kind: 'ComponentStatusList',
    apiVersion: 'v1',
    metadata: {},
    items: [healthy],
  });
  assert.deepEqual((await list({ fieldSelector: 'metadata.name!=scheduler' })).items, []);
  assert.deepEqual((await list({ labelSelector: 'a=b' })).items, []);
  world.schedulerFault = 'not yet';
  const read = (name: string) => world.ask({ ...cluster, verb: 'get', name });
  const { body } = await read('scheduler');
  assert.deepEqual(body.conditions, [{ type: 'Healthy', status: 'False', message: 'not yet' }]);
  assert.deepEqual(messageOf(await read('x')), [404, 'componentstatus "x" not found']);
  assert.equal((await world.ask({ ...cluster, verb: 'create', body: healthy })).code, 405);
});

test('a token of a service account is known again until it ends', async () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const world = await CoreWorld.open(clock);
  const request = (seconds: number) =>
    world.ask({
      verb: 'create',
      resource: 'serviceaccounts',
      subresource: 'token',
      name: 'default',
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: seconds },
      },
    });
  assert.deepEqual(messageOf(await request(5)), [
    422,
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
  ]);
  const { body } = await request(600);
  assert.equal(body.status.expirationTimestamp, '2026-01-01T00:10:00Z');
  const whose = async () => (await world.issuer.authenticate(body.status.token, world.storage))?.username;
  assert.equal(await whose(), 'system:serviceaccount:n:default');
  await clock.advance(11 * 60_000 + 1000);
  assert.equal(await whose(), undefined);
});

/** A token for the account `default`, as whoever asks for one without wishes gets it. */
async function defaultToken(world: CoreWorld): Promise<string> {
  const { body } = await world.ask({
    verb: 'create',
    resource: 'serviceaccounts',
    subresource: 'token',
    name: 'default',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  });
  return body.status.token;
}

test('a token dies with its account', async () => {
  const world = await CoreWorld.open();
  const token = await defaultToken(world);
  await world.ask({ verb: 'delete', resource: 'serviceaccounts', name: 'default' });
  assert.equal(await world.issuer.authenticate(token, world.storage), undefined);
});

test('white space in a token does not count, but where its issuer is looked for', async () => {
  const world = await CoreWorld.open();
  const token = await defaultToken(world);
  const isKnown = async (text: string) =>
    (await world.issuer.authenticate(text, world.storage)) !== undefined;
  for (const text of [`\t\u00a0${token}\n`, token.replace('.', '.\r\n')]) {
    assert.ok(await isKnown(text), JSON.stringify(text));
  }
  assert.ok(!(await isKnown(token.replace('.', '.\t'))));
});

test('a token of another key, or a changed one, is nobody', async () => {
  const world = await CoreWorld.open();
  const clock = new VirtualClock(0);
  const other = new TokenIssuer({ key: new TokenKey(generateTokenKey()), clock, random: seededRandom(1) });
  const token = other.issue({
    namespace: 'n',
    account: { name: 'default', uid: 'u' },
    audiences: [other.audience],
    seconds: 600,
  });
  const [head, , signature] = token.split('.');
  const changed = [head, Buffer.from('{"sub":"me"}').toString('base64url'), signature].join('.');
  for (const each of [token, changed, '', 'a', 'a.b.c', 'a.b.c.d']) {
    assert.equal(await world.issuer.authenticate(each, world.storage), undefined);
  }
});

test('field selectors name the fields that Kubernetes knows, and refuse others in its words', async () => {
  const world = await CoreWorld.open();
  const refusals: readonly (readonly [string, string, string])[] = [
    ['pods', 'spec.foo', 'field label not supported: spec.foo'],
    ['nodes', 'metadata.namespace', 'field label not supported: metadata.namespace'],
    [
      'configmaps',
      'data.a',
      '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
  ];
  for (const [resource, field, message] of refusals) {
    const parameters = { fieldSelector: `${field}=x` };
    const seen = await world.ask({ verb: 'list', resource, namespace: '', parameters });
    assert.deepEqual([seen.code, seen.body.message], [400, message]);
  }
  const parameters = { fieldSelector: 'metadata.namespace=x' };
  const none = await world.ask({ verb: 'list', resource: 'persistentvolumes', namespace: '', parameters });
  assert.deepEqual([none.code, none.body.items], [200, []]);
});

test('the source of a persistent volume has its defaults, and stays, but for a first Secret to expand it with', async () => {
  const world = await CoreWorld.open();
  const make = (name: string, source: object) =>
    world.create(
      'persistentvolumes',
      {
        metadata: { name },
        spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...source },
      },
      '',
    );
  const rbd = await make('r', { rbd: { monitors: ['m'], image: 'i' } });
  const { pool, user, keyring } = rbd.body.spec.rbd;
  assert.deepEqual([pool, user, keyring], ['rbd', 'admin', '/etc/ceph/keyring']);

  const nowhere = await make('h', { hostPath: { path: '', type: 'x' } });
  assert.deepEqual(messageOf(nowhere), [
    422,
    'PersistentVolume "h" is invalid: spec.hostPath.path: Required value',
  ]);
  const { body: volume } = await make('c', { csi: { driver: 'd.example', volumeHandle: 'h' } });
  const changed = async (source: object) => {
    const body = { ...volume, spec: { ...volume.spec, csi: { ...volume.spec.csi, ...source } } };
    return world.ask({ verb: 'update', resource: 'persistentvolumes', namespace: '', name: 'c', body });
  };
  const moved = await changed({ volumeHandle: 'i', volumeAttributes: { b: '1', a: '2' } });
  assert.deepEqual(messageOf(moved), [
    422,
    `PersistentVolume "c" is invalid: spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation
@@ -22,10 +22,13 @@
  "StorageOS": null,
  "CSI": {
   "Driver": "d.example",
-  "VolumeHandle": "h",
+  "VolumeHandle": "i",
   "ReadOnly": false,
   "FSType": "",
-  "VolumeAttributes": null,
+  "VolumeAttributes": {
+   "a": "2",
+   "b": "1"
+  },
   "ControllerPublishSecretRef": null,
   "NodeStageSecretRef": null,
   "NodePublishSecretRef": null,
`,
  ]);
  const controllerExpandSecretRef = { name: 's', namespace: 'n' };
  assert.equal((await changed({ controllerExpandSecretRef })).code, 200);
});

test('services get addresses and node ports of their own, and none that is taken or out of range', async () => {
  const world = await CoreWorld.open();
  const make = (name: string, spec: object) =>
    world.create('services', { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });
  const first = await make('a', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] });
  const { clusterIP } = first.body.spec;
  assert.match(clusterIP, /^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/);
  const balanced = await make('b', { type: 'LoadBalancer' });
  assert.ok(balanced.body.spec.ports[0].nodePort >= 30_086);
  const refusals: readonly (readonly [object, string])[] = [
    [
      { clusterIP },
      `spec.clusterIPs: Invalid value: ["${clusterIP}"]: failed to allocate IP ${clusterIP}: provided IP is already allocated`,
    ],
    [
      { clusterIP: '1.2.3.4' },
      'spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to allocate IP 1.2.3.4: the provided network does not match the current range',
    ],
    [
      { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] },
      'spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    ],
    [
      { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
  ];
  for (const [spec, message] of refusals) {
    const seen = await make('c', spec);
    assert.deepEqual([seen.code, seen.body.message], [422, `Service "c" is invalid: ${message}`]);
  }
});

test('a dry run of a service shows an address and node ports that no service has, and takes none', async () => {
  const world = await CoreWorld.open();
  const dry = (spec: object): Promise<Seen> => {
    const body = { metadata: { name: 'dry' }, spec: { ports: [{ port: 80 }], ...spec } };
    return world.ask({ verb: 'create', resource: 'services', body, parameters: { dryRun: 'All' } });
  };
  const ports = [
    { name: 'a', port: 80 },
    { name: 'b', port: 81 },
    { name: 'c', port: 80, protocol: 'UDP' },
  ];
  const made = await dry({ type: 'NodePort', ports });
  const shown = ({ spec }: Seen['body']): unknown =>
    spec.ports.map(({ nodePort }: { readonly nodePort?: number }) => nodePort);
  assert.deepEqual([made.body.spec.clusterIP, shown(made.body)], ['10.96.0.0', [32_769, 32_770, 32_769]]);
  const next = await dry({ type: 'NodePort', ports: [{ name: 'a', port: 80, nodePort: 30_080 }, ports[1]] });
  assert.deepEqual(shown(next.body), [30_080, 30_081]);
  const outside = await dry({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] });
  assert.deepEqual(shown(outside.body), [80]);
  const wrong = await dry({ clusterIP: '1.2.3.4' });
  assert.equal(
    wrong.body.message,
    'Service "dry" is invalid: spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to allocate IP 1.2.3.4: the provided IP (1.2.3.4) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
  );
  const named = { type: 'ExternalName', externalName: 'a.example' };
  await world.create('services', { metadata: { name: 'named' }, spec: named });
  const grown = { spec: { type: 'ClusterIP', ports: [{ port: 80 }] } };
  const shownToo = await world.ask({
    verb: 'patch',
    resource: 'services',
    name: 'named',
    body: grown,
    patchType: 'application/merge-patch+json',
    parameters: { dryRun: 'All' },
  });
  assert.deepEqual(shownToo.body.spec.clusterIPs, ['10.96.0.0']);
  const kept = await world.patch('services', 'named', grown);
  assert.match(kept.body.spec.clusterIPs.join(), /^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/);

  const real = { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] };
  assert.equal((await world.create('services', { metadata: { name: 'real' }, spec: real })).code, 201);
  const taken = await dry(real);
  assert.equal(
    taken.body.message,
    'Service "dry" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
  );
});

test('a balanced service of local traffic has a node port for health checks, as long as it needs one', async () => {
  const world = await CoreWorld.open();
  const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] };
  const made = await world.create('services', { metadata: { name: 'a' }, spec });
  const { healthCheckNodePort } = made.body.spec;
  assert.ok(healthCheckNodePort >= 30_086 && healthCheckNodePort !== made.body.spec.ports[0].nodePort);
  const same = { ...spec, healthCheckNodePort };
  const refused = await world.create('services', { metadata: { name: 'b' }, spec: same });
  assert.deepEqual(
    [refused.code, refused.body.message],
    [
      500,
      `Internal error occurred: failed to allocate requested HealthCheck NodePort ${healthCheckNodePort}: provided port is already allocated`,
    ],
  );
  const wide = await world.patch('services', 'a', { spec: { externalTrafficPolicy: 'Cluster' } });
  assert.equal(wide.body.spec.healthCheckNodePort, undefined);
});

test('a service that changes its type keeps its address and drops what it no longer needs', async () => {
  const world = await CoreWorld.open();
  const spec = { type: 'NodePort', ports: [{ port: 80 }] };
  const made = await world.create('services', { metadata: { name: 'a' }, spec });
  const plain = await world.patch('services', 'a', { spec: { type: 'ClusterIP' } });
  assert.equal(plain.body.spec.clusterIP, made.body.spec.clusterIP);
  assert.deepEqual(
    [plain.body.spec.externalTrafficPolicy, plain.body.spec.ports[0].nodePort],
    [undefined, undefined],
  );
  const moved = await world.patch('services', 'a', { spec: { clusterIP: '10.96.0.9' } });
  assert.equal(
    moved.body.message,
    'Service "a" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.9"]: may not change once set',
  );
  const externalName = 'example.com';
  const name = await world.patch('services', 'a', { spec: { type: 'ExternalName', externalName } });
  assert.deepEqual([name.body.spec.clusterIP, name.body.spec.ipFamilies], [undefined, undefined]);
});

test('what is wrong with an object itself is told before a quota or a limit is', async () => {
  const world = await CoreWorld.open();
  await world.create('resourcequotas', {
    metadata: { name: 'q' },
    spec: { hard: { services: '0', pods: '0' } },
  });
  const invalid = await world.create('services', { metadata: { name: 's' }, spec: {} });
  assert.equal(invalid.body.message, 'Service "s" is invalid: spec.ports: Required value');
  const over = await world.create('services', { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } });
  assert.deepEqual(
    [over.code, over.body.message],
    [
      403,
      'services "s" is forbidden: exceeded quota: q, requested: services=1, used: services=0, limited: services=0',
    ],
  );
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await world.create('persistentvolumeclaims', { metadata: { name: 'c' }, spec: claim });
  const grown = await world.patch('persistentvolumeclaims', 'c', {
    spec: { resources: { requests: { storage: '2Gi' } } },
  });
  assert.equal(grown.code, 422);
  assert.match(grown.body.message, /spec is immutable after creation except resources\.requests/);
});

test('kinds refuse finalizers without a domain, but for the younger ones, which keep them', async () => {
  const world = await CoreWorld.open();
  const metadata = { name: 'f', finalizers: ['mine'] };
  assert.deepEqual(messageOf(await world.create('configmaps', { metadata })), [
    422,
    'ConfigMap "f" is invalid: metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ]);
  const involvedObject = { kind: 'Pod', name: 'p', namespace: 'n' };
  assert.equal((await world.create('events', { metadata, involvedObject })).code, 201);
});

test('whoever asks for endpoints hears that they are deprecated, and a limit range without a name gets one', async () => {
  const world = await CoreWorld.open();
  const made = await world.create('endpoints', { metadata: { name: 'e' } });
  assert.deepEqual(made.warnings, [
    'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  ]);
  const range = await world.create('limitranges', { spec: { limits: [] } });
  assert.match(range.body.metadata.name, /^[0-9a-f-]{36}$/);
});

test('of the secrets of a service account the names are kept', async () => {
  const world = await CoreWorld.open();
  const secrets = [{ name: 's', namespace: 'other', kind: 'Secret' }];
  const { body } = await world.create('serviceaccounts', { metadata: { name: 'a' }, secrets });
  assert.deepEqual(body.secrets, [{ name: 's' }]);
});

test('what a service or a volume says in vain is told in warnings', async () => {
  const world = await CoreWorld.open();
  const spec = { clusterIP: 'None', ports: [{ port: 80 }], externalName: 'x', loadBalancerIP: '10.0.0.1' };
  const { warnings } = await world.create('services', { metadata: { name: 's' }, spec });
  assert.deepEqual(warnings, [
    'spec.loadBalancerIP is ignored for headless services',
    'spec.externalName is ignored when spec.type is not "ExternalName"',
  ]);
  const port = { ...spec, healthCheckNodePort: 30_000 };
  assert.deepEqual(messageOf(await world.create('services', { metadata: { name: 't' }, spec: port })), [
    422,
    "Service \"t\" is invalid: spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
  ]);
});

test('a patch that leaves no version leaves no fields that Kubernetes knows, and so no name', async () => {
  const world = await CoreWorld.open();
  await world.create('configmaps', { metadata: { name: 'c' }, data: { a: 'b' } });
  for (const apiVersion of [null, '/', '__internal']) {
    const seen = await world.patch('configmaps', 'c', { apiVersion });
    assert.deepEqual(
      [seen.code, seen.body.message],
      [400, 'the name of the object (c based on URL) was undeterminable: name must be provided'],
    );
  }
  const strict = {
    verb: 'patch',
    patchType: 'application/merge-patch+json',
    body: { apiVersion: null },
  } as const;
  const parameters = { fieldValidation: 'Strict' };
  const { code, body } = await world.ask({ ...strict, resource: 'configmaps', name: 'c', parameters });
  assert.equal(code, 422);
  assert.match(body.message, /: strict decoding error: unknown field "data", unknown field "metadata"$/);
});

test('what is given empty counts as given where Kubernetes asks whether it is there', async () => {
  const world = await CoreWorld.open();
  const looked = [{ name: 'e', image: 'i', resources: { claims: [] } }];
  for (const [spec, why] of [
    [{ overhead: {} }, /Pod Overhead set without corresponding RuntimeClass defined Overhead/],
    [{ resources: { claims: [] } }, /spec\.resources\.claims: Forbidden: claims may not be set/],
    [{ ephemeralContainers: looked }, /ephemeralContainers\[0\]\.resources: Forbidden: cannot be set/],
  ] as const) {
    const { body } = await world.create('pods', podBody('a', spec));
    assert.match(body.message, why);
  }
  const volume = { capacity: {}, accessModes: ['ReadWriteOnce'], hostPath: { path: '/a' } };
  const { body } = await world.create('persistentvolumes', { metadata: { name: 'v' }, spec: volume }, '');
  assert.match(body.message, /spec\.capacity: Unsupported value: \{\}: supported values: "storage"/);
});

test('amounts of a node are kept to a thousandth', async () => {
  const world = await CoreWorld.open();
  const status = { allocatable: { cpu: '0.8980903' } };
  const { body } = await world.create('nodes', { metadata: { name: 'n' }, status }, '');
  assert.deepEqual(body.status.allocatable, { cpu: '899m' });
});
