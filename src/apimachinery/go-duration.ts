/** Durations as Go writes and reads them (`1h30m`, `500ms`), with the error texts of its `time.ParseDuration`. */
import { goTimeQuote } from './go-text.ts';

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** The longest duration that Go can hold, nanoseconds; of a negative one, one more. */
const NANOSECONDS_MAX = 2n ** 63n - 1n;
/** Go reads a number, and counts nanoseconds, up to here while the sign is not looked at. */
const UNSIGNED_MAX = 2n ** 63n;

/** Reads a Go duration; answers nanoseconds. Throws an Error with Go's own text. */
export function parseGoDuration(text: string): bigint {
  const wrong = (): Error => new Error(`time: invalid duration ${goTimeQuote(text)}`);
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0n;
  if (rest === '') throw wrong();
  let total = 0n;
  for (let left = rest; left !== ''; ) {
    const [number = '', whole = '', fraction = ''] = /^([0-9]*)(?:\.([0-9]*))?/.exec(left) ?? [];
    if ((whole === '' && fraction === '') || BigInt(whole === '' ? '0' : whole) > UNSIGNED_MAX) throw wrong();
    const [unit = ''] = /^[^.0-9]*/s.exec(left.slice(number.length)) ?? [];
    if (unit === '') throw new Error(`time: missing unit in duration ${goTimeQuote(text)}`);
    const size = Object.hasOwn(NANOSECONDS, unit) ? NANOSECONDS[unit] : undefined;
    if (size === undefined) {
      throw new Error(`time: unknown unit ${goTimeQuote(unit)} in duration ${goTimeQuote(text)}`);
    }
    total += BigInt(whole === '' ? '0' : whole) * size + fractionOf(fraction, size);
    if (total > UNSIGNED_MAX) throw wrong();
    left = left.slice(number.length + unit.length);
  }
  if (sign !== '-' && total > NANOSECONDS_MAX) throw wrong();
  return sign === '-' ? -total : total;
}

/** Nanoseconds of a fraction of a unit, rounded as Go's floating point arithmetic does. */
function fractionOf(digits: string, size: bigint): bigint {
  let [value, scale] = [0n, 1];
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    // What does not fit any more is left out, and so is all that follows.
    if (value > NANOSECONDS_MAX / 10n || next > UNSIGNED_MAX) break;
    [value, scale] = [next, scale * 10];
  }
  return BigInt(Math.trunc(Number(value) * (Number(size) / scale)));
}

/** A whole number of milliseconds as Go prints a duration: `1h30m0s`, `1.5s`, `0s`. */
export function formatGoDuration(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  const sign = milliseconds < 0 ? '-' : '';
  if (size === 0) return '0s';
  if (size < 1000) return `${sign}${size}ms`;
  const [hours, minutes, seconds] = [
    Math.floor(size / 3_600_000),
    Math.floor(size / 60_000) % 60,
    (size % 60_000) / 1000,
  ];
  const tail = `${seconds}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${tail}`;
  return minutes > 0 ? `${sign}${minutes}m${tail}` : `${sign}${tail}`;
}
