import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../apimachinery/clock.ts';
import { newController } from './controller-runner.ts';
import { newWorkqueue } from './key-queue.ts';
import { silent } from './testing/silent-log.ts';

function controllerOf(clock: VirtualClock, sync: (key: string) => Promise<number | undefined>, workers = 2) {
  const queue = newWorkqueue({ name: 'test', clock });
  const controller = newController({
    name: 'test',
    reconciler: { sync },
    queue,
    log: silent,
    informers: [],
    workers,
  });
  return { queue, controller };
}

test('a failing key comes again with backoff and is forgotten once it succeeds', async () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  const { queue, controller } = controllerOf(clock, async () => {
    times.push(clock.monotonic());
    if (times.length < 4) throw new Error('not yet');
    return undefined;
  });
  await controller.start();
  queue.add('a');
  await clock.advance(1000);
  assert.deepEqual(times, [0, 5, 15, 35]);
  assert.equal(queue.requeues('a'), 0);
  await controller.stop();
  assert.equal(clock.pending, 0);
});

test('a returned number brings the key again after that many milliseconds', async () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  const { queue, controller } = controllerOf(clock, async () => {
    times.push(clock.monotonic());
    return times.length < 3 ? 250 : undefined;
  });
  await controller.start();
  queue.add('a');
  await clock.advance(2000);
  assert.deepEqual(times, [0, 250, 500]);
  await controller.stop();
});

test('as many keys are worked on at a time as there are workers, and never one key twice', async () => {
  const clock = new VirtualClock();
  const working = new Set<string>();
  let most = 0;
  const { queue, controller } = controllerOf(
    clock,
    async (key) => {
      assert.ok(!working.has(key));
      working.add(key);
      most = Math.max(most, working.size);
      await new Promise<void>((resolve) => clock.after(10, resolve));
      working.delete(key);
      return undefined;
    },
    3,
  );
  await controller.start();
  for (let at = 0; at < 10; at++) queue.add(`k${at % 5}`);
  await clock.advance(5);
  queue.add('k0');
  await clock.advance(100);
  assert.equal(most, 3);
  await controller.stop();
});

test('stop lets the sync in hand end and leaves what waits', async () => {
  const clock = new VirtualClock();
  const ended: string[] = [];
  const { queue, controller } = controllerOf(
    clock,
    async (key) => {
      await new Promise<void>((resolve) => clock.after(100, resolve));
      ended.push(key);
      return undefined;
    },
    1,
  );
  await controller.start();
  queue.add('a');
  queue.add('b');
  await clock.advance(10);
  const stopped = controller.stop();
  await clock.advance(200);
  await stopped;
  assert.deepEqual(ended, ['a']);
});

test('work that never ends and never waits leaves the rest of the process its turns', async () => {
  const clock = new VirtualClock();
  let syncs = 0;
  const { queue, controller } = controllerOf(clock, async (key) => {
    syncs += 1;
    queue.add(key);
    return undefined;
  });
  await controller.start();
  queue.add('a');
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  const soFar = syncs;
  assert.ok(soFar > 0);
  await controller.stop();
  assert.ok(syncs < soFar + 1000);
});
