import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { ContainerState, ContainerStatus } from '../runtimes/container.ts';
import { ContainerStopper } from './container-stopper.ts';
import type { NodeServices } from './node-services.ts';
import { type ContainerRun, newPodView } from './pod-view.ts';

/** Stops the only container of a pod, of which the runtime says afterwards that it is in that state. */
async function stopped(state: ContainerState): Promise<ContainerRun | undefined> {
  const clock = new VirtualClock();
  const pod = {
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { containers: [{ name: 'c' }] },
    status: {},
  } as unknown as Pod;
  const told = { id: 'c-0', sandboxId: 's', startedAt: 1, exitCode: 5, reason: 'Error', message: '' };
  const status = { ...told, state, finishedAt: 2, metadata: { attempt: 0 }, annotations: {}, imageRef: 'i' };
  const runtime = {
    traits: { files: true },
    stopContainer: async () => {},
    containerStatus: async () => status as unknown as ContainerStatus,
  };
  const view = newPodView(pod);
  const [record] = view.containers;
  assert.ok(record);
  record.run = { ...told, state: 'running', attempt: 0, finishedAt: 0, imageId: 'i' };
  const services = { clock, runtime, events: { event: () => {} } } as unknown as NodeServices;
  await new ContainerStopper(services, view, () => '').stopAll(pod, 1, async () => {});
  return record.run;
}

test('a container that was stopped has ended as its runtime says', async () => {
  const run = await stopped('exited');
  assert.deepEqual([run?.state, run?.exitCode, run?.reason], ['exited', 5, 'Error']);
});

test('one that its runtime still shows running then has ended too, nobody knows how', async () => {
  const run = await stopped('running');
  assert.deepEqual([run?.state, run?.exitCode, run?.reason], ['exited', 137, 'ContainerStatusUnknown']);
});
