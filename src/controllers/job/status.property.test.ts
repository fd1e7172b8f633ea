import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jobOf, podOf, T0 } from '../../../test/harness/job-fixtures.ts';
import { rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { labelMatcherOf } from '../../apimachinery/selectors/index.ts';
import {
  IntervalSet,
  isJobFinished,
  type Job,
  type JobSpec,
  KUBERNETES_RETRY_DELAY,
} from '../../apis/batch/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { type BackoffRecord, NO_FAILURES } from './backoff.ts';
import { Ledger } from './ledger.ts';
import { plan } from './plan.ts';
import { NO_INDEX, type PodView } from './pod-view.ts';
import { account, conclude } from './status.ts';

/** Where a sync stops short: after so many of its steps. */
const STEPS = ['stop', 'remove', 'store', 'release', 'create', 'conclude'] as const;

/** A Job and its pods without any server: each step is carried out at once, or not at all. */
class Model {
  job: DeepReadonly<Job>;
  readonly pods = new Map<string, DeepReadonly<Pod>>();
  /** Names of pods that ended in that way while a finalizer held them. */
  readonly ended = { Succeeded: new Set<string>(), Failed: new Set<string>() };
  ledger = new Ledger();
  #backoff: BackoffRecord = NO_FAILURES;
  #now = T0;
  #made = 0;

  constructor(spec: Partial<JobSpec>) {
    this.job = jobOf(spec);
    this.forget();
  }

  /** What a new process knows: nothing but what is stored. */
  forget(): void {
    this.ledger = new Ledger();
    this.ledger.bind(labelMatcherOf({}));
    for (const pod of this.pods.values()) this.ledger.observe(pod);
    this.#backoff = NO_FAILURES;
  }

  wait(ms: number): void {
    this.#now += ms;
  }

  get active(): DeepReadonly<Pod>[] {
    return [...this.pods.values()].filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed',
    );
  }

  end(which: number, phase: 'Succeeded' | 'Failed'): void {
    const active = this.active;
    const pod = active[which % Math.max(1, active.length)];
    if (pod === undefined) return;
    const terminated = { exitCode: phase === 'Failed' ? 1 : 0, finishedAt: rfc3339(this.#now) };
    const containerStatuses = (pod.status.containerStatuses ?? []).map((each) => ({
      ...each,
      state: { terminated },
    }));
    this.#put({ ...pod, status: { ...pod.status, phase, containerStatuses } });
    this.ended[phase].add(pod.metadata.name);
  }

  scale(parallelism: number): void {
    this.job = { ...this.job, spec: { ...this.job.spec, parallelism } };
  }

  /** One sync; `stopsAfter` says after how many steps the process ends. */
  sync(stopsAfter: number): void {
    if (isJobFinished(this.job)) return;
    const decision = plan({
      job: this.job,
      pods: this.ledger,
      backoff: this.#backoff,
      retryDelay: KUBERNETES_RETRY_DELAY,
      now: this.#now,
      endInSightMs: 1000,
    });
    let step: ReturnType<typeof account> | undefined;
    for (const name of STEPS.slice(0, stopsAfter)) {
      if (name === 'stop') for (const view of decision.stop) this.#delete(view);
      if (name === 'remove') for (const view of decision.remove) this.#remove(view);
      if (name === 'store') {
        step = account(this.job, this.ledger, decision, this.#now);
        this.job = { ...this.job, status: step.status };
        this.#backoff = decision.backoff;
      }
      if (name === 'release') for (const view of step?.release ?? []) this.#release(view);
      if (name === 'create') for (const index of decision.create) this.#create(index);
      if (name === 'conclude') {
        this.job = { ...this.job, status: conclude(this.job, this.ledger, decision, step?.end, this.#now) };
      }
    }
    if (stopsAfter < STEPS.length) this.forget();
  }

  #create(index: number): void {
    this.#made += 1;
    const name = `pod-${this.#made}`;
    const failures = this.job.spec.backoffLimitPerIndex === undefined ? {} : { failures: 0 };
    this.#put(podOf({ name, ...(index === NO_INDEX ? {} : { index, ...failures }) }));
  }

  #put(pod: DeepReadonly<Pod>): void {
    const next = {
      ...pod,
      metadata: { ...pod.metadata, resourceVersion: String(Number(pod.metadata.resourceVersion) + 1) },
    };
    this.pods.set(pod.metadata.uid, next);
    this.ledger.observe(next);
  }

  #delete({ uid }: PodView): void {
    const pod = this.pods.get(uid);
    if (pod === undefined) return;
    const deletionTimestamp = rfc3339(this.#now);
    this.#put({ ...pod, metadata: { ...pod.metadata, deletionTimestamp } });
  }

  #release({ uid }: PodView): void {
    const pod = this.pods.get(uid);
    if (pod === undefined) return;
    const { finalizers: _, ...metadata } = pod.metadata;
    // What is being deleted and no longer held is gone.
    if (metadata.deletionTimestamp === undefined) this.#put({ ...pod, metadata });
    else {
      this.pods.delete(uid);
      this.ledger.observeGone(uid);
    }
  }

  #remove(view: PodView): void {
    this.#release(view);
    this.pods.delete(view.uid);
    this.ledger.observeGone(view.uid);
  }
}

type Action =
  | { readonly kind: 'sync'; readonly stopsAfter: number }
  | { readonly kind: 'end'; readonly which: number; readonly phase: 'Succeeded' | 'Failed' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'scale'; readonly parallelism: number }
  | { readonly kind: 'forget' };

const anAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('sync' as const), stopsAfter: fc.constant(STEPS.length) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('sync' as const), stopsAfter: fc.nat(STEPS.length - 1) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(9),
      phase: fc.constantFrom('Succeeded' as const, 'Succeeded' as const, 'Failed' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(700_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('scale' as const), parallelism: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const) }) },
);

const aSpec: fc.Arbitrary<Partial<JobSpec>> = fc.oneof(
  fc.record({ parallelism: fc.integer({ min: 1, max: 5 }), completions: fc.nat(8), backoffLimit: fc.nat(4) }),
  fc.record({ parallelism: fc.integer({ min: 1, max: 5 }), backoffLimit: fc.nat(4) }),
  fc.record({
    parallelism: fc.integer({ min: 1, max: 5 }),
    completions: fc.nat(8),
    completionMode: fc.constant('Indexed' as const),
    backoffLimit: fc.nat(4),
  }),
  fc.record({
    parallelism: fc.integer({ min: 1, max: 5 }),
    completions: fc.nat(8),
    completionMode: fc.constant('Indexed' as const),
    backoffLimitPerIndex: fc.nat(2),
  }),
);

function indexOf(pod: DeepReadonly<Pod>): string | undefined {
  return pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'];
}

function checkState(model: Model, before: DeepReadonly<Job>, pods: ReadonlySet<string>): void {
  const { status, spec } = model.job;
  const made = [...model.pods.values()].filter((pod) => !pods.has(pod.metadata.uid));
  if (made.length > 0)
    assert.ok(model.active.length <= (spec.parallelism ?? 0), 'more active than parallelism');
  const indexes = model.active.map(indexOf).filter((each) => each !== undefined);
  assert.equal(new Set(indexes).size, indexes.length, 'two active pods of one index');
  const counted = IntervalSet.parse(before.status.completedIndexes ?? '');
  for (const pod of made) {
    const index = indexOf(pod);
    assert.ok(index === undefined || !counted.has(Number(index)), 'a succeeded index was started again');
  }
  assert.ok((status.failed ?? 0) >= (before.status.failed ?? 0), 'failed shrank');
  assert.ok((status.succeeded ?? 0) >= (before.status.succeeded ?? 0), 'succeeded shrank');
  if (isJobFinished(before)) assert.deepEqual(status, before.status, 'a finished Job changed');
  if (spec.completionMode !== 'Indexed') {
    assert.ok((status.succeeded ?? 0) <= model.ended.Succeeded.size, 'a success was counted twice');
  }
}

test('whatever happens to the pods and wherever a sync stops, the invariants of a Job hold', () => {
  fc.assert(
    fc.property(aSpec, fc.array(anAction, { maxLength: 60 }), (spec, actions) => {
      const model = new Model(spec);
      for (const action of actions) {
        const [before, pods] = [model.job, new Set(model.pods.keys())];
        if (action.kind === 'sync') model.sync(action.stopsAfter);
        else if (action.kind === 'end') model.end(action.which, action.phase);
        else if (action.kind === 'wait') model.wait(action.ms);
        else if (action.kind === 'scale') model.scale(action.parallelism);
        else model.forget();
        checkState(model, before, pods);
      }
    }),
    { numRuns: 400 },
  );
});

test('left alone with pods that succeed, every Job comes to an end in which each success is counted once', () => {
  fc.assert(
    fc.property(aSpec, fc.array(anAction, { maxLength: 40 }), (spec, actions) => {
      const model = new Model(spec);
      for (const action of actions) {
        if (action.kind === 'sync') model.sync(action.stopsAfter);
        else if (action.kind === 'end') model.end(action.which, action.phase);
        else if (action.kind === 'wait') model.wait(action.ms);
      }
      for (let round = 0; round < 60 && !isJobFinished(model.job); round++) {
        model.wait(600_000);
        model.sync(STEPS.length);
        model.end(0, 'Succeeded');
      }
      assert.ok(isJobFinished(model.job), JSON.stringify(model.job.status));
      const { succeeded = 0, uncountedTerminatedPods } = model.job.status;
      assert.deepEqual(uncountedTerminatedPods, {});
      if (spec.completionMode !== 'Indexed') assert.equal(succeeded, model.ended.Succeeded.size);
      else assert.equal(IntervalSet.parse(model.job.status.completedIndexes ?? '').size, succeeded);
    }),
    { numRuns: 300 },
  );
});

test('a ledger kept by events equals one built anew from what is stored', () => {
  fc.assert(
    fc.property(aSpec, fc.array(anAction, { maxLength: 60 }), (spec, actions) => {
      const model = new Model(spec);
      for (const action of actions) {
        if (action.kind === 'sync') model.sync(STEPS.length);
        else if (action.kind === 'end') model.end(action.which, action.phase);
        else if (action.kind === 'wait') model.wait(action.ms);
        const kept = model.ledger;
        model.forget();
        const anew = model.ledger;
        for (const part of ['active', 'terminating', 'tracked', 'ended', 'activeByIndex'] as const) {
          assert.deepEqual(
            new Map<unknown, unknown>(kept[part]),
            new Map<unknown, unknown>(anew[part]),
            part,
          );
        }
        assert.deepEqual([kept.ready, kept.restarts], [anew.ready, anew.restarts]);
        model.ledger = kept;
      }
    }),
    { numRuns: 200 },
  );
});
