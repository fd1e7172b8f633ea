import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rfc3339, rfc3339Micro } from './clock.ts';

test('rfc3339() and rfc3339Micro() write any time of the years 1 to 9999 as Date does', () => {
  const from = Date.parse('0001-01-01T00:00:00Z');
  const to = Date.parse('9999-12-31T23:59:59Z');
  fc.assert(
    fc.property(fc.array(fc.integer({ min: from, max: to }), { minLength: 1 }), (times) => {
      for (const time of times.flatMap((each) => [each, each + 1, each])) {
        const text = new Date(time).toISOString();
        assert.equal(rfc3339(time), `${text.slice(0, 19)}Z`);
        assert.equal(rfc3339Micro(time), `${text.slice(0, 23)}000Z`);
      }
    }),
  );
});

test('rfc3339() refuses what is no time', () => {
  assert.throws(() => rfc3339(Number.NaN), RangeError);
});
