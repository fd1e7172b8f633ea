import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatGoDuration, parseGoDuration } from './go-duration.ts';

test('durations are read as Go reads them', () => {
  const cases: Readonly<Record<string, bigint>> = {
    '0': 0n,
    '+5s': 5_000_000_000n,
    '-1.5h': -5_400_000_000_000n,
    '1h30m': 5_400_000_000_000n,
    '.5m': 30_000_000_000n,
    '1.s': 1_000_000_000n,
    '1µs2ns': 1002n,
    '9223372036854775807ns': 2n ** 63n - 1n,
    '-9223372036854775808ns': -(2n ** 63n),
  };
  for (const [text, nanoseconds] of Object.entries(cases)) assert.equal(parseGoDuration(text), nanoseconds);
});

test('what is no duration is refused in the words of Go', () => {
  const cases: Readonly<Record<string, string>> = {
    '': 'time: invalid duration ""',
    '-': 'time: invalid duration "-"',
    '.s': 'time: invalid duration ".s"',
    '5': 'time: missing unit in duration "5"',
    '5 s': 'time: unknown unit " s" in duration "5 s"',
    '1d': 'time: unknown unit "d" in duration "1d"',
    'ä"': 'time: invalid duration "\\xc3\\xa4\\""',
    '9223372036854775808ns': 'time: invalid duration "9223372036854775808ns"',
    '1toString': 'time: unknown unit "toString" in duration "1toString"',
  };
  for (const [text, message] of Object.entries(cases)) {
    assert.throws(() => parseGoDuration(text), { message });
  }
});

test('a duration is written as Go writes it, and read back', () => {
  assert.equal(formatGoDuration(0), '0s');
  assert.equal(formatGoDuration(250), '250ms');
  assert.equal(formatGoDuration(1500), '1.5s');
  assert.equal(formatGoDuration(-90_000), '-1m30s');
  assert.equal(formatGoDuration(5_400_000), '1h30m0s');
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), (milliseconds) => {
      assert.equal(parseGoDuration(formatGoDuration(milliseconds)), BigInt(milliseconds) * 1_000_000n);
    }),
  );
});
