import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeZone } from '../../apis/batch/index.ts';
import { formatInZone, formatRfc1123 } from './time-text.ts';

test('formatRfc1123 writes what toUTCString writes, with an offset', () => {
  for (const text of [
    '1970-01-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '2026-02-28T07:08:09Z',
    '2024-02-29T12:00:00Z',
  ]) {
    const time = Date.parse(text);
    assert.equal(formatRfc1123(time), new Date(time).toUTCString().replace('GMT', '+0000'));
  }
});

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
