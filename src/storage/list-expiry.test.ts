import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../apimachinery/clock.ts';
import { keepExpiring } from './list-expiry.ts';

test('a state can be listed for five to ten minutes after the next one came', async () => {
  const clock = new VirtualClock();
  let oldest = 0;
  const storage = {
    revision: 7,
    expireLists(before: number): void {
      oldest = before;
    },
  };
  const stop = keepExpiring(storage, clock);
  await clock.advance(60_000);
  storage.revision = 8;
  await clock.advance(4 * 60_000);
  assert.equal(oldest, 7);
  await clock.advance(5 * 60_000 - 1);
  assert.equal(oldest, 7);
  await clock.advance(1);
  assert.equal(oldest, 8);
  stop();
  assert.equal(clock.pending, 0);
});
