/** Pods in a Docker Engine of the test's own: the real server, the real kubectl. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { usageIn } from '../../src/apis/core/index.ts';
import type { Pod } from '../../src/apis/core/types.ts';
import { kubectl } from '../harness/kubectl.ts';
import { eventually } from '../harness/poll.ts';
import { requireProgram } from '../harness/requirement.ts';
import { execute, LONGSHORE, type Outcome, startServer } from '../harness/server.ts';
import { type DockerWorld, sharedDockerWorld } from './docker-world.ts';
import { makeBusyboxImage, makeResolvingImage } from './images.ts';
import { isRunning, jobIs, podOfEnded, podOfJobWhen, startJob } from './jobs.ts';
import { statusOf, waitsFor } from './pod-world.ts';
import { startRegistry } from './registry.ts';

const open = sharedDockerWorld();

test('a Job on Docker gets its configuration, volumes, limits and rights, and completes', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  await kubectl(on.server, [
    'create',
    'configmap',
    'words',
    '--from-literal=greeting=hej',
    '--from-literal=f=lines',
  ]);
  await kubectl(on.server, ['create', 'secret', 'generic', 'keys', '--from-literal=password=s3cret']);
  const script = [
    'echo "$GREETING $PASSWORD $0 $1"',
    'cat /shared/note /words/f; echo; test -d /engine && echo engine',
    'stat -c %a /keys/..data/password; touch /keys/x 2>/dev/null || echo kept',
    'id -u; id -g; id -G; pwd; touch /x 2>/dev/null || echo readonly',
    'test "$(hostname)" = "$POD_NAME" && grep -q "$POD_IP.*$(hostname)" /etc/hosts && echo named',
    'grep -c 192.0.2.7.*alias /etc/hosts; grep -c "nameserver 192.0.2.53" /etc/resolv.conf',
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max',
    'grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status',
    'echo "all done" > /dev/termination-log',
  ].join('; ');
  const shared = { name: 'shared', mountPath: '/shared' };
  const image = 'busybox:1.37';
  await startJob(on.server, 'whole', '', {
    container: {
      command: ['sh', '-c', script],
      args: ['zero', '$(GREETING)'],
      workingDir: '/var',
      env: [
        { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'words', key: 'greeting' } } },
        { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
        { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      ],
      resources: { limits: { memory: '64Mi', cpu: '500m' } },
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
      volumeMounts: [
        shared,
        { name: 'words', mountPath: '/words' },
        { name: 'engine', mountPath: '/engine', readOnly: true },
        { name: 'keys', mountPath: '/keys', readOnly: true },
      ],
    },
    podSpec: {
      securityContext: { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000 },
      hostAliases: [{ ip: '192.0.2.7', hostnames: ['alias'] }],
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['192.0.2.53'] },
      initContainers: [
        { name: 'first', image, command: ['sh', '-c', 'echo first > /shared/note'], volumeMounts: [shared] },
      ],
      volumes: [
        { name: 'shared', emptyDir: {} },
        { name: 'words', configMap: { name: 'words' } },
        { name: 'engine', hostPath: { path: on.dockerd.directory } },
        { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o440 } },
      ],
    },
  });
  const pod = await podOfEnded(on.server, 'whole', 'Complete');
  const said = (await kubectl(on.server, ['logs', 'job/whole'])).trimEnd().split('\n');
  const rights = said.splice(-3);
  const seen =
    'hej s3cret zero hej,first,lines,engine,440,kept,1000,3000,3000 2000,/var,readonly,named,1,1,67108864';
  assert.deepEqual(said, seen.split(','));
  assert.deepEqual(rights, ['CapEff:\t0000000000000000', 'NoNewPrivs:\t1', 'Seccomp:\t2']);
  assert.match(pod.status.podIP ?? '', /^10\./);
  const { containerID, state } = statusOf(pod);
  assert.match(containerID ?? '', /^docker:\/\/[0-9a-f]{64}$/);
  assert.deepEqual(
    [state?.terminated?.exitCode, state?.terminated?.reason, state?.terminated?.message],
    [0, 'Completed', 'all done\n'],
  );
  const job = JSON.parse(await kubectl(on.server, ['get', 'job', 'whole', '-o', 'json'])) as Pod;
  const used = usageIn(job.metadata.annotations);
  assert.deepEqual([...used.keys()].sort(), ['c', 'first']);
  for (const { cpuSeconds, peakMemoryBytes } of used.values()) {
    assert.ok(cpuSeconds > 0 && peakMemoryBytes > 0, JSON.stringify([...used]));
  }
  await kubectl(on.server, ['delete', 'job', 'whole', '--cascade=foreground']);
  // A container that is being removed is listed until the engine is done with it.
  let left: readonly object[] = [];
  await eventually(
    async () => {
      left = await on.dockerd.client.get<readonly object[]>('/containers/json', { all: true });
      return left.length === 0 ? true : undefined;
    },
    () => JSON.stringify(left),
  );
});

test('a running pod on Docker gets other limits', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  const limited = (memory: string): object => ({ limits: { memory, cpu: '200m' } });
  await startJob(on.server, 'resized', 'while :; do sleep 0.1; done', {
    container: { resources: limited('32Mi') },
  });
  const { metadata } = await podOfJobWhen(on.server, 'resized', isRunning);
  const patch = JSON.stringify({
    spec: {
      containers: [
        {
          name: 'c',
          resources: { requests: { memory: '48Mi', cpu: '400m' }, limits: { memory: '48Mi', cpu: '400m' } },
        },
      ],
    },
  });
  await kubectl(on.server, ['patch', 'pod', metadata.name, '--subresource', 'resize', '-p', patch]);
  const resized = await podOfJobWhen(
    on.server,
    'resized',
    (pod) => statusOf(pod).resources?.limits?.['memory'] === '48Mi',
  );
  assert.equal(statusOf(resized).restartCount, 0);
  const id = (statusOf(resized).containerID ?? '').replace('docker://', '');
  const { HostConfig } = await on.dockerd.client.get<{
    readonly HostConfig: { readonly Memory: number; readonly CpuQuota: number };
  }>(`/containers/${id}/json`);
  assert.deepEqual([HostConfig.Memory, HostConfig.CpuQuota], [48 << 20, 40_000]);
  await kubectl(on.server, ['delete', 'job', 'resized']);
});

test('what goes wrong on Docker is told as on Kubernetes', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  await startJob(on.server, 'broken', 'echo sorry >&2; exit 3');
  await startJob(on.server, 'greedy', 'tail /dev/zero', {
    container: { resources: { limits: { memory: '32Mi' } } },
  });
  await startJob(on.server, 'no-command', '', { container: { command: ['no-such-program'] } });
  await startJob(on.server, 'no-image', '', { container: { image: '127.0.0.1:1/nothing:1' } });
  const retry = 'test -e /state/tried && exit 0; touch /state/tried; exit 1';
  await startJob(on.server, 'retried', retry, {
    container: { volumeMounts: [{ name: 'state', mountPath: '/state' }] },
    podSpec: { restartPolicy: 'OnFailure', volumes: [{ name: 'state', emptyDir: {} }] },
    jobSpec: { backoffLimit: 3 },
  });
  const end = async (job: string) => statusOf(await podOfEnded(on.server, job, 'Failed')).state?.terminated;
  const broken = await end('broken');
  assert.deepEqual([broken?.exitCode, broken?.reason], [3, 'Error']);
  assert.equal(await kubectl(on.server, ['logs', 'job/broken']), 'sorry\n');
  const greedy = await end('greedy');
  assert.deepEqual([greedy?.exitCode, greedy?.reason], [137, 'OOMKilled']);
  const unknown = await end('no-command');
  assert.deepEqual([unknown?.exitCode, unknown?.reason], [128, 'StartError']);
  assert.match(unknown?.message ?? '', /no-such-program/);
  const waiting = await podOfJobWhen(on.server, 'no-image', (pod) => waitsFor(pod, 'ImagePullBackOff'));
  const message = statusOf(waiting).state?.waiting?.message ?? '';
  assert.match(
    message,
    /^Back-off pulling image "127.0.0.1:1\/nothing:1": ErrImagePull: .*daemon: .*refused/,
  );
  await kubectl(on.server, ['delete', 'job', 'no-image']);
  const retried = statusOf(await podOfEnded(on.server, 'retried', 'Complete'));
  assert.equal(retried.restartCount, 1);
  assert.equal(retried.lastState?.terminated?.exitCode, 1);
});

test('an image of a registry with a password is fetched by Docker for the pod that has it', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  const { directory } = on.dockerd;
  const archive = makeBusyboxImage(directory, ['docker.io/library/served:1'], { served: '1' });
  await using registry = await startRegistry(archive, directory);
  const login = ['--docker-username=me', '--docker-password=secret', `--docker-server=${registry.host}`];
  await kubectl(on.server, ['create', 'secret', 'docker-registry', 'login', ...login]);
  const image = `${registry.host}/closed/image:1`;
  await startJob(on.server, 'fetched', 'echo ran', {
    container: { image },
    podSpec: { imagePullSecrets: [{ name: 'login' }] },
  });
  const pod = await podOfEnded(on.server, 'fetched', 'Complete');
  assert.equal(await kubectl(on.server, ['logs', 'job/fetched']), 'ran\n');
  assert.equal(statusOf(pod).imageID, `${registry.host}/closed/image@${registry.digest}`);
});

test('kubectl logs, exec, attach, cp and port-forward reach a pod on Docker', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  const script =
    'echo one; echo page >/tmp/page; httpd -p 127.0.0.1:7071 -h /tmp; until test -e /tmp/go; do sleep 0.05; done; echo two; exit 0';
  await startJob(on.server, 'busy', script, {
    container: { ports: [{ containerPort: 7070, hostPort: 17_070 }] },
  });
  const { metadata } = await podOfJobWhen(on.server, 'busy', isRunning);
  const pod = metadata.name ?? '';
  const following = kubectl(on.server, ['logs', '-f', pod]);
  const seen = await on.server.kubectl(['exec', '-i', pod, '--', 'sh', '-c', 'cat; exit 7'], 'in\n');
  assert.deepEqual([seen.code, seen.stdout], [7, 'in\n']);
  const unknown = await on.server.kubectl(['exec', pod, '--', 'no-such-program']);
  assert.match(unknown.stderr, /error executing command in container: .*no-such-program/s);
  const file = join(on.server.dataDirectory, 'bytes');
  writeFileSync(file, Buffer.alloc(3_000_000, 'longshore\0'));
  await kubectl(on.server, ['cp', file, `${pod}:/tmp/bytes`]);
  await kubectl(on.server, ['cp', `${pod}:/tmp/bytes`, `${file}.back`]);
  assert.ok(readFileSync(`${file}.back`).equals(readFileSync(file)));
  assert.match(await fetchThrough(on, pod, 7071), /\r\n\r\npage\n$/);
  await kubectl(on.server, ['exec', pod, '--', 'touch', '/tmp/go']);
  assert.equal(await following, 'one\ntwo\n');
  await podOfEnded(on.server, 'busy', 'Complete');
});

/** Fetches `/page` from a port of a pod, through kubectl port-forward. */
async function fetchThrough(on: DockerWorld, pod: string, port: number): Promise<string> {
  const script = `kubectl port-forward pod/${pod} :${port} >out & pid=$!
    until grep -q "Forwarding from 127" out; do kill -0 $pid || exit 1; sleep 0.05; done
    local=$(sed -n 's/.*127.0.0.1:\\([0-9]*\\).*/\\1/p' out | head -1)
    printf 'GET /page HTTP/1.0\\r\\n\\r\\n' | busybox nc 127.0.0.1 $local
    kill $pid; wait $pid || true`;
  const { dataDirectory, kubeconfig } = on.server;
  const { stdout } = await execute('sh', ['-c', script], {
    cwd: dataDirectory,
    env: { ...process.env, HOME: dataDirectory, KUBECONFIG: kubeconfig },
  });
  return stdout;
}

test('the pods of an Indexed Job on Docker reach each other by their names', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  await on.dockerd.load(makeResolvingImage(on.dockerd.directory, ['docker.io/library/resolving:1']));
  const manifest = readFileSync(join(import.meta.dirname, 'manifests/talking-job.yaml'), 'utf8');
  await kubectl(on.server, ['create', '-f', '-'], manifest);
  await jobIs(on.server, 'talk', 'Complete');
  const said = await kubectl(on.server, ['logs', 'job/talk']);
  for (const index of [0, 1, 2])
    assert.match(said, new RegExp(`^talk-${index}.talkers: I am ${index}$`, 'm'));
});

test('what a container on Docker says at its very end is in its log, also without a newline', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  const jobSpec = { completions: 6, parallelism: 3 };
  await startJob(on.server, 'words', 'echo first; printf last', { jobSpec });
  await jobIs(on.server, 'words', 'Complete');
  const said = await kubectl(on.server, [
    'logs',
    '-l',
    'job-name=words',
    '--tail=-1',
    '--max-log-requests=6',
  ]);
  assert.equal(said, 'first\nlast'.repeat(6));
});

/** Runs the command line tool against that engine. */
function longshore(on: DockerWorld, ...args: string[]): Promise<Outcome> {
  const storage = join(on.dockerd.directory, 'storage.conf');
  const graph = join(on.dockerd.directory, 'buildah');
  const text = `[storage]\ndriver = "vfs"\ngraphroot = "${graph}/graph"\nrunroot = "${graph}/run"\n`;
  writeFileSync(storage, text);
  const runtime = ['--runtime', `docker=${on.dockerd.endpoint}`];
  return execute(process.execPath, [LONGSHORE, ...args, ...runtime], {
    env: { ...process.env, CONTAINERS_STORAGE_CONF: storage },
  });
}

test('an image that is built for Docker runs there, in a cluster for the length of one Job', async (context) => {
  const on = await open(context);
  if (on === undefined || !requireProgram(context, 'buildah', 'apt-get install buildah')) return;
  const directory = join(on.dockerd.directory, 'context');
  mkdirSync(directory);
  copyFileSync('/bin/busybox', join(directory, 'busybox'));
  writeFileSync(join(directory, 'Dockerfile'), 'FROM scratch\nCOPY busybox /bin/sh\nUSER 1000\n');
  const built = await longshore(on, 'image', 'build', '-t', 'made', directory);
  assert.deepEqual([built.code, built.stdout], [0, 'built docker.io/library/made:latest\n'], built.stderr);
  const list = await longshore(on, 'image', 'ls');
  assert.match(list.stdout, /^docker\.io\/library\/made:latest +[0-9a-f]{12} +[\d.]+ MB +this machine$/m);
  const job = join(directory, 'job.yaml');
  const spec = `{ restartPolicy: Never, containers: [{ name: c, image: made, command: [sh, -c, 'echo made here; exit 4'] }] }`;
  writeFileSync(
    job,
    `{ apiVersion: batch/v1, kind: Job, metadata: { name: once }, spec: { backoffLimit: 0, template: { spec: ${spec} } } }`,
  );
  const ran = await longshore(on, 'run', job);
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(ran.stdout, /^\[once-\w+\] made here$/m);
  assert.match(ran.stderr, /container c exited with code 4/);
});

test('a container on Docker goes on while the server is away, and its log is whole', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  const count = 'i=0; until test -e /tmp/go; do i=$((i+1)); echo $i; sleep 0.02; done; echo over; exit 5';
  await startJob(on.server, 'lasting', count);
  const before = statusOf(await podOfJobWhen(on.server, 'lasting', isRunning)).containerID ?? '';
  await on.server.stop('SIGKILL');
  const { client, endpoint } = on.dockerd;
  const id = before.slice('docker://'.length);
  const { State } = await client.get<{ State: { Running: boolean } }>(`/containers/${id}/json`);
  assert.ok(State.Running, 'nothing ended with the server');
  on.server = await startServer(['--runtime', `docker=${endpoint}`], on.server.dataDirectory);
  const again = await podOfJobWhen(on.server, 'lasting', isRunning);
  assert.equal(statusOf(again).containerID, before);
  await kubectl(on.server, ['exec', again.metadata.name ?? '', '--', 'touch', '/tmp/go']);
  const after = statusOf(await podOfEnded(on.server, 'lasting', 'Failed'));
  assert.deepEqual([after.containerID, after.state?.terminated?.exitCode], [before, 5]);
  const lines = (await kubectl(on.server, ['logs', 'job/lasting'])).trimEnd().split('\n');
  const counted = Array.from({ length: lines.length - 1 }, (_, index) => String(index + 1));
  assert.deepEqual(lines, [...counted, 'over']);
});

/** What `longshore up --runtime auto` chooses and says, where `/run` holds nothing but what that shell makes there. */
async function automatic(on: DockerWorld, setUp: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const data = mkdtempSync(join(on.dockerd.directory, 'auto-'));
  const up = [process.execPath, LONGSHORE, 'up', '--data-dir', data, '--port', '0', '--no-merge-kubeconfig'];
  const script = `mount -t tmpfs tmpfs /run && ${setUp} && exec "$@"`;
  const child = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', ...up], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, XDG_RUNTIME_DIR: undefined, ...env },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const over = new Promise((resolve) => child.once('close', resolve));
  const ready = new Promise((resolve) => child.stdout.setEncoding('utf8').once('data', resolve));
  await Promise.race([ready, over]);
  const record = join(data, 'server.json');
  const chosen = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')).runtime : said;
  child.kill('SIGTERM');
  await over;
  return [chosen, ...said.split('\n')];
}

test('without a choice, engines that do not answer are passed over with a word, and the next is taken', async (context) => {
  const on = await open(context);
  if (on === undefined) return;
  const home = join(on.dockerd.directory, 'home');
  mkdirSync(join(home, '.docker/run'), { recursive: true });
  symlinkSync(on.dockerd.endpoint, join(home, '.docker/run/docker.sock'));
  // Docker's own containerd answers to Docker alone.
  const inner = join(on.dockerd.directory, 'run/containerd/containerd.sock');
  const setUp = `mkdir /run/containerd && ln -s ${inner} /run/containerd/containerd.sock`;
  const [docker = '', ...told] = await automatic(on, setUp, { HOME: home });
  assert.match(docker, /^docker 2/);
  assert.match(
    told.join('\n'),
    /^Passed over: no container runtime answers on \/run\/containerd\/containerd.sock \(it does not speak CRI v1\)$/m,
  );
  const [none = '', ...words] = await automatic(on, 'true', { HOME: on.dockerd.directory });
  assert.match(none, /^process /);
  assert.match(words.join('\n'), /^Pods run as plain processes of this machine: nothing isolates them/m);
});
