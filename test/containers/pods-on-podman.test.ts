/** Jobs on a Podman of the test's own, by its Docker API: the real server, the real kubectl. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { usageIn } from '../../src/apis/core/index.ts';
import type { Pod } from '../../src/apis/core/types.ts';
import { kubectl } from '../harness/kubectl.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import { makeBusyboxImage } from './images.ts';
import { isRunning, jobIs, podOfJobWhen, startJob } from './jobs.ts';
import { statusOf, waitsFor } from './pod-world.ts';
import { connected, requirePodman, startPodman } from './podman.ts';

const BUSYBOX = 'docker.io/library/busybox:1.37';

const ended = (server: TestServer, job: string): Promise<Pod> =>
  podOfJobWhen(server, job, ({ status }) => /Succeeded|Failed/.test(status.phase ?? ''));

async function whole(server: TestServer): Promise<void> {
  await kubectl(server, ['create', 'configmap', 'words', '--from-literal=greeting=hej']);
  const shared = { name: 'shared', mountPath: '/shared' };
  const script = [
    'echo "$GREETING $(cat /words/greeting) $(cat /shared/note) $(id -u)"',
    'test "$(hostname)" = "$POD_NAME" && grep -q "$POD_IP.*$(hostname)" /etc/hosts && echo named',
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max',
    'echo done > /dev/termination-log; echo sorry >&2',
  ].join('; ');
  const own = (path: string): object => ({ valueFrom: { fieldRef: { fieldPath: path } } });
  const container = {
    env: [
      { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'words', key: 'greeting' } } },
      { name: 'POD_NAME', ...own('metadata.name') },
      { name: 'POD_IP', ...own('status.podIP') },
    ],
    resources: { limits: { memory: '64Mi' } },
    volumeMounts: [shared, { name: 'words', mountPath: '/words' }],
  };
  const first = { name: 'first', image: 'busybox:1.37', volumeMounts: [shared] };
  await startJob(server, 'whole', script, {
    container,
    podSpec: {
      securityContext: { runAsUser: 1000 },
      initContainers: [{ ...first, command: ['sh', '-c', 'echo first > /shared/note'] }],
      volumes: [
        { name: 'shared', emptyDir: {} },
        { name: 'words', configMap: { name: 'words' } },
      ],
    },
  });
  const pod = await ended(server, 'whole');
  const { terminated } = statusOf(pod).state ?? {};
  const said = (await kubectl(server, ['logs', 'job/whole'])).trimEnd().split('\n').toSorted();
  assert.deepEqual(said, ['67108864', 'hej hej first 1000', 'named', 'sorry']);
  assert.deepEqual(
    [terminated?.exitCode, terminated?.reason, terminated?.message],
    [0, 'Completed', 'done\n'],
  );
  await jobIs(server, 'whole', 'Complete');
  const job = JSON.parse(await kubectl(server, ['get', 'job', 'whole', '-o', 'json'])) as Pod;
  const used = usageIn(job.metadata.annotations);
  assert.deepEqual([...used.keys()].sort(), ['c', 'first']);
  for (const { cpuSeconds, peakMemoryBytes } of used.values()) {
    assert.ok(cpuSeconds > 0 && peakMemoryBytes > 0, JSON.stringify([...used]));
  }
}

async function wrong(server: TestServer): Promise<void> {
  await startJob(server, 'broken', 'exit 3');
  await startJob(server, 'greedy', 'tail /dev/zero', {
    container: { resources: { limits: { memory: '32Mi' } } },
  });
  await startJob(server, 'no-command', '', { container: { command: ['no-such-program'] } });
  await startJob(server, 'no-image', '', { container: { image: '127.0.0.1:1/nothing:1' } });
  const end = async (job: string) => {
    const { terminated } = statusOf(await ended(server, job)).state ?? {};
    return [terminated?.exitCode, terminated?.reason];
  };
  assert.deepEqual(await end('broken'), [3, 'Error']);
  // Podman's own watcher does not see it in control groups of version 1, where nobody else can either.
  const reason = existsSync('/sys/fs/cgroup/memory') ? /^(Error|OOMKilled)$/ : /^OOMKilled$/;
  const [code, why] = await end('greedy');
  assert.equal(code, 137);
  assert.match(String(why), reason);
  assert.deepEqual(await end('no-command'), [128, 'StartError']);
  await podOfJobWhen(server, 'no-image', (pod) => waitsFor(pod, 'ImagePullBackOff'));
}

async function streams(server: TestServer): Promise<void> {
  await startJob(server, 'busy', 'echo one; until test -e /tmp/go; do sleep 0.05; done; echo two');
  const pod = await podOfJobWhen(server, 'busy', isRunning);
  const name = pod.metadata.name ?? '';
  const following = kubectl(server, ['logs', '-f', name]);
  const seen = await server.kubectl(['exec', '-i', name, '--', 'sh', '-c', 'cat; exit 7'], 'in\n');
  assert.deepEqual([seen.code, seen.stdout], [7, 'in\n']);
  await kubectl(server, ['exec', name, '--', 'touch', '/tmp/go']);
  assert.equal(await following, 'one\ntwo\n');
  assert.equal((await ended(server, 'busy')).status.phase, 'Succeeded');
}

test('Jobs run on Podman as on Docker', async (context: TestContext) => {
  if (!requirePodman(context) || !requireKubectl(context)) return;
  await using podman = await startPodman();
  await podman.load(makeBusyboxImage(podman.directory, [BUSYBOX]));
  await using server = await connected(() => startServer(['--runtime', `docker=${podman.endpoint}`]));
  await context.test('with their configuration, volumes, limits and logs', () => whole(server));
  await context.test('and what goes wrong is told as on Kubernetes', () => wrong(server));
  await context.test('and exec and followed logs reach them', () => streams(server));
});
