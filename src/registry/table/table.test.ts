import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanDuration, since } from './index.ts';

test('a duration is shown in about three digits', () => {
  const second = 1000;
  const [minute, hour, day] = [60 * second, 3600 * second, 24 * 3600 * second];
  const cases: readonly (readonly [number, string])[] = [
    [-3 * second, '<invalid>'],
    [-1500, '0s'],
    [-1, '0s'],
    [0, '0s'],
    [119 * second, '119s'],
    [120 * second, '2m'],
    [5 * minute + 30 * second, '5m30s'],
    [10 * minute + 5 * second, '10m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [3 * hour + 5 * minute, '3h5m'],
    [8 * hour + 5 * minute, '8h'],
    [47 * hour, '47h'],
    [48 * hour, '2d'],
    [6 * day + 4 * hour, '6d4h'],
    [8 * day + 4 * hour, '8d'],
    [729 * day, '729d'],
    [3 * 365 * day + 2 * day, '3y2d'],
    [9 * 365 * day, '9y'],
  ];
  for (const [span, shown] of cases) assert.equal(humanDuration(span), shown);
});

test('a time that is not set is unknown', () => {
  assert.equal(since(undefined, 0), '<unknown>');
  assert.equal(since('1970-01-01T00:00:05Z', 10_000), '5s');
});
