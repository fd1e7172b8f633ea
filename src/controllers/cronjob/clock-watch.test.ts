import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import { ClockWatch } from './clock-watch.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

function rig() {
  const clock = new VirtualClock(START);
  let jumps = 0;
  const watch = new ClockWatch(clock, () => {
    jumps += 1;
  });
  watch.start();
  return { clock, watch, jumps: () => jumps };
}

test('a clock that goes on by itself has not jumped', async () => {
  const { clock, watch, jumps } = rig();
  await clock.advance(24 * HOUR);
  assert.equal(jumps(), 0);
  assert.deepEqual([watch.watched(START), watch.watched(START + HOUR)], [false, true]);
  watch.stop();
  watch.stop();
  assert.equal(clock.pending, 0);
});

test('a clock that is set forward is noticed, and the span that it skipped was not watched', async () => {
  const { clock, watch, jumps } = rig();
  await clock.advance(HOUR);
  clock.setWall(START + 5 * HOUR);
  await clock.advance(HOUR);
  assert.equal(jumps(), 1);
  assert.deepEqual(
    [0.5, 2, 4, 5.5].map((hours) => watch.watched(START + hours * HOUR)),
    [true, false, false, true],
  );
  watch.stop();
});

test('a clock that is set back is noticed, and shows its times for the second time', async () => {
  const { clock, watch, jumps } = rig();
  await clock.advance(HOUR);
  clock.setWall(START - HOUR);
  watch.compare();
  assert.equal(jumps(), 1);
  assert.equal(watch.watched(START - HOUR + 1), true);
  watch.stop();
});
