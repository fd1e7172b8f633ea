import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rates } from './rates.ts';

const count = (time: number, cpuSeconds: number, key = 'a') => ({ key, time, cpuSeconds });

test('an average needs an earlier count, at least a second and at most a minute ago', () => {
  const rates = new Rates();
  assert.equal(rates.of(count(0, 5)), undefined);
  rates.note([count(0, 5)]);
  assert.equal(rates.of(count(999, 6)), undefined);
  assert.deepEqual(rates.of(count(4_000, 7)), { cpus: 0.5, windowMs: 4_000 });
  assert.deepEqual(rates.of(count(60_000, 35)), { cpus: 0.5, windowMs: 60_000 });
  assert.equal(rates.of(count(60_001, 35)), undefined);
});

test('the earlier count stays for ten seconds, goes with whom it is of, and with a clock that is set back', () => {
  const rates = new Rates();
  rates.note([count(0, 0), count(0, 0, 'b')]);
  rates.note([count(9_999, 9)]);
  assert.deepEqual(rates.of(count(10_000, 10)), { cpus: 1, windowMs: 10_000 });
  assert.equal(rates.of(count(10_000, 10, 'b')), undefined);
  rates.note([count(10_000, 10)]);
  assert.deepEqual(rates.of(count(11_000, 12)), { cpus: 2, windowMs: 1_000 });
  rates.note([count(5_000, 11)]);
  assert.deepEqual(rates.of(count(6_000, 13)), { cpus: 2, windowMs: 1_000 });
});
