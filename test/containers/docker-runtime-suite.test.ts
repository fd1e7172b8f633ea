/** The rules that every runtime keeps, on a dockerd that all of these tests share. */
import { after, type TestContext } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { newDockerRuntime } from '../../src/kubelet/runtimes/docker/index.ts';
import type { Owner } from '../../src/kubelet/runtimes/owner.ts';
import type { Runtime } from '../../src/kubelet/runtimes/runtime.ts';
import { runtimeSuite } from '../../src/kubelet/runtimes/testing/suite.ts';
import { silent } from '../harness/job-world.ts';
import { type Dockerd, requireDockerd, startDockerd } from './dockerd.ts';
import { makeBusyboxImage } from './images.ts';
import { ownerMade } from './owner-made.ts';

const BUSYBOX = 'docker.io/library/busybox:latest';

let dockerd: Promise<Dockerd> | undefined;
after(async () => (await dockerd)?.stop());

async function startWithBusybox(): Promise<Dockerd> {
  const started = await startDockerd();
  await started.load(makeBusyboxImage(started.directory, [BUSYBOX]));
  return started;
}

async function open(test: TestContext) {
  if (!requireDockerd(test)) return undefined;
  dockerd ??= startWithBusybox();
  const { endpoint } = await dockerd;
  const openAs = (owner: Owner): Promise<Runtime> =>
    newDockerRuntime({ endpoint, owner, clock: systemClock, log: silent });
  const reopen = (): Promise<Runtime> => openAs(ownerMade('suite'));
  return { runtime: await reopen(), image: BUSYBOX, reopen, openAs };
}

runtimeSuite('docker', open);
