/** Jobs in real containers: the real server, the real kubectl, a containerd of the test's own. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Pod } from '../../src/apis/core/types.ts';
import { kubectl } from '../harness/kubectl.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import { type Containerd, requireContainerd, startContainerd } from './containerd.ts';
import { makeBusyboxImage } from './images.ts';
import { isRunning, jobIs, podOfEnded, podOfJobWhen, podsOf, startJob } from './jobs.ts';

const BUSYBOX = 'docker.io/library/busybox:1.37';

function requirements(context: TestContext): boolean {
  return requireContainerd(context) && requireKubectl(context);
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

/** Runs kubectl with that command line, which has to succeed; answers what it printed. */
const run = (server: TestServer, line: string): Promise<string> => kubectl(server, line.split(' '));

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
  await run(server, 'create configmap words --from-literal=greeting=hej --from-literal=file.txt=lines');
  await run(server, 'create secret generic keys --from-literal=password=s3cret');
  const script = [
    'echo "$GREETING $PASSWORD $POD_NAME"',
    'cat /shared/note /words/file.txt; echo',
    'stat -c %a /keys/..data/password; id -u; hostname; cat /etc/hosts | grep -c $(hostname)',
    'echo "all done" > /dev/termination-log',
  ].join('; ');
  const shared = { name: 'shared', mountPath: '/shared' };
  await startJob(server, 'whole', script, {
    container: {
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
    podSpec: {
      securityContext: { runAsUser: 1000, fsGroup: 2000 },
      initContainers: [
        {
          name: 'first',
          image: 'busybox:1.37',
          command: ['sh', '-c', 'echo from init > /shared/note'],
          volumeMounts: [shared],
        },
      ],
      volumes: [
        { name: 'shared', emptyDir: {} },
        { name: 'words', configMap: { name: 'words' } },
        { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o440 } },
      ],
    },
  });
  const pod = await podOfEnded(server, 'whole', 'Complete');
  const name = pod.metadata.name ?? '';
  assert.deepEqual((await run(server, 'logs job/whole')).split('\n'), [
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

  await run(server, 'delete job whole --cascade=foreground');
  assert.deepEqual(await podsOf(server, 'whole'), []);
  assert.deepEqual(tasksOf(world.containerd), []);
});

test('a container that exits with 3 fails its Job, and its pod says why', async (context) => {
  if (!requirements(context)) return;
  await using world = await open();
  const { server } = world;
  await startJob(server, 'broken', 'echo trying; echo sorry >&2; exit 3');
  const pod = await podOfEnded(server, 'broken', 'Failed');
  assert.equal(pod?.status?.phase, 'Failed');
  const ended = pod.status.containerStatuses?.[0]?.state?.terminated;
  assert.equal(ended?.exitCode, 3);
  assert.equal(ended.reason, 'Error');
  // containerd reads the two streams side by side, so that their order is not kept.
  const lines = (await run(server, 'logs job/broken')).split('\n').toSorted();
  assert.deepEqual(lines, ['', 'sorry', 'trying']);
  const reason = "get job broken -o jsonpath={.status.conditions[?(@.type=='Failed')].reason}";
  assert.equal(await run(server, reason), 'BackoffLimitExceeded');

  const retry = 'test $(id -g) = 3000 || exit 9; test -e /state/tried && exit 0; touch /state/tried; exit 1';
  await startJob(server, 'retried', retry, {
    container: { volumeMounts: [{ name: 'state', mountPath: '/state' }] },
    podSpec: {
      restartPolicy: 'OnFailure',
      securityContext: { runAsGroup: 3000 },
      volumes: [{ name: 'state', emptyDir: {} }],
    },
    jobSpec: { backoffLimit: 3 },
  });
  const retried = await podOfEnded(server, 'retried', 'Complete');
  const status = retried?.status?.containerStatuses?.[0];
  assert.equal(status?.restartCount, 1);
  assert.equal(status.lastState?.terminated?.exitCode, 1);
});

test('a deleted pod gets its grace, and what ignores the signal is killed', async (context) => {
  if (!requirements(context)) return;
  await using world = await open();
  const { server, containerd } = world;
  const stubborn = 'trap "" TERM; echo up; while :; do sleep 0.1; done';
  await startJob(server, 'stubborn', stubborn);
  const pod = await podOfJobWhen(server, 'stubborn', isRunning);
  assert.equal(tasksOf(containerd).length, 2, 'the sandbox and the container');
  const begun = Date.now();
  await run(server, 'delete job stubborn --cascade=foreground --timeout=30s');
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
  await startJob(server, 'lasting', script, {
    container: { volumeMounts: [{ name: 'count', mountPath: '/count' }] },
    podSpec: {
      volumes: [{ name: 'count', hostPath: { path: directory, type: 'DirectoryOrCreate' } }],
    },
  });
  const before = await podOfJobWhen(server, 'lasting', isRunning);
  const tasks = tasksOf(containerd);
  await server.stop('SIGKILL');
  assert.deepEqual(tasksOf(containerd), tasks, 'nothing ended with the server');

  await using again = await startServer(runtimeFlags(containerd), server.dataDirectory);
  const after = await podOfJobWhen(again, 'lasting', isRunning);
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
  await jobIs(again, 'lasting', 'Complete');
  assert.equal(await run(again, 'logs job/lasting'), '1\n');
  assert.equal(await run(again, 'get job lasting -o jsonpath={.status.succeeded}'), '1');
  assert.equal((await podsOf(again, 'lasting')).length, 1);
});
