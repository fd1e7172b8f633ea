import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod, PodSpec } from '../../apis/core/types.ts';
import { countRestart } from './backoff.ts';
import { planPod } from './plan.ts';
import { type ContainerRecord, newPodView, type PodView, recordOf } from './pod-view.ts';
import { redefine } from './redefinition.ts';

const NOW = 1_000_000;

function specOf(image: string): DeepReadonly<PodSpec> {
  return {
    restartPolicy: 'Never',
    initContainers: [
      { name: 'first', image },
      { name: 'beside', image, restartPolicy: 'Always' },
    ],
    containers: [{ name: 'main', image }],
  } as DeepReadonly<PodSpec>;
}

function viewOf(image: string): PodView {
  const view = newPodView({ spec: specOf(image) } as unknown as DeepReadonly<Pod>);
  view.sandbox = { id: 's', attempt: 0, ready: true, ips: [] };
  return view;
}

function record(view: PodView, name = 'main'): ContainerRecord {
  const found = recordOf(view, name);
  assert.ok(found);
  return found;
}

function run(view: PodView, name: string, image?: string): void {
  const base = { id: name, sandboxId: 's', attempt: 0, startedAt: NOW, finishedAt: 0, exitCode: 0 };
  const told = image === undefined ? {} : { image };
  record(view, name).run = { ...base, state: 'running', reason: '', message: '', imageId: '', ...told };
}

test('what runs with another image is ended and begins again at once, whatever its restart policy says', () => {
  const view = viewOf('old');
  for (const name of ['beside', 'main']) run(view, name, 'old');
  record(view, 'beside').started = true;
  const spec = specOf('new');
  redefine(spec, view);
  const plan = planPod(spec, view, NOW);
  assert.ok(plan.kind === 'run');
  assert.deepEqual(
    plan.stop.map(({ kill }) => kill?.why),
    ['Init container beside definition changed', 'Container main definition changed, will be restarted'],
  );
  const main = record(view);
  main.run = { ...main.run, state: 'exited', exitCode: 143, finishedAt: NOW } as typeof main.run & object;
  main.backoffMs = 10_000;
  redefine(spec, view);
  const next = planPod(spec, view, NOW);
  assert.ok(next.kind === 'run');
  assert.deepEqual(
    next.start.map(({ spec: { name, image } }) => [name, image]),
    [['main', 'new']],
  );
});

test('what waits after failures starts at once with another image, and its next failure is its first', () => {
  const view = viewOf('old');
  const main = record(view);
  Object.assign(main, { notBefore: NOW + 60_000, backoffMs: 160_000, backoffAt: NOW });
  redefine(specOf('old'), view);
  assert.equal(main.notBefore, NOW + 60_000);
  redefine(specOf('new'), view);
  assert.deepEqual([main.notBefore, main.backoffMs, main.spec.image], [0, 0, 'new']);
  countRestart(main, NOW);
  assert.equal(main.backoffMs, 10_000);
});

test('an init container that runs, and a run of which nobody noted the image, go on', () => {
  const view = viewOf('old');
  run(view, 'first', 'old');
  run(view, 'main');
  redefine(specOf('new'), view);
  assert.deepEqual([record(view, 'first').kill, record(view).kill], [undefined, undefined]);
});
