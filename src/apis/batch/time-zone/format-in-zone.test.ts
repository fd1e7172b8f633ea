import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInZone } from './format-in-zone.ts';
import { TimeZone } from './time-zone.ts';

test('formatInZone writes the offset of the moment', () => {
  const berlin = TimeZone.load('Europe/Berlin');
  assert.equal(formatInZone(Date.parse('2026-01-01T00:00:00Z'), berlin), '2026-01-01T01:00:00+01:00');
  assert.equal(formatInZone(Date.parse('2026-07-01T00:00:00Z'), berlin), '2026-07-01T02:00:00+02:00');
  const newfoundland = TimeZone.load('America/St_Johns');
  assert.equal(formatInZone(Date.parse('2026-01-01T00:00:00Z'), newfoundland), '2025-12-31T20:30:00-03:30');
  assert.equal(
    formatInZone(Date.parse('2026-01-01T00:00:00Z'), TimeZone.load('UTC')),
    '2026-01-01T00:00:00Z',
  );
});
