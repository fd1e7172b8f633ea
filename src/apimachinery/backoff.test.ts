import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoffMs, KeyedBackoff } from './backoff.ts';
import { seededRandom } from './random.ts';

test('waits double up to their limit', () => {
  const options = { initialMs: 10, maximumMs: 100 };
  assert.deepEqual(
    [1, 2, 3, 4, 5, 2000].map((failures) => backoffMs(failures, options)),
    [10, 20, 40, 80, 100, 100],
  );
});

test('jitter adds at most its share and never passes the limit', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 50 }), (seed, failures) => {
      const plain = backoffMs(failures, { initialMs: 10, maximumMs: 1000 });
      const jittered = backoffMs(
        failures,
        { initialMs: 10, maximumMs: 1000, jitter: 0.1 },
        seededRandom(seed),
      );
      assert.ok(jittered >= plain && jittered <= Math.min(1000, plain * 1.1));
    }),
  );
});

test('KeyedBackoff counts each key by itself until it is forgotten', () => {
  const backoff = new KeyedBackoff<string>({ initialMs: 1, maximumMs: 8, factor: 3 });
  assert.deepEqual(
    [backoff.next('a'), backoff.next('a'), backoff.next('b'), backoff.next('a')],
    [1, 3, 1, 8],
  );
  assert.equal(backoff.failures('a'), 3);
  backoff.forget('a');
  assert.equal(backoff.next('a'), 1);
});
