/** The rules that every runtime keeps, on an engine that all of these tests share. */
import { after, type TestContext } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { silent } from '../../src/client/testing/silent-log.ts';
import { newCriRuntime } from '../../src/kubelet/runtimes/cri/index.ts';
import type { Owner } from '../../src/kubelet/runtimes/owner.ts';
import type { Runtime } from '../../src/kubelet/runtimes/runtime.ts';
import { runtimeSuite } from '../../src/kubelet/runtimes/testing/suite.ts';
import { PATIENCE } from '../harness/patience.ts';
import { requireCriEngine, startCriEngine } from './chosen-engine.ts';
import type { CriEngine } from './cri-engine.ts';
import { makeBusyboxImage } from './images.ts';
import { ownerMade } from './owner-made.ts';
import { imageThere, runningRuntime, SUITE_IMAGE } from './programs.ts';

let engine: Promise<CriEngine> | undefined;
after(async () => (await engine)?.stop());

async function startWithBusybox(): Promise<CriEngine> {
  const started = await startCriEngine();
  await started.importArchive(makeBusyboxImage(started.directory, [SUITE_IMAGE]));
  return started;
}

async function open(test: TestContext) {
  const endpoint = runningRuntime('CRI') ?? (await startedEndpoint(test));
  if (endpoint === undefined) return undefined;
  const openAs = (owner: Owner): Promise<Runtime> =>
    newCriRuntime({ endpoint, owner, clock: systemClock, log: silent });
  const reopen = (): Promise<Runtime> => openAs(ownerMade('suite'));
  const runtime = await reopen();
  return { runtime, image: await imageThere(runtime), reopen, openAs };
}

async function startedEndpoint(test: TestContext): Promise<string | undefined> {
  if (!requireCriEngine(test)) return undefined;
  engine ??= startWithBusybox();
  return (await engine).endpoint;
}

runtimeSuite('containerd', open, PATIENCE);
