import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renewalDue } from './renewal.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const at = Date.parse('2026-01-01T00:00:00Z');

test('a certificate is renewed when 70 to 90 % of its life are over, counted from when it was made', () => {
  const [from, until] = [at - 5 * MINUTE, at + 100 * DAY];
  assert.equal(renewalDue(from, until, at, 0), at + 70 * DAY);
  assert.equal(renewalDue(from, until, at, 1), at + 90 * DAY);
  assert.equal(renewalDue(from, until, at + 50 * DAY, 0), at + 70 * DAY, 'also when it is looked at later');
});

test('a clock that is wrong moves that no further than the life of the certificate', () => {
  const [from, until] = [at - 5 * MINUTE, at + 100 * DAY];
  for (const now of [0, at - 3 * DAY, at + 400 * DAY]) {
    const due = renewalDue(from, until, now, 0.5);
    assert.ok(due > at + 79 * DAY && due < at + 81 * DAY, `at ${new Date(now).toISOString()}`);
  }
});
