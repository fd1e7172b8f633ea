import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRfc1123 } from './time-text.ts';

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
