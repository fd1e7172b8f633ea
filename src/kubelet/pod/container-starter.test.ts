import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import { ContainerStarter } from './container-starter.ts';
import type { NodeServices } from './node-services.ts';
import type { PodGround } from './pod-ground.ts';
import { type ContainerRun, newPodView } from './pod-view.ts';

const CREATED = { id: 'made', sandboxId: 's', attempt: 0, state: 'created', exitCode: 0 } as ContainerRun;
const pod = { metadata: {}, spec: { containers: [{ name: 'c' }] } } as unknown as DeepReadonly<Pod>;

/** Settles a container that its runtime tells as created, after its start was asked for and nobody heard what came of it. */
async function settled(notesStarts: boolean, hasGroup: boolean) {
  const removed: string[] = [];
  const view = newPodView(pod);
  view.sandbox = { id: 's', attempt: 0, ready: true, ips: [] };
  const services = {
    clock: new VirtualClock(),
    groups: { hasRun: async () => hasGroup },
    runtime: {
      traits: { notesStarts },
      containerStatus: async () => ({ ...CREATED, metadata: { attempt: 0 }, annotations: {} }),
      removeContainer: async (id: string) => void removed.push(id),
    },
  } as unknown as NodeServices;
  const ground = { checkSandbox: async () => {} } as unknown as PodGround;
  const [record] = view.containers;
  assert.ok(record);
  record.run = CREATED;
  record.waiting = { reason: 'RunContainerError' };
  await new ContainerStarter(services, view, ground).settle(pod, record);
  return { removed, run: record.run, waiting: record.waiting?.reason };
}

test('a container that was made, and has no trace of a start, makes room for another of the same run', async () => {
  for (const notesStarts of [true, false]) {
    const { removed, run } = await settled(notesStarts, false);
    assert.deepEqual([removed, run], [['made'], undefined]);
  }
});

test('where the runtime may forget a start, a container whose group is there is lost, and does not run twice', async () => {
  const { removed, run, waiting } = await settled(false, true);
  assert.deepEqual([removed, run?.state, run?.reason], [[], 'exited', 'ContainerStatusUnknown']);
  assert.equal(waiting, undefined, 'it waits for nothing');
});

test('where the runtime notes each start, its word counts', async () => {
  const { removed, run } = await settled(true, true);
  assert.deepEqual([removed, run], [['made'], undefined]);
});
