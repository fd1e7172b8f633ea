import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, Pod, PodSpec } from '../../apis/core/types.ts';
import { phaseOf } from '../status/phase.ts';
import { type PodPlan, planPod } from './plan.ts';
import { type ContainerRun, newPodView, type PodView, recordOf } from './pod-view.ts';

const NOW = 1_000_000;
const main = (name = 'main', more: Partial<Container> = {}): Container => ({ name, image: 'i', ...more });

function viewOf(spec: Partial<PodSpec>): { spec: DeepReadonly<PodSpec>; view: PodView } {
  const full = { restartPolicy: 'Never', containers: [main()], ...spec } as PodSpec;
  const view = newPodView({ spec: full } as unknown as DeepReadonly<Pod>);
  view.sandbox = { id: 's', attempt: 0, ready: true, ips: [] };
  view.attempts = 1;
  return { spec: full, view };
}

function set(view: PodView, name: string, run: Partial<ContainerRun>): void {
  const record = recordOf(view, name);
  assert.ok(record);
  const base = { id: name, sandboxId: 's', attempt: 0, startedAt: NOW - 1000, finishedAt: 0, exitCode: 0 };
  record.run = { ...base, state: 'running', reason: '', message: '', imageId: '', ...run };
}

const exited = (exitCode: number, finishedAt = NOW): Partial<ContainerRun> => ({
  state: 'exited',
  exitCode,
  finishedAt,
});
const names = (plan: PodPlan): readonly string[] =>
  plan.kind === 'run' ? plan.start.map(({ spec }) => spec.name) : [plan.kind];

test('a pod without a sandbox gets one first', () => {
  const { spec, view } = viewOf({});
  delete view.sandbox;
  assert.equal(planPod(spec, view, NOW).kind, 'make-sandbox');
});

test('all containers start together once there is nothing to prepare', () => {
  const { spec, view } = viewOf({ containers: [main('a'), main('b')] });
  assert.deepEqual(names(planPod(spec, view, NOW)), ['a', 'b']);
  set(view, 'a', {});
  assert.deepEqual(names(planPod(spec, view, NOW)), ['b']);
});

test('a pod is finished when no container will run again, not before', () => {
  const { spec, view } = viewOf({ containers: [main('a'), main('b')] });
  set(view, 'a', exited(1));
  set(view, 'b', {});
  assert.deepEqual(planPod(spec, view, NOW), { kind: 'run', start: [], delayed: [], stop: [] });
  set(view, 'b', exited(0));
  assert.equal(planPod(spec, view, NOW).kind, 'finish');
  assert.equal(phaseOf(spec, view, true), 'Failed');
});

test('restart policies: OnFailure runs failures again, Always runs everything again', () => {
  for (const [restartPolicy, exitCode, again] of [
    ['Never', 1, false],
    ['OnFailure', 0, false],
    ['OnFailure', 1, true],
    ['Always', 0, true],
  ] as const) {
    const { spec, view } = viewOf({ restartPolicy });
    set(view, 'main', exited(exitCode));
    assert.deepEqual(
      names(planPod(spec, view, NOW)),
      [again ? 'main' : 'finish'],
      `${restartPolicy} ${exitCode}`,
    );
    assert.equal(phaseOf(spec, view, false) === 'Running', again);
  }
});

test("a container's own restart policy and rules go before the pod's", () => {
  const rule = { action: 'Restart', exitCodes: { operator: 'In', values: [42] } };
  const { spec, view } = viewOf({
    containers: [main('main', { restartPolicy: 'Never', restartPolicyRules: [rule] })],
  });
  set(view, 'main', exited(42));
  assert.deepEqual(names(planPod(spec, view, NOW)), ['main']);
  set(view, 'main', exited(41));
  assert.equal(planPod(spec, view, NOW).kind, 'finish');
});

test('a container whose time has not come is delayed, and the plan says until when', () => {
  const { spec, view } = viewOf({ restartPolicy: 'Always' });
  set(view, 'main', exited(1, NOW - 3000));
  Object.assign(recordOf(view, 'main') ?? {}, { backoffMs: 10_000 });
  const plan = planPod(spec, view, NOW);
  assert.ok(plan.kind === 'run');
  assert.deepEqual(
    plan.delayed.map((each) => each.spec.name),
    ['main'],
  );
  assert.equal(plan.wakeAt, NOW + 7000);
  assert.deepEqual(names(planPod(spec, view, NOW + 7000)), ['main']);
});

test('init containers run in order, each after the one before has succeeded', () => {
  const { spec, view } = viewOf({ initContainers: [main('one'), main('two')] });
  assert.deepEqual(names(planPod(spec, view, NOW)), ['one']);
  set(view, 'one', {});
  assert.deepEqual(names(planPod(spec, view, NOW)), []);
  set(view, 'one', exited(0));
  assert.deepEqual(names(planPod(spec, view, NOW)), ['two']);
  set(view, 'two', exited(0));
  assert.deepEqual(names(planPod(spec, view, NOW)), ['main']);
});

test('a failed init container ends a pod that never restarts, and runs again in one that does', () => {
  for (const restartPolicy of ['Never', 'OnFailure', 'Always'] as const) {
    const { spec, view } = viewOf({ restartPolicy, initContainers: [main('one')] });
    set(view, 'one', exited(1));
    assert.deepEqual(names(planPod(spec, view, NOW)), [restartPolicy === 'Never' ? 'finish' : 'one']);
    assert.equal(phaseOf(spec, view, false), restartPolicy === 'Never' ? 'Failed' : 'Pending');
  }
});

test('a sidecar lets the next begin once it has started, restarts while the pod works, and does not hold its end up', () => {
  const { spec, view } = viewOf({
    initContainers: [main('beside', { restartPolicy: 'Always' }), main('one')],
  });
  assert.deepEqual(names(planPod(spec, view, NOW)), ['beside']);
  set(view, 'beside', {});
  assert.deepEqual(names(planPod(spec, view, NOW)), ['one']);
  set(view, 'one', exited(0));
  set(view, 'main', {});
  set(view, 'beside', exited(0));
  assert.deepEqual(names(planPod(spec, view, NOW)), ['beside']);
  assert.equal(phaseOf(spec, view, false), 'Running');
  set(view, 'main', exited(0));
  assert.equal(planPod(spec, view, NOW).kind, 'finish');
  assert.equal(phaseOf(spec, view, true), 'Succeeded');
});

test('a lost sandbox: a pod that may run again begins again, one that may not is finished', () => {
  for (const [restartPolicy, kind] of [
    ['Never', 'finish'],
    ['OnFailure', 'make-sandbox'],
  ] as const) {
    const { spec, view } = viewOf({ restartPolicy, initContainers: [main('one')] });
    set(view, 'one', exited(0));
    set(view, 'main', exited(137));
    view.sandbox = { id: 's', attempt: 0, ready: false, ips: [] };
    assert.equal(planPod(spec, view, NOW).kind, kind);
  }
  const { spec, view } = viewOf({ restartPolicy: 'OnFailure', initContainers: [main('one')] });
  set(view, 'one', exited(0));
  set(view, 'main', exited(137));
  view.sandbox = { id: 'next', attempt: 1, ready: true, ips: [] };
  assert.deepEqual(
    names(planPod(spec, view, NOW)),
    ['one'],
    'what prepares a pod is done anew in a new sandbox',
  );
});

test('a container that failed a probe is to be stopped', () => {
  const { spec, view } = viewOf({ restartPolicy: 'Always' });
  set(view, 'main', {});
  Object.assign(recordOf(view, 'main') ?? {}, { kill: { why: 'because' } });
  const plan = planPod(spec, view, NOW);
  assert.ok(plan.kind === 'run');
  assert.deepEqual(
    plan.stop.map((each) => each.spec.name),
    ['main'],
  );
});

test('an end that a rule names makes all containers begin again, in the place that they have', () => {
  const exitCodes = { operator: 'In' as const, values: [88] };
  const rules = { restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes }] };
  const restartPolicy = 'Never' as const;
  const { spec, view } = viewOf({ containers: [main('a', { restartPolicy, ...rules }), main('b')] });
  set(view, 'a', exited(88));
  set(view, 'b', {});
  assert.equal(planPod(spec, view, NOW).kind, 'restart-all');
  set(view, 'a', exited(1));
  assert.deepEqual(names(planPod(spec, view, NOW)), []);
});

test('a wait that is longer than any wait is over: the clock was set back', () => {
  const { spec, view } = viewOf({ restartPolicy: 'Always' });
  set(view, 'main', exited(1, NOW + 3_600_000));
  assert.deepEqual(names(planPod(spec, view, NOW)), ['main']);
});

test('a pod has not ended before what runs beside its containers has', () => {
  const beside = { name: 'beside', image: 'i', restartPolicy: 'Always' } as Container;
  const { spec, view } = viewOf({ initContainers: [main('first'), beside] });
  set(view, 'first', exited(1));
  assert.equal(phaseOf(spec, view, false), 'Failed');
  set(view, 'beside', {});
  assert.equal(phaseOf(spec, view, false), 'Pending');
  set(view, 'first', exited(0));
  set(view, 'main', exited(0));
  assert.equal(planPod(spec, view, NOW).kind, 'finish');
  assert.equal(phaseOf(spec, view, false), 'Running');
  set(view, 'beside', exited(137));
  assert.equal(phaseOf(spec, view, false), 'Succeeded');
});

test('a container that was ended for a failed probe begins again, however it ended, unless it has just done so', () => {
  const { spec, view } = viewOf({ restartPolicy: 'OnFailure' });
  set(view, 'main', exited(0));
  const record = recordOf(view, 'main');
  assert.ok(record);
  assert.equal(planPod(spec, view, NOW).kind, 'finish');
  Object.assign(record, { renewing: true, backoffMs: 10_000 });
  assert.deepEqual(names(planPod(spec, view, NOW)), ['main']);
  record.previous = { exitCode: 0, finishedAt: new Date(NOW - 9_000).toISOString() };
  const waiting = planPod(spec, view, NOW);
  assert.ok(waiting.kind === 'run');
  assert.deepEqual([waiting.start, waiting.wakeAt], [[], NOW + 10_000]);
  record.previous = { exitCode: 0, finishedAt: new Date(NOW - 11_000).toISOString() };
  assert.deepEqual(names(planPod(spec, view, NOW)), ['main']);
});
