import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus } from '../../apis/core/types.ts';
import { ContainerEnds } from './container-ends.ts';

const status = (name: string, exitCode?: number): ContainerStatus => ({
  name,
  image: 'busybox',
  imageID: '',
  ready: false,
  restartCount: 0,
  state: exitCode === undefined ? { running: {} } : { terminated: { exitCode, reason: 'Error' } },
});

test('a container counts once, when it has ended, with how', () => {
  const ends = new ContainerEnds();
  const running = { containerStatuses: [status('a'), status('b')] };
  const one = { containerStatuses: [status('a', 139), status('b')] };
  ends.note({}, running);
  ends.note(running, one);
  ends.note(one, one);
  ends.note(one, {
    containerStatuses: [status('a', 139), status('b', 139)],
    initContainerStatuses: [status('i', 1)],
  });
  assert.deepEqual(
    [...ends.all()].map(({ kind, exitCode, reason, count }) => [kind, exitCode, reason, count]),
    [
      ['container', 139, 'Error', 2],
      ['init_container', 1, 'Error', 1],
    ],
  );
});
