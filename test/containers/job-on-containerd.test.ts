/** Jobs in real containers: the real server, the real kubectl, a containerd of the test's own. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Pod, PodList } from '../../src/apis/core/types.ts';
import { requireProgram } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import { type Containerd, requireContainerd, startContainerd } from './containerd.ts';
import { makeBusyboxImage } from './images.ts';

const BUSYBOX = 'docker.io/library/busybox:1.37';

function requirements(context: TestContext): boolean {
  return (
    requireContainerd(context) &&
    requireProgram(context, 'kubectl', 'kubernetes.io/docs/tasks/tools/install-kubectl-linux')
  );
}

/** A containerd that has busybox, and a server on it. */
async function open() {
  const containerd = await startContainerd();
  try {
    await containerd.importArchive(makeBusyboxImage(containerd.directory, [BUSYBOX]));
    const server = await startServer(runtimeFlags(containerd));
    return {
      containerd,
      server,
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await containerd.stop();
      },
    };
  } catch (error) {
    await containerd.stop();
    throw error;
  }
}

const runtimeFlags = ({ endpoint }: Containerd): string[] => ['--runtime', `cri=${endpoint}`];

/** Runs kubectl, which has to succeed; answers what it printed. */
async function kubectl(server: TestServer, args: string, input?: string): Promise<string> {
  const { code, stdout, stderr } = await server.kubectl(args.split(' '), input);
  assert.equal(code, 0, `kubectl ${args}: ${stderr}`);
  return stdout;
}

/** A Job of one container `main`; `podSpec` is merged into the pod's. */
function job(name: string, script: string, podSpec: object = {}, jobSpec: object = {}): string {
  const main = { name: 'main', image: 'busybox:1.37', command: ['sh', '-c', script] };
  const spec = { restartPolicy: 'Never', containers: [main], ...podSpec };
  return JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { backoffLimit: 0, template: { spec }, ...jobSpec },
  });
}

/** Waits for that condition of the Job; the failure shows what its pods say. */
async function waitFor(server: TestServer, condition: 'Complete' | 'Failed', name: string): Promise<void> {
  const { code } = await server.kubectl([
    'wait',
    `--for=condition=${condition}`,
    `job/${name}`,
    '--timeout=30s',
  ]);
  if (code === 0) return;
  const pods = await podsOf(server, name);
  assert.fail(`${name} is not ${condition}: ${JSON.stringify(pods.map(({ status }) => status))}`);
}

async function podsOf(server: TestServer, name: string): Promise<readonly Pod[]> {
  return (JSON.parse(await kubectl(server, `get pods -l job-name=${name} -o json`)) as PodList).items;
}

/** The only pod of that Job, once `isReady` says so. */
async function podWhen(server: TestServer, name: string, isReady: (pod: Pod) => boolean): Promise<Pod> {
  for (const end = Date.now() + 30_000; ; ) {
    const [pod] = await podsOf(server, name);
    if (pod !== undefined && isReady(pod)) return pod;
    assert.ok(Date.now() < end, `the pod is ${JSON.stringify(pod?.status)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const isRunning = ({ status }: Pod): boolean => status?.containerStatuses?.[0]?.state?.running !== undefined;

/** Ids of the containers that containerd still has. */
const tasksOf = (containerd: Containerd): string[] =>
  containerd
    .ctr(['tasks', 'ls', '-q'])
    .split('\n')
    .filter((id) => id !== '')
    .sort();

test('a Job gets its configuration, its volume and its limits, and completes', async (context) => {
  if (!requirements(context)) return;
  await using world = await open();
  const { server } = world;
  await kubectl(server, 'create configmap words --from-literal=greeting=hej --from-literal=file.txt=lines');
  await kubectl(server, 'create secret generic keys --from-literal=password=s3cret');
  const script = [
    'echo "$GREETING $PASSWORD $POD_NAME"',
    'cat /shared/note /words/file.txt; echo',
    'stat -c %a /keys/..data/password; id -u; hostname; cat /etc/hosts | grep -c $(hostname)',
    'echo "all done" > /dev/termination-log',
  ].join('; ');
  const shared = { name: 'shared', mountPath: '/shared' };
  const image = 'busybox:1.37';
  await kubectl(
    server,
    'apply -f -',
    job('whole', script, {
      securityContext: { runAsUser: 1000, fsGroup: 2000 },
      initContainers: [
        {
          name: 'first',
          image,
          command: ['sh', '-c', 'echo from init > /shared/note'],
          volumeMounts: [shared],
        },
      ],
      containers: [
        {
          name: 'main',
          image,
          command: ['sh', '-c', script],
          env: [
            { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'words', key: 'greeting' } } },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
            { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ],
          resources: { limits: { memory: '64Mi', cpu: '500m' } },
          volumeMounts: [
            shared,
            { name: 'words', mountPath: '/words' },
            { name: 'keys', mountPath: '/keys', readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'shared', emptyDir: {} },
        { name: 'words', configMap: { name: 'words' } },
        { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o440 } },
      ],
    }),
  );
  await waitFor(server, 'Complete', 'whole');
  const [pod] = await podsOf(server, 'whole');
  const name = pod?.metadata?.name ?? '';
  assert.deepEqual((await kubectl(server, 'logs job/whole')).split('\n'), [
    `hej s3cret ${name}`,
    'from init',
    'lines',
    '440',
    '1000',
    name,
    '1',
    '',
  ]);
  assert.equal(pod?.status?.phase, 'Succeeded');
  assert.match(pod.status.podIP ?? '', /^10\./);
  const main = pod.status.containerStatuses?.[0];
  assert.equal(main?.state?.terminated?.exitCode, 0);
  assert.equal(main.state.terminated.reason, 'Completed');
  assert.equal(main.state.terminated.message, 'all done\n');
  assert.match(main.containerID ?? '', /^containerd:\/\/[0-9a-f]{64}$/);
  assert.equal(pod.status.initContainerStatuses?.[0]?.state?.terminated?.reason, 'Completed');

  await kubectl(server, 'delete job whole --cascade=foreground');
  assert.deepEqual(await podsOf(server, 'whole'), []);
  assert.deepEqual(tasksOf(world.containerd), []);
});

test('a container that exits with 3 fails its Job, and its pod says why', async (context) => {
  if (!requirements(context)) return;
  await using world = await open();
  const { server } = world;
  await kubectl(server, 'apply -f -', job('broken', 'echo trying; echo sorry >&2; exit 3'));
  await waitFor(server, 'Failed', 'broken');
  const [pod] = await podsOf(server, 'broken');
  assert.equal(pod?.status?.phase, 'Failed');
  const ended = pod.status.containerStatuses?.[0]?.state?.terminated;
  assert.equal(ended?.exitCode, 3);
  assert.equal(ended.reason, 'Error');
  // containerd reads the two streams side by side, so that their order is not kept.
  const lines = (await kubectl(server, 'logs job/broken')).split('\n').toSorted();
  assert.deepEqual(lines, ['', 'sorry', 'trying']);
  const reason = "get job broken -o jsonpath={.status.conditions[?(@.type=='Failed')].reason}";
  assert.equal(await kubectl(server, reason), 'BackoffLimitExceeded');

  await kubectl(
    server,
    'apply -f -',
    job(
      'retried',
      'test $(id -g) = 3000 || exit 9; test -e /state/tried && exit 0; touch /state/tried; exit 1',
      {
        restartPolicy: 'OnFailure',
        securityContext: { runAsGroup: 3000 },
        containers: [
          {
            name: 'main',
            image: 'busybox:1.37',
            command: [
              'sh',
              '-c',
              'test $(id -g) = 3000 || exit 9; test -e /state/tried && exit 0; touch /state/tried; exit 1',
            ],
            volumeMounts: [{ name: 'state', mountPath: '/state' }],
          },
        ],
        volumes: [{ name: 'state', emptyDir: {} }],
      },
      { backoffLimit: 3 },
    ),
  );
  await waitFor(server, 'Complete', 'retried');
  const [retried] = await podsOf(server, 'retried');
  const status = retried?.status?.containerStatuses?.[0];
  assert.equal(status?.restartCount, 1);
  assert.equal(status.lastState?.terminated?.exitCode, 1);
});

test('a deleted pod gets its grace, and what ignores the signal is killed', async (context) => {
  if (!requirements(context)) return;
  await using world = await open();
  const { server, containerd } = world;
  const stubborn = 'trap "" TERM; echo up; while :; do sleep 0.1; done';
  await kubectl(server, 'apply -f -', job('stubborn', stubborn, { terminationGracePeriodSeconds: 1 }));
  const pod = await podWhen(server, 'stubborn', isRunning);
  assert.equal(tasksOf(containerd).length, 2, 'the sandbox and the container');
  const begun = Date.now();
  await kubectl(server, 'delete job stubborn --cascade=foreground --timeout=30s');
  const took = Date.now() - begun;
  assert.ok(took >= 1000 && took < 10_000, `it took ${took} ms`);
  assert.deepEqual(tasksOf(containerd), []);
  const { code, stderr } = await server.kubectl(['get', 'pod', pod.metadata?.name ?? '']);
  assert.equal(code, 1);
  assert.match(stderr, /NotFound/);
});

test('a container goes on while the server is away, and is counted once', async (context) => {
  if (!requirements(context)) return;
  await using world = await open();
  const { server, containerd } = world;
  const script = 'echo run >> /count/runs; until test -e /count/go; do sleep 0.05; done; wc -l < /count/runs';
  const directory = join(containerd.directory, 'count');
  const mounted = {
    containers: [
      {
        name: 'main',
        image: 'busybox:1.37',
        command: ['sh', '-c', script],
        volumeMounts: [{ name: 'count', mountPath: '/count' }],
      },
    ],
    volumes: [{ name: 'count', hostPath: { path: directory, type: 'DirectoryOrCreate' } }],
  };
  await kubectl(server, 'apply -f -', job('lasting', script, mounted));
  const before = await podWhen(server, 'lasting', isRunning);
  const tasks = tasksOf(containerd);
  await server.stop('SIGKILL');
  assert.deepEqual(tasksOf(containerd), tasks, 'nothing ended with the server');

  await using again = await startServer(runtimeFlags(containerd), server.dataDirectory);
  const after = await podWhen(again, 'lasting', isRunning);
  assert.equal(after.metadata?.uid, before.metadata?.uid);
  const idOf = ({ status }: Pod): string | undefined => status?.containerStatuses?.[0]?.containerID;
  assert.equal(idOf(after), idOf(before));
  assert.ok(existsSync(directory));
  containerd.ctr([
    'tasks',
    'exec',
    '--exec-id',
    'go',
    (idOf(after) ?? '').slice('containerd://'.length),
    'touch',
    '/count/go',
  ]);
  await waitFor(again, 'Complete', 'lasting');
  assert.equal(await kubectl(again, 'logs job/lasting'), '1\n');
  assert.equal(await kubectl(again, 'get job lasting -o jsonpath={.status.succeeded}'), '1');
  assert.equal((await podsOf(again, 'lasting')).length, 1);
});
