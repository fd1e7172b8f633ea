import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly } from '../../src/apimachinery/meta/object.ts';
import { seededRandom } from '../../src/apimachinery/random.ts';
import type { Job, JobSpec } from '../../src/apis/batch/index.ts';
import { newJobController } from '../../src/controllers/job/index.ts';
import { type Faults, FaultyTransport } from '../harness/faulty-transport.ts';
import { type Fate, JobWorld } from '../harness/job-world.ts';
import { PodWitness } from '../harness/pod-witness.ts';

interface Case {
  readonly spec: Partial<JobSpec>;
  /** Exit code of the n-th pod (of the index, when there is one), from 0 on. */
  readonly exitCode?: (attempt: number, index: number) => number;
  readonly end: 'Complete' | 'Failed';
  /** Whether every ended pod must be in the counts; not where pods are stopped on purpose. */
  readonly exact: boolean;
  readonly indexes?: { readonly completed: string; readonly failed?: string };
}

/** A set of Jobs that between them use every way of counting. */
const CASES: Readonly<Record<string, Case>> = {
  plain: { spec: { completions: 3, parallelism: 2 }, end: 'Complete', exact: true },
  queue: { spec: { parallelism: 2 }, end: 'Complete', exact: true },
  retry: {
    spec: { completions: 2, parallelism: 2, backoffLimit: 3 },
    exitCode: (attempt) => (attempt === 1 ? 1 : 0),
    end: 'Complete',
    exact: true,
  },
  limit: {
    spec: { completions: 2, parallelism: 1, backoffLimit: 1 },
    exitCode: () => 1,
    end: 'Failed',
    exact: true,
  },
  indexed: {
    spec: { completions: 4, parallelism: 2, completionMode: 'Indexed' },
    end: 'Complete',
    exact: true,
    indexes: { completed: '0-3' },
  },
  perindex: {
    spec: { completions: 3, parallelism: 3, completionMode: 'Indexed', backoffLimitPerIndex: 1 },
    exitCode: (attempt, index) => (index === 0 || (index === 1 && attempt === 0) ? 1 : 0),
    end: 'Failed',
    exact: true,
    indexes: { completed: '1,2', failed: '0' },
  },
  failjob: {
    spec: {
      completions: 3,
      parallelism: 3,
      completionMode: 'Indexed',
      podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] },
    },
    exitCode: (_attempt, index) => (index === 1 ? 42 : 0),
    end: 'Failed',
    exact: false,
  },
};

const fateOf: Fate = (pod, attempt) => {
  const name = pod.metadata.ownerReferences?.[0]?.name ?? '';
  const index = Number(pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? -1);
  // Pods of one Job end at different times, but some of them together.
  return {
    ms: 300 + 200 * (attempt % 3) + (index % 2) * 150,
    exitCode: CASES[name]?.exitCode?.(attempt, index) ?? 0,
  };
};

/** Long enough for every backoff and for the lookup of writes that no watch has shown. */
const SPAN_MS = 15 * 60_000;

/** Runs all cases; the first controller has these faults, a second one without takes over `afterMs` later. */
async function run(faults: Faults, seed: number, afterMs: number): Promise<{ transport: FaultyTransport }> {
  const world = new JobWorld(seed);
  const witness = new PodWitness((job) => CASES[job]?.spec.parallelism ?? 0);
  await witness.look(world.client);
  const transport = new FaultyTransport(world.transport, world.clock, seededRandom(seed), faults);
  await world.start(newJobController, transport, seed);
  const kubelet = await world.runPods(fateOf);
  for (const [name, { spec }] of Object.entries(CASES)) await world.createJob(name, spec);
  await world.clock.advance(afterMs);
  await world.stop();
  await world.start(newJobController, world.transport, seed + 1);
  await world.clock.advance(SPAN_MS);
  assert.deepEqual(witness.wrongs, [], `with seed ${seed} and ${JSON.stringify(faults)}`);
  for (const name of Object.keys(CASES)) check(name, await world.job(name), witness);
  for (const pod of await world.pods())
    assert.equal(pod.metadata.finalizers, undefined, `${pod.metadata.name} is held`);
  kubelet.stop();
  await world.stop();
  return { transport };
}

function check(name: string, job: DeepReadonly<Job>, witness: PodWitness): void {
  const expected = CASES[name];
  assert.ok(expected);
  const { status } = job;
  const told = JSON.stringify(status);
  assert.ok(
    status.conditions?.some((each) => each.type === expected.end && each.status === 'True'),
    `${name}: ${told}`,
  );
  assert.deepEqual(status.uncountedTerminatedPods, {}, told);
  assert.deepEqual([status.active, status.terminating], [undefined, 0], told);
  if (expected.exact) {
    const seen = [witness.ended(name, 'Succeeded'), witness.ended(name, 'Failed')];
    assert.deepEqual([status.succeeded ?? 0, status.failed ?? 0], seen, `${name}: ${told}`);
  }
  if (expected.indexes) {
    const { completed, failed } = expected.indexes;
    assert.deepEqual([status.completedIndexes, status.failedIndexes], [completed, failed], told);
  }
}

test('stopped after any of its writes, the controller goes on to the same end', async () => {
  for (let writes = 1, ended = false; !ended; writes++) {
    for (const losesLastAnswer of [false, true]) {
      const { transport } = await run({ diesAfterWrites: writes, losesLastAnswer }, 3, 30_000);
      ended = !transport.dead;
    }
    assert.ok(writes < 1000);
  }
});

test('with late, repeated and broken watches, refusals and lost answers, it comes to the same end', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const faults: Faults = {
      refusals: 0.1,
      lostAnswers: 0.05,
      watchDelayMs: seed % 4 === 0 ? 3000 : 60,
      repeats: 0.1,
      brokenWatches: 0.02,
      ...(seed % 2 === 0 ? { diesAfterWrites: seed * 3, losesLastAnswer: true } : {}),
    };
    await run(faults, seed, 10 * 60_000);
  }
});
