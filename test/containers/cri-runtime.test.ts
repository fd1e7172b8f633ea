import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { silent } from '../../src/client/testing/silent-log.ts';
import { loadImage } from '../../src/kubelet/local-images/index.ts';
import type { ContainerConfig, ContainerStatus } from '../../src/kubelet/runtimes/container.ts';
import { newCriRuntime } from '../../src/kubelet/runtimes/cri/index.ts';
import { CONTAINER_NAME_LABEL, POD_UID_LABEL } from '../../src/kubelet/runtimes/labels.ts';
import type { Runtime } from '../../src/kubelet/runtimes/runtime.ts';
import { RuntimeError } from '../../src/kubelet/runtimes/runtime-error.ts';
import type { SandboxConfig } from '../../src/kubelet/runtimes/sandbox.ts';
import { requireCriEngine, startCriEngine } from './chosen-engine.ts';
import type { CriEngine } from './cri-engine.ts';
import { makeBusyboxImage } from './images.ts';
import { ownerMade } from './owner-made.ts';

const BUSYBOX = 'docker.io/library/busybox:latest';

/** A runtime on an engine of its own that has busybox; both end with it. */
async function open() {
  const engine = await startCriEngine();
  try {
    const { directory, endpoint } = engine;
    await loadImage(makeBusyboxImage(directory, [BUSYBOX]), { engine: 'cri', endpoint });
    const runtime = await newCriRuntime({
      endpoint: engine.endpoint,
      owner: ownerMade('test'),
      clock: systemClock,
      log: silent,
    });
    const exits = new Map<string, (status: ContainerStatus) => void>();
    const ended = new Map<string, ContainerStatus>();
    runtime.onEvent(({ containerId, status }) => {
      if (status === undefined) return;
      ended.set(containerId, status);
      exits.get(containerId)?.(status);
    });
    const exitOf = (id: string): Promise<ContainerStatus> => {
      const status = ended.get(id);
      return status === undefined
        ? new Promise((resolve) => exits.set(id, resolve))
        : Promise.resolve(status);
    };
    return {
      engine,
      runtime,
      exitOf,
      async [Symbol.asyncDispose]() {
        await runtime.close();
        await engine.stop();
      },
    };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

function sandboxOf(engine: CriEngine, name: string): SandboxConfig {
  const logDirectory = join(engine.directory, 'logs', name);
  mkdirSync(join(logDirectory, 'c'), { recursive: true });
  return {
    metadata: { name, namespace: 'default', uid: `uid-${name}`, attempt: 0 },
    hostname: name,
    logDirectory,
    portMappings: [],
    labels: { [POD_UID_LABEL]: `uid-${name}` },
    annotations: { note: 'kept' },
    linux: {
      hostNetwork: false,
      hostPid: false,
      hostIpc: false,
      sharePid: false,
      privileged: false,
      supplementalGroups: [],
      readonlyRootfs: false,
      seccomp: { type: 'RuntimeDefault' },
      sysctls: {},
    },
  };
}

function containerOf(
  sandbox: SandboxConfig,
  script: string,
  more: Partial<ContainerConfig> = {},
): ContainerConfig {
  return {
    metadata: { name: 'c', attempt: 0 },
    imageRef: BUSYBOX,
    image: 'busybox',
    command: ['sh', '-c', script],
    args: [],
    workingDir: '/tmp',
    env: [{ name: 'GREETING', value: 'hej' }],
    mounts: [],
    labels: { ...sandbox.labels, [CONTAINER_NAME_LABEL]: 'c' },
    annotations: { restart: '0' },
    logPath: 'c/0.log',
    stdin: false,
    stdinOnce: false,
    tty: false,
    resources: {
      cpuPeriod: 100_000,
      cpuQuota: 50_000,
      cpuShares: 512,
      memoryLimit: 64 * 1024 * 1024,
      swapLimit: 0,
      oomScoreAdj: 1000,
      hugePages: [],
      unified: {},
    },
    security: {
      privileged: false,
      addCapabilities: [],
      dropCapabilities: ['NET_RAW'],
      runAsUser: 1234,
      runAsGroup: 1234,
      supplementalGroups: [77],
      supplementalGroupsPolicy: 'Merge',
      readonlyRootfs: true,
      noNewPrivileges: true,
      maskedPaths: ['/proc/kcore'],
      readonlyPaths: ['/proc/sys'],
    },
    ...more,
  };
}

async function runContainer(
  runtime: Runtime,
  sandbox: SandboxConfig,
  config: ContainerConfig,
): Promise<string> {
  const sandboxId = await runtime.runPodSandbox(sandbox);
  const id = await runtime.createContainer(sandboxId, config, sandbox);
  await runtime.startContainer(id);
  return id;
}

test('a container runs as its configuration says, and its exit is told with all that is known of it', async (context) => {
  if (!requireCriEngine(context)) return;
  await using world = await open();
  const { runtime, engine } = world;
  const sandbox = sandboxOf(engine, 'p');
  // containerd notes a start when the call for it ends, and a shorter life may be over before.
  const script =
    'id -u; id -G; pwd; hostname; echo $GREETING; touch /file || cat /data/file; sleep 0.5; exit 3';
  const data = join(engine.directory, 'data');
  mkdirSync(data);
  const mount = { name: 'data', containerPath: '/data', hostPath: data, readonly: true } as const;
  const config = containerOf(sandbox, script, { mounts: [{ ...mount, propagation: 'private' }] });
  const started = Date.now();
  const id = await runContainer(runtime, sandbox, config);
  const status = await world.exitOf(id);
  assert.equal(status.exitCode, 3);
  assert.equal(status.reason, 'Error');
  assert.equal(status.state, 'exited');
  assert.deepEqual(status.metadata, { name: 'c', attempt: 0 });
  assert.equal(status.annotations['restart'], '0');
  assert.ok(status.startedAt >= started - 1 && status.finishedAt >= status.startedAt);
  assert.deepEqual(await runtime.containerStatus(id), status);
  const log = readFileSync(join(sandbox.logDirectory, config.logPath), 'utf8');
  // The two streams are copied side by side, so that only the order within one is certain.
  const lines = [...log.matchAll(/^\S+ stdout F (.*)$/gm)].map(([, text]) => text);
  assert.deepEqual(lines, ['1234', '1234 77', '/tmp', 'p', 'hej']);
  assert.match(log, /stderr F touch: \/file: Read-only file system/);

  const [listed] = await runtime.listPodSandboxes({ labels: { [POD_UID_LABEL]: 'uid-p' } });
  assert.deepEqual(listed?.metadata, sandbox.metadata);
  assert.equal(listed?.annotations['note'], 'kept');
  const seen = await runtime.podSandboxStatus(listed?.id ?? '');
  assert.match(seen.ips[0] ?? '', /^10\./);
  assert.deepEqual(
    (await runtime.listContainers({ sandboxId: seen.id })).map((each) => [each.id, each.state]),
    [[id, 'exited']],
  );
  await runtime.stopPodSandbox(seen.id);
  await runtime.removePodSandbox(seen.id);
  await runtime.removePodSandbox(seen.id);
  await runtime.removeContainer(id);
  await assert.rejects(
    runtime.containerStatus(id),
    (error) => error instanceof RuntimeError && error.kind === 'NotFound',
  );
});

test('what cannot start says why, and what takes too much memory is told as OOMKilled', async (context) => {
  if (!requireCriEngine(context)) return;
  await using world = await open();
  const { runtime, engine } = world;
  const sandbox = sandboxOf(engine, 'p');
  const sandboxId = await runtime.runPodSandbox(sandbox);
  const missing = { ...containerOf(sandbox, ''), command: ['/no/such/program'] };
  const id = await runtime.createContainer(sandboxId, missing, sandbox);
  await assert.rejects(
    runtime.startContainer(id),
    (error) => error instanceof RuntimeError && /no such file or directory/.test(error.message),
  );
  // With control groups of version 1 containerd listens for the kernel's kills only a moment after a start.
  const greedy = containerOf(sandbox, 'sleep 1; x=0123456789abcdef; while true; do x=$x$x; done', {
    metadata: { name: 'd', attempt: 0 },
  });
  const eater = await runtime.createContainer(sandboxId, greedy, sandbox);
  await runtime.startContainer(eater);
  const { reason, exitCode } = await world.exitOf(eater);
  assert.deepEqual({ reason, exitCode }, { reason: 'OOMKilled', exitCode: 137 });
});

test('an image that was loaded here is told from one that was not', async (context) => {
  if (!requireCriEngine(context)) return;
  await using world = await open();
  const { runtime, engine } = world;
  await engine.importArchive(makeBusyboxImage(engine.directory, ['docker.io/library/plain:1']));
  assert.equal((await runtime.images.status(BUSYBOX))?.local, true);
  assert.equal((await runtime.images.status('docker.io/library/plain:1'))?.local, false);
  assert.equal(await runtime.images.status('docker.io/library/nothing:1'), undefined);
  await engine.restart(0);
  assert.equal((await runtime.images.status(BUSYBOX))?.local, true);
});

test('an exit while the engine is away is told when it comes back', async (context) => {
  if (!requireCriEngine(context)) return;
  await using world = await open();
  const { runtime, engine } = world;
  const sandbox = sandboxOf(engine, 'p');
  const id = await runContainer(runtime, sandbox, containerOf(sandbox, 'sleep 1; exit 9'));
  await engine.restart(1500);
  assert.equal((await world.exitOf(id)).exitCode, 9);
  const later = sandboxOf(engine, 'q');
  const second = await runContainer(runtime, later, containerOf(later, 'exit 4'));
  assert.equal((await world.exitOf(second)).exitCode, 4, 'events flow again');
});
