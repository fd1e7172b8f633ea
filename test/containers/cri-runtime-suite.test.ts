/** The rules that every runtime keeps, on a containerd that all of these tests share. */
import { after, type TestContext } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { newCriRuntime } from '../../src/kubelet/runtimes/cri/index.ts';
import type { Owner } from '../../src/kubelet/runtimes/owner.ts';
import type { Runtime } from '../../src/kubelet/runtimes/runtime.ts';
import { runtimeSuite } from '../../src/kubelet/runtimes/testing/suite.ts';
import { silent } from '../harness/job-world.ts';
import { type Containerd, requireContainerd, startContainerd } from './containerd.ts';
import { makeBusyboxImage } from './images.ts';
import { ownerMade } from './owner-made.ts';

const BUSYBOX = 'docker.io/library/busybox:latest';

let containerd: Promise<Containerd> | undefined;
after(async () => (await containerd)?.stop());

async function startWithBusybox(): Promise<Containerd> {
  const started = await startContainerd();
  await started.importArchive(makeBusyboxImage(started.directory, [BUSYBOX]));
  return started;
}

async function open(test: TestContext) {
  if (!requireContainerd(test)) return undefined;
  containerd ??= startWithBusybox();
  const { endpoint } = await containerd;
  const openAs = (owner: Owner): Promise<Runtime> =>
    newCriRuntime({ endpoint, owner, clock: systemClock, log: silent });
  const reopen = (): Promise<Runtime> => openAs(ownerMade('suite'));
  return { runtime: await reopen(), image: BUSYBOX, reopen, openAs };
}

runtimeSuite('containerd', open);
