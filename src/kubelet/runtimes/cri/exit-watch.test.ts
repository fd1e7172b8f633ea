import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../apimachinery/clock.ts';
import { silent } from '../../../client/testing/silent-log.ts';
import type { ContainerStatus } from '../container.ts';
import type { ContainerdClient, EndObserver } from './containerd-client.ts';
import { CriError } from './cri-error.ts';
import { ExitWatch } from './exit-watch.ts';

/** A containerd that announces at once that its only container has ended; the status of each is `status`'s to say. */
function watching(
  clock: VirtualClock,
  status: () => 'running' | 'exited' | 'gone',
  { announced = ['a'], letGo = [] as readonly string[], exited = (): readonly string[] => [] } = {},
) {
  const told: string[] = [];
  let looks = 0;
  const containerd = {
    onEnd({ exited: tell, deleted }: EndObserver) {
      for (const id of announced) tell(id);
      for (const id of letGo) clock.after(100, () => deleted(id));
      return () => {};
    },
  } as unknown as ContainerdClient;
  const watch = new ExitWatch(
    {
      clock,
      log: silent,
      containerd,
      isSandbox: (id) => id.startsWith('sandbox'),
      onCriExit: () => () => {},
      containerStatus: async (id) => {
        looks += 1;
        const state = status();
        if (state === 'gone') throw new CriError('NOT_FOUND', 'no such container');
        return { id, state } as ContainerStatus;
      },
      exitedContainers: async () => exited(),
    },
    ({ id }) => void told.push(id),
  );
  return { watch, told, looks: () => looks };
}

test('an exit is told however long its status lags behind', async () => {
  const clock = new VirtualClock();
  const { watch, told } = watching(clock, () => (clock.monotonic() < 60_000 ? 'running' : 'exited'));
  await clock.advance(59_000);
  assert.deepEqual(told, []);
  await clock.advance(2_000);
  assert.deepEqual(told, ['a']);
  watch.stop();
  assert.equal(clock.pending, 0);
});

test('the status of a container, and of no sandbox, is looked at once containerd has let go of it', async () => {
  const clock = new VirtualClock();
  const status = (): 'running' | 'exited' => (clock.monotonic() < 100 ? 'running' : 'exited');
  const { watch, told, looks } = watching(clock, status, {
    announced: ['a', 'sandbox-of-a'],
    letGo: ['a', 'sandbox-of-a'],
  });
  await clock.advance(99);
  assert.equal(looks(), 0);
  await clock.advance(1);
  assert.deepEqual([told, looks()], [['a'], 1]);
  watch.stop();
  assert.equal(clock.pending, 0);
});

test('a watch that stops waits for nothing', async () => {
  const clock = new VirtualClock();
  const { watch, told } = watching(clock, () => 'exited');
  watch.stop();
  await clock.advance(2_000);
  assert.deepEqual([told, clock.pending], [[], 0]);
});

test('a container that is gone is not waited for', async () => {
  const clock = new VirtualClock();
  const { watch, told } = watching(clock, () => (clock.monotonic() < 100 ? 'running' : 'gone'));
  await clock.advance(1_200);
  assert.deepEqual(told, []);
  watch.stop();
  assert.equal(clock.pending, 0);
});

test('an exit whose event came before this watch, and whose status comes after, is told within a minute', async () => {
  const clock = new VirtualClock();
  const { watch, told } = watching(clock, () => 'exited', { announced: [], exited: () => ['late'] });
  await clock.advance(59_000);
  assert.deepEqual(told, []);
  await clock.advance(2_000);
  assert.deepEqual(told, ['late']);
  watch.stop();
  assert.equal(clock.pending, 0);
});

/** A runtime with events of CRI alone, which has no containers but what `exited` names. */
function withCriEvents(clock: VirtualClock, exited: () => readonly string[]) {
  const told: string[] = [];
  const streams: (() => void)[] = [];
  const containerd = {
    onEnd({ lost }: EndObserver) {
      void Promise.resolve().then(() => lost(new CriError('UNIMPLEMENTED', 'no containerd')));
      return () => {};
    },
  } as unknown as ContainerdClient;
  const watch = new ExitWatch(
    {
      clock,
      log: silent,
      containerd,
      isSandbox: () => false,
      onCriExit: (_exited, _lost, untold) => {
        streams.push(untold);
        return () => {};
      },
      containerStatus: async (id) => ({ id, state: 'exited' }) as ContainerStatus,
      exitedContainers: async () => exited(),
    },
    ({ id }) => void told.push(id),
  );
  return { watch, told, streams };
}

test('an exit whose event the runtime dropped is told within a minute', async () => {
  const clock = new VirtualClock();
  const exited: string[] = [];
  const { watch, told } = withCriEvents(clock, () => exited);
  await clock.advance(1000);
  exited.push('dropped');
  await clock.advance(60_000);
  assert.deepEqual(told, ['dropped']);
  watch.stop();
  assert.equal(clock.pending, 0);
});

test('a runtime that ended the stream without a word is looked at, and asked for events again later', async () => {
  const clock = new VirtualClock();
  const exited: string[] = [];
  const { watch, told, streams } = withCriEvents(clock, () => exited);
  await clock.advance(1000);
  streams[0]?.();
  exited.push('a');
  await clock.advance(1000);
  assert.deepEqual([told, streams.length], [['a'], 1]);
  await clock.advance(60_000);
  assert.equal(streams.length, 2);
  watch.stop();
  assert.equal(clock.pending, 0);
});
