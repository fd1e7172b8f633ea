import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCri } from '../../src/kubelet/runtimes/cri/client.ts';
import { CriError } from '../../src/kubelet/runtimes/cri/cri-error.ts';
import { ContainerState, PodSandboxState } from '../../src/kubelet/runtimes/cri/generated/runtime_pb.ts';
import { requireContainerd, startContainerd } from './containerd.ts';
import { makeBusyboxImage } from './images.ts';

const BUSYBOX = 'docker.io/library/busybox:latest';

test('a sandbox, a container, its log, its exit code and its removal go through the client', async (context) => {
  if (!requireContainerd(context)) return;
  await using containerd = await startContainerd();
  await containerd.importArchive(makeBusyboxImage(containerd.directory, [BUSYBOX]));
  const cri = await openCri(`unix://${containerd.endpoint}`);
  try {
    assert.equal((await cri.version()).runtimeApiVersion, 'v1');
    assert.ok((await cri.imageStatus('busybox:latest'))?.repoTags.includes(BUSYBOX));
    assert.equal(await cri.imageStatus('nobody/nothing:1'), undefined);

    const sandbox = {
      metadata: { name: 'p', namespace: 'default', uid: 'u-1', attempt: 0 },
      hostname: 'p',
      logDirectory: join(containerd.directory, 'logs'),
      labels: { 'io.kubernetes.pod.uid': 'u-1' },
      linux: {},
    };
    const sandboxId = await cri.runPodSandbox(sandbox);
    const seen = await cri.podSandboxStatus(sandboxId);
    assert.equal(seen.state, PodSandboxState.SANDBOX_READY);
    assert.match(seen.network?.ip ?? '', /^10\./);

    const container = {
      metadata: { name: 'c', attempt: 0 },
      image: { image: BUSYBOX },
      command: ['sh', '-c', 'echo "out $GREETING"; echo err >&2; exit 7'],
      envs: [{ key: 'GREETING', value: Buffer.from('hej') }],
      logPath: 'c_0.log',
      linux: {},
    };
    const id = await cri.createContainer(sandboxId, container, sandbox);
    await cri.startContainer(id);
    let status = await cri.containerStatus(id);
    while (status.state !== ContainerState.CONTAINER_EXITED) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      status = await cri.containerStatus(id);
    }
    assert.equal(status.exitCode, 7);
    assert.equal(status.reason, 'Error');
    const log = readFileSync(join(sandbox.logDirectory, container.logPath), 'utf8');
    assert.match(log, /^\S+ stdout F out hej$/m);
    assert.match(log, /^\S+ stderr F err$/m);

    const long = {
      ...container,
      metadata: { name: 'd', attempt: 0 },
      command: ['sleep', '100'],
      logPath: 'd.log',
    };
    const running = await cri.createContainer(sandboxId, long, sandbox);
    await cri.startContainer(running);
    const inside = await cri.execSync(running, ['hostname'], 10);
    assert.equal(Buffer.from(inside.stdout).toString(), 'p\n');
    await cri.stopContainer(running, 0);
    assert.equal((await cri.containerStatus(running)).exitCode, 137);

    await cri.stopPodSandbox(sandboxId);
    await cri.removePodSandbox(sandboxId);
    await cri.removePodSandbox(sandboxId);
    assert.deepEqual(await cri.listPodSandbox(), []);
    assert.deepEqual(await cri.listContainers({ labelSelector: {} }), []);
    await assert.rejects(
      cri.containerStatus(id),
      (error) => error instanceof CriError && error.code === 'NOT_FOUND',
    );
  } finally {
    cri.close();
  }
});
