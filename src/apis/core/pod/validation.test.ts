import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, Pod, PodSpec } from '../types.ts';
import { applyPodDefaults } from './defaults.ts';
import { qosClassOf } from './qos.ts';
import { validatePodStatusUpdate } from './status.ts';
import { validateEphemeralContainersUpdate } from './update/ephemeral-update.ts';
import { validatePodUpdate } from './update/update.ts';
import { validatePodCreate } from './validation.ts';
import { podWarnings } from './warnings.ts';

function podOf(spec: Partial<PodSpec> = {}, container: Partial<Container> = {}): Pod {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      namespace: 'n',
      uid: 'u',
      creationTimestamp: '2026-01-01T00:00:00Z',
      resourceVersion: '1',
    },
    spec: { containers: [{ name: 'c', image: 'busybox', ...container }], ...spec } as PodSpec,
    status: {},
  };
  applyPodDefaults(pod);
  pod.spec.serviceAccountName = 'default';
  pod.spec.serviceAccount = 'default';
  return pod;
}

/** The refusals of a new pod, as `kubectl` prints them. */
const refusals = (spec: Partial<PodSpec>, container: Partial<Container> = {}): string[] =>
  validatePodCreate(podOf(spec, container)).map(String);

const refusedChange = (change: (pod: Pod) => void, spec: Partial<PodSpec> = {}): string[] => {
  const old = podOf(spec);
  const pod = structuredClone(old);
  change(pod);
  return validatePodUpdate(pod, old).map(String);
};

test('an ordinary pod is accepted', () => {
  assert.deepEqual(refusals({}), []);
});

test('defaults that are filled in once more change nothing', () => {
  const pod = podOf(
    { volumes: [{ name: 'v', secret: { secretName: 's' } }] },
    { livenessProbe: { exec: { command: ['a'] } } },
  );
  const again = structuredClone(pod);
  applyPodDefaults(again);
  assert.deepEqual(again, pod);
});

test('a pod gets what its author left out', () => {
  const { metadata: _, ...pod } = podOf(
    {},
    { resources: { limits: { cpu: '1' } }, ports: [{ containerPort: 80 }] },
  );
  assert.deepEqual(pod, {
    apiVersion: 'v1',
    kind: 'Pod',
    spec: {
      containers: [
        {
          name: 'c',
          image: 'busybox',
          imagePullPolicy: 'Always',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          resources: { limits: { cpu: '1' }, requests: { cpu: '1' } },
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      serviceAccount: 'default',
      serviceAccountName: 'default',
      terminationGracePeriodSeconds: 30,
    },
    status: {},
  });
});

test('names of containers are checked, and are unique', () => {
  const containers = [
    { name: 'A', image: 'i' },
    { name: 'b', image: 'i' },
  ];
  const initContainers = [{ name: 'b', image: 'i' }];
  assert.deepEqual(refusals({ containers, initContainers }), [
    "spec.containers[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    'spec.initContainers[0].name: Duplicate value: "b"',
  ]);
});

test('a probe does one thing', () => {
  assert.deepEqual(
    refusals(
      {},
      { livenessProbe: { exec: { command: ['a'] }, tcpSocket: { port: 1 }, successThreshold: 2 } },
    ),
    [
      'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
      'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
    ],
  );
});

test('a volume is mounted by its name, at one place once', () => {
  const volumeMounts = [
    { name: 'v', mountPath: '/a' },
    { name: 'v', mountPath: '/a' },
    { name: 'w', mountPath: '/b' },
  ];
  assert.deepEqual(refusals({ volumes: [{ name: 'v', emptyDir: {} }] }, { volumeMounts }), [
    'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
    'spec.containers[0].volumeMounts[2].name: Not found: "w"',
  ]);
});

test('a request is at most its limit', () => {
  assert.deepEqual(refusals({}, { resources: { requests: { cpu: '2' }, limits: { cpu: '1500m' } } }), [
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1500m',
  ]);
});

test('host users are for pods without the namespaces of the host', () => {
  assert.deepEqual(refusals({ hostUsers: false, hostPID: true }), [
    'spec.HostPID: Forbidden: when `hostUsers` is false',
  ]);
});

test('an image may change, a command may not', () => {
  assert.deepEqual(
    refusedChange(({ spec }) => {
      for (const container of spec.containers) container.image = 'alpine';
    }),
    [],
  );
  const [text = ''] = refusedChange(({ spec }) => {
    for (const container of spec.containers) container.command = ['x'];
  });
  assert.match(
    text,
    /^spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`,`spec\.initContainers\[\*\]\.image`,`spec\.activeDeadlineSeconds`,`spec\.tolerations` \(only additions to existing tolerations\),`spec\.terminationGracePeriodSeconds` \(allow it to be set to 1 if it was previously negative\)\n/,
  );
  assert.ok(text.includes('\n-   "Command": null,\n+   "Command": [\n+    "x"\n+   ],\n'), text);
});

test('tolerations are added, never taken', () => {
  const toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute' } as const;
  assert.deepEqual(
    refusedChange(({ spec }) => {
      spec.tolerations = [toleration];
    }),
    [],
  );
  assert.deepEqual(
    refusedChange(({ spec }) => delete spec.tolerations, { tolerations: [toleration] }).map((each) =>
      each.split(': ', 3).join(': '),
    ),
    ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
  );
});

test('a deadline comes nearer only', () => {
  const set = (seconds: number) => (pod: Pod) => {
    pod.spec.activeDeadlineSeconds = seconds;
  };
  assert.deepEqual(refusedChange(set(5), { activeDeadlineSeconds: 10 }), []);
  assert.deepEqual(refusedChange(set(15), { activeDeadlineSeconds: 10 }), [
    'spec.activeDeadlineSeconds: Invalid value: 15: must be less than or equal to previous value',
  ]);
});

test('a container that ended for good does not run again', () => {
  const old = podOf({ restartPolicy: 'Never' });
  const base = { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0 };
  old.status.containerStatuses = [{ ...base, state: { terminated: { exitCode: 1 } } }];
  const pod = structuredClone(old);
  pod.status.containerStatuses = [{ ...base, state: { running: {} } }];
  assert.deepEqual(validatePodStatusUpdate(pod, old).map(String), [
    'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
  ]);
  old.spec.restartPolicy = 'Always';
  pod.spec.restartPolicy = 'Always';
  assert.deepEqual(validatePodStatusUpdate(pod, old).map(String), []);
});

test('a condition that only a pod can set is refused where it is no name', () => {
  const old = podOf();
  const pod = structuredClone(old);
  pod.status.conditions = [{ type: 'bad type', status: 'True' }];
  assert.equal(validatePodStatusUpdate(pod, old)[0]?.field, 'status.conditions[0].Type');
});

test('ephemeral containers are added, never changed', () => {
  const debugging = {
    name: 'd',
    image: 'a',
    imagePullPolicy: 'Always',
    terminationMessagePolicy: 'File',
  } as const;
  const old = podOf({ ephemeralContainers: [debugging] });
  const more = structuredClone(old);
  more.spec.ephemeralContainers?.push({ ...debugging, name: 'e' });
  assert.deepEqual(validateEphemeralContainersUpdate(more, old).map(String), []);
  const other = structuredClone(old);
  other.spec.ephemeralContainers = [{ ...debugging, image: 'b' }];
  const [text = ''] = validateEphemeralContainersUpdate(other, old).map(String);
  assert.match(
    text,
    /^spec\.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be changed\n/,
  );
  const none = structuredClone(old);
  delete none.spec.ephemeralContainers;
  assert.match(
    validateEphemeralContainersUpdate(none, old).map(String).join('\n'),
    /^spec\.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed/,
  );
});

test('a name twice in an environment is worth a warning', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
  ];
  assert.deepEqual(podWarnings(podOf({}, { env })), [
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ]);
});

test('a pod is guaranteed when all it asks for is its limit', () => {
  const all = { cpu: '1', memory: '1Gi' };
  const classOf = (resources: Container['resources']): unknown =>
    qosClassOf(podOf({}, resources ? { resources } : {}).spec);
  assert.equal(classOf({ limits: all }), 'Guaranteed');
  assert.equal(classOf({ requests: { cpu: '1' } }), 'Burstable');
  assert.equal(classOf({ limits: all, requests: { cpu: '500m' } }), 'Burstable');
  assert.equal(classOf(undefined), 'BestEffort');
  assert.equal(classOf({ limits: { 'example.com/gpu': '1' } }), 'BestEffort');
});

test('claims that containers or the whole pod use must be among those of the pod, each once', () => {
  const resourceClaims = [{ name: 'a', resourceClaimName: 'x' }];
  const claims = [
    { name: 'a', request: 'r' },
    { name: 'a', request: 's' },
    { name: 'a' },
    { name: 'b' },
    { name: 'b', request: 'r' },
  ];
  assert.deepEqual(refusals({ resourceClaims }, { resources: { claims } }), [
    'spec.containers[0].resources.claims[2]: Duplicate value: "a"',
    'spec.containers[0].resources.claims[2]: Duplicate value: "a"',
    'spec.containers[0].resources.claims[3]: Not found: "b": must be one of the names in pod.spec.resourceClaims: a',
    'spec.containers[0].resources.claims[4]: Duplicate value: "b"',
    'spec.containers[0].resources.claims[4]: Not found: "b": must be one of the names in pod.spec.resourceClaims: a',
  ]);
  assert.deepEqual(refusals({ resources: { claims: [{ name: 'c' }] } }), [
    'spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level',
    'spec.resources.claims[0]: Not found: "c": must be one of the names in pod.spec.resourceClaims which is empty',
  ]);
});

test('ports that clash are told pair by pair, however they clash, and never more than there is room for', () => {
  const port = (hostPort?: number, hostIP?: string) => ({
    containerPort: 80,
    ...(hostPort === undefined ? {} : { hostPort }),
    ...(hostIP === undefined ? {} : { hostIP }),
  });
  const ports = [port(), port(8080), port(8080, '10.0.0.1'), port(8080, '10.0.0.2'), port(9090), port()];
  const at = (index: number): string => `spec.containers[0].ports[${index}]`;
  const clash = (one: number, how: string, other: number): string =>
    `${at(one)}: ${how} port definition with ${at(other)}`;
  assert.deepEqual(podWarnings(podOf({}, { ports })), [
    clash(1, 'overlapping', 0),
    clash(2, 'overlapping', 0),
    clash(2, 'dangerously ambiguous', 1),
    clash(3, 'overlapping', 0),
    clash(3, 'dangerously ambiguous', 1),
    clash(4, 'overlapping', 0),
    clash(5, 'duplicate', 0),
    clash(5, 'overlapping', 1),
    clash(5, 'overlapping', 2),
    clash(5, 'overlapping', 3),
    clash(5, 'overlapping', 4),
  ]);
  const alike = podWarnings(podOf({}, { ports: Array.from({ length: 5000 }, () => port()) }));
  assert.ok(alike.length >= 1000 && alike.length < 10_000);
});

test('files of a volume that lie over each other are told pair by pair', () => {
  const paths = ['a/b', 'c', 'a', 'a/b/c', 'ab', 'c/', 'a/bc'];
  const items = paths.map((path) => ({ key: 'k', path }));
  const told = podWarnings(podOf({ volumes: [{ name: 'v', configMap: { name: 'm', items } }] }));
  const overlap = (one: string, other: string): string =>
    `volume "v" (ConfigMap "m"): overlapping paths: "${one}" with "${other}"`;
  assert.deepEqual(told, [
    overlap('a', 'a/b'),
    overlap('a/b/c', 'a/b'),
    overlap('a/b/c', 'a'),
    overlap('c', 'c'),
    overlap('a/bc', 'a'),
  ]);
});
