import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import { ContainerProbes, type ProbedContainer } from './container-probes.ts';

/** Probes whose answers come from `answers`; what they tell is noted with the second at which they told it. */
function played(clock: VirtualClock, probes: ProbedContainer['probes'], answers: () => boolean) {
  const told: string[] = [];
  const begun = clock.now();
  const at = (): number => (clock.now() - begun) / 1000;
  const made = new ContainerProbes({
    clock,
    probes,
    startedAt: begun,
    started: false,
    ask: async () => ({ ok: answers(), output: 'why' }),
    failed: (kind, output) => void told.push(`${at()} ${kind} failed: ${output}`),
    warned: () => {},
    concluded: (kind, ok) => void told.push(`${at()} ${kind} ${ok}`),
  });
  return { made, told };
}

test('liveness and readiness begin once the startup probe has succeeded', async () => {
  const clock = new VirtualClock();
  const probe = { periodSeconds: 5, failureThreshold: 3 };
  const { made, told } = played(
    clock,
    { startup: { periodSeconds: 2, failureThreshold: 10 }, readiness: probe, liveness: probe },
    () => clock.monotonic() >= 4000,
  );
  await clock.advance(4500);
  assert.deepEqual(told, [
    '0 startup failed: why',
    '2 startup failed: why',
    '4 startup true',
    '4 liveness true',
    '4 readiness true',
  ]);
  made.stop();
  assert.equal(clock.pending, 0);
});

test('a probe begins after its delay and concludes after as many bad answers as its threshold', async () => {
  const clock = new VirtualClock();
  const liveness = { initialDelaySeconds: 3, periodSeconds: 2, failureThreshold: 2 };
  const { told } = played(clock, { liveness }, () => false);
  await clock.advance(60_000);
  assert.deepEqual(told, ['3 liveness failed: why', '5 liveness failed: why', '5 liveness false']);
  assert.equal(clock.pending, 0, 'a container that is to be started again is not asked any more');
});

test('readiness comes and goes, by as many answers in a row as the thresholds ask', async () => {
  const clock = new VirtualClock();
  const answers = [true, true, false, false, true, false, true, true];
  const readiness = { periodSeconds: 1, successThreshold: 2, failureThreshold: 2 };
  const { made, told } = played(clock, { readiness }, () => answers.shift() ?? true);
  await clock.advance(7500);
  const results = told.filter((each) => !each.includes('failed'));
  assert.deepEqual(results, ['1 readiness true', '3 readiness false', '7 readiness true']);
  made.stop();
});

test('nothing is told after the probes were stopped, and of an ending container readiness alone is asked', async () => {
  const clock = new VirtualClock();
  const probe = { periodSeconds: 1, failureThreshold: 1 };
  const { made, told } = played(clock, { liveness: probe, readiness: probe }, () => false);
  made.keepReadinessOnly();
  await clock.advance(1500);
  assert.deepEqual(new Set(told.map((each) => each.split(' ')[1])), new Set(['readiness']));
  made.stop();
  const before = told.length;
  await clock.advance(5000);
  assert.equal(told.length, before);
});
