/** The rules that every runtime keeps, on a Podman that all of these tests share. */
import { after, type TestContext } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { silent } from '../../src/client/testing/silent-log.ts';
import { newDockerRuntime } from '../../src/kubelet/runtimes/docker/index.ts';
import type { Owner } from '../../src/kubelet/runtimes/owner.ts';
import type { Runtime } from '../../src/kubelet/runtimes/runtime.ts';
import { runtimeSuite } from '../../src/kubelet/runtimes/testing/suite.ts';
import { PATIENCE } from '../harness/patience.ts';
import type { DockerEngine } from './docker-engine.ts';
import { makeBusyboxImage } from './images.ts';
import { ownerMade } from './owner-made.ts';
import { connected, requirePodman, startPodman } from './podman.ts';

const BUSYBOX = 'docker.io/library/busybox:latest';

let podman: Promise<DockerEngine> | undefined;
after(async () => (await podman)?.stop());

async function startWithBusybox(): Promise<DockerEngine> {
  const started = await startPodman();
  await started.load(makeBusyboxImage(started.directory, [BUSYBOX]));
  return started;
}

async function open(test: TestContext) {
  if (!requirePodman(test)) return undefined;
  podman ??= startWithBusybox();
  const { endpoint } = await podman;
  const openAs = (owner: Owner): Promise<Runtime> =>
    connected(() => newDockerRuntime({ endpoint, owner, clock: systemClock, log: silent }));
  const reopen = (): Promise<Runtime> => openAs(ownerMade('suite'));
  return { runtime: await reopen(), image: BUSYBOX, reopen, openAs };
}

runtimeSuite('podman', open, PATIENCE);
