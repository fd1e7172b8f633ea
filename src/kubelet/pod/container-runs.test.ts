import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Pod } from '../../apis/core/types.ts';
import { PodDirectories } from '../pod-directories.ts';
import type { ContainerStatus } from '../runtimes/container.ts';
import { CONTAINER_NAME_LABEL, IMAGE_ANNOTATION } from '../runtimes/labels.ts';
import { ContainerEnds } from './container-ends.ts';
import { adoptedView } from './container-runs.ts';
import type { NodeServices } from './node-services.ts';
import { redefine } from './redefinition.ts';

/** As a runtime tells of a container that has ended, of which it knows the exit code alone. */
const exited = (name: string, attempt: number) =>
  ({
    id: `${name}-${attempt}`,
    metadata: { name, attempt },
    state: 'exited',
    exitCode: 1,
    reason: 'Error',
    message: '',
    labels: { [CONTAINER_NAME_LABEL]: name },
    annotations: {},
    startedAt: 1,
    finishedAt: 2,
  }) as unknown as ContainerStatus;

test('what was told of an end lasts longer than its node agent, and what was not is read by the next', async (context) => {
  const directories = new PodDirectories(mkdtempSync(join(tmpdir(), 'longshore-runs-')));
  context.after(() => rmSync(directories.root, { recursive: true }));
  const terminated = (id: string, message: string) => ({
    terminated: { exitCode: 1, reason: 'OOMKilled', message, containerID: `x://${id}` },
  });
  const status = { restartCount: 1, image: '', imageID: '', ready: false };
  const told = {
    ...status,
    name: 'told',
    state: terminated('told-1', 'last'),
    lastState: terminated('told-0', 'first'),
  };
  const pod = {
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { containers: [{ name: 'told' }, { name: 'untold' }] },
    status: {
      containerStatuses: [told, { ...status, restartCount: 0, name: 'untold', state: { running: {} } }],
    },
  } as unknown as Pod;
  const containers = [exited('told', 0), exited('told', 1), exited('untold', 0)];
  const view = adoptedView(pod, { sandboxes: [], containers }, 'x');
  const words = directories.terminationLog('u', 'untold', 0);
  mkdirSync(dirname(words), { recursive: true });
  writeFileSync(words, 'meanwhile');
  const services = { directories, runtime: { traits: { files: true } } } as unknown as NodeServices;
  await new ContainerEnds(services, view).learn(pod);
  const ends = view.containers.map(({ run, previous }) => [run?.reason, run?.message, previous?.message]);
  assert.deepEqual(ends, [
    ['OOMKilled', 'last', 'first'],
    ['Error', 'meanwhile', undefined],
  ]);
});

test('a run that was told of is not forgotten because the runtime still has an earlier one', () => {
  const status = { image: '', imageID: '', ready: false, restartCount: 1 };
  const terminated = { exitCode: 0, reason: 'Completed', containerID: 'x://succeeded-1' };
  const pod = {
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { containers: [{ name: 'succeeded' }, { name: 'ran' }, { name: 'again' }] },
    status: {
      containerStatuses: [
        { ...status, name: 'succeeded', containerID: 'x://succeeded-1', state: { terminated } },
        { ...status, name: 'ran', containerID: 'x://ran-1', state: { running: {} } },
        { ...status, name: 'again', restartCount: 0, state: { terminated: { exitCode: 1 } } },
      ],
    },
  } as unknown as Pod;
  const containers = [exited('succeeded', 0), exited('ran', 0), exited('again', 0), exited('again', 1)];
  const view = adoptedView(pod, { sandboxes: [], containers }, 'x');
  const seen = view.containers.map(({ run, restarts, ended, previous }) => ({
    run: run && [run.id, run.state, run.exitCode],
    restarts,
    ended: ended.map(({ id }) => id),
    previous: previous?.containerID,
  }));
  assert.deepEqual(seen, [
    {
      run: ['succeeded-1', 'exited', 0],
      restarts: 1,
      ended: ['succeeded-0'],
      previous: 'x://succeeded-0',
    },
    { run: ['ran-1', 'exited', 137], restarts: 1, ended: ['ran-0'], previous: 'x://ran-0' },
    { run: ['again-1', 'exited', 1], restarts: 1, ended: ['again-0'], previous: 'x://again-0' },
  ]);
});

test('a container that runs with another image than its pod asks for by now is known after a restart of its agent', () => {
  const running = (name: string, annotations: object) =>
    ({ ...exited(name, 0), state: 'running', annotations }) as unknown as ContainerStatus;
  const containers = ['same', 'changed', 'older'].map((name) => ({ name, image: 'new' }));
  const pod = { metadata: {}, spec: { containers }, status: {} } as unknown as Pod;
  const found = [
    running('same', { [IMAGE_ANNOTATION]: 'new' }),
    running('changed', { [IMAGE_ANNOTATION]: 'old' }),
    // Made by an agent that noted no image.
    running('older', {}),
  ];
  const view = adoptedView(pod, { sandboxes: [], containers: found }, 'x');
  redefine(pod.spec, view);
  const ended = view.containers.filter(({ kill }) => kill !== undefined);
  assert.deepEqual(
    ended.map(({ spec }) => spec.name),
    ['changed'],
  );
});
