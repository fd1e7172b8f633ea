import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../apimachinery/clock.ts';
import { runtimeSuite } from '../testing/suite.ts';
import { parseGoDuration } from './duration.ts';
import { newFakeRuntime } from './index.ts';

runtimeSuite('fake', async () => ({
  runtime: newFakeRuntime(systemClock),
  image: 'busybox',
  annotations: (milliseconds, exitCode) => ({
    'fake.longshore.dev/duration': `${milliseconds}ms`,
    'fake.longshore.dev/exit-code': String(exitCode),
  }),
}));

test('parseGoDuration() reads what Go reads and nothing else', () => {
  assert.equal(parseGoDuration('0'), 0);
  assert.equal(parseGoDuration('1.5s'), 1500);
  assert.equal(parseGoDuration('2m30s'), 150_000);
  assert.equal(parseGoDuration('1h0m0.5s'), 3_600_500);
  assert.equal(parseGoDuration('250µs'), 0.25);
  assert.equal(parseGoDuration('.5s'), 500);
  for (const text of ['', '5', '-1s', '1d', 's', '1 s', '.s'])
    assert.equal(parseGoDuration(text), undefined, text);
});
