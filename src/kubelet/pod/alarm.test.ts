import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import { Alarm } from './alarm.ts';

test('Alarm rings once, at the earliest of the times that it was set to', async () => {
  const clock = new VirtualClock();
  const rings: number[] = [];
  const start = clock.now();
  const alarm = new Alarm(clock, () => rings.push(clock.now() - start));
  alarm.at(start + 300);
  alarm.at(start + 100);
  alarm.at(start + 200);
  await clock.advance(1_000);
  assert.deepEqual(rings, [100], 'whoever was called sets what it waits for anew');
  alarm.at(start);
  await clock.advance(0);
  assert.deepEqual(rings, [100, 1_000], 'what is past rings at once');
  alarm.at(clock.now() + 50);
  alarm.stop();
  alarm.at(clock.now() + 60);
  assert.equal(clock.pending, 0);
});
