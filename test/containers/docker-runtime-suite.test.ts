/** The rules that every runtime keeps, on a dockerd that all of these tests share. */
import { after, type TestContext } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { silent } from '../../src/client/testing/silent-log.ts';
import { newDockerRuntime } from '../../src/kubelet/runtimes/docker/index.ts';
import type { Owner } from '../../src/kubelet/runtimes/owner.ts';
import type { Runtime } from '../../src/kubelet/runtimes/runtime.ts';
import { runtimeSuite } from '../../src/kubelet/runtimes/testing/suite.ts';
import { PATIENCE } from '../harness/patience.ts';
import type { DockerEngine } from './docker-engine.ts';
import { requireDockerd, startDockerd } from './dockerd.ts';
import { makeBusyboxImage } from './images.ts';
import { ownerMade } from './owner-made.ts';
import { imageThere, runningRuntime, SUITE_IMAGE } from './programs.ts';

let dockerd: Promise<DockerEngine> | undefined;
after(async () => (await dockerd)?.stop());

async function startWithBusybox(): Promise<DockerEngine> {
  const started = await startDockerd();
  await started.load(makeBusyboxImage(started.directory, [SUITE_IMAGE]));
  return started;
}

async function open(test: TestContext) {
  const endpoint = runningRuntime('DOCKER') ?? (await startedEndpoint(test));
  if (endpoint === undefined) return undefined;
  const openAs = (owner: Owner): Promise<Runtime> =>
    newDockerRuntime({ endpoint, owner, clock: systemClock, log: silent });
  const reopen = (): Promise<Runtime> => openAs(ownerMade('suite'));
  const runtime = await reopen();
  return { runtime, image: await imageThere(runtime), reopen, openAs };
}

async function startedEndpoint(test: TestContext): Promise<string | undefined> {
  if (!requireDockerd(test)) return undefined;
  dockerd ??= startWithBusybox();
  return (await dockerd).endpoint;
}

runtimeSuite('docker', open, PATIENCE);
