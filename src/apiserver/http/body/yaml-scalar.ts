/**
 * What a YAML scalar without quotes means to Kubernetes. Its library (go.yaml.in/yaml/v2) reads neither YAML 1.1 nor 1.2
 * to the letter: `y` and `on` are booleans, `010` is eight, but `1:30` and `2026-01-31` are texts. Source: its resolve.go.
 */
import { type Int64, integerOf } from '../../../apimachinery/exact-json.ts';

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word): [string, unknown] => [word, true],
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word): [string, unknown] => [word, false],
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, unknown] => [word, null]),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, unknown] => [word, Number.NaN]),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word): [string, unknown] => [
    word,
    Number.POSITIVE_INFINITY,
  ]),
  ...['-.inf', '-.Inf', '-.INF'].map((word): [string, unknown] => [word, Number.NEGATIVE_INFINITY]),
]);

/** Letters of the longest whole number that 64 bits hold, written in binary with its sign and prefix. */
const INTEGER_LETTERS_MAX = 67;
const DECIMAL = /^[-+]?(0|[1-9]\d*)$/;
const BASED = /^([-+]?)0(?:([xX])([\da-fA-F]+)|([bB])([01]+)|[oO]?([0-7]+))$/;
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;

const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** The value of a plain scalar without a tag. */
export function plainScalar(text: string): unknown {
  const first = text.charCodeAt(0);
  const number = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e;
  if (text.length <= 5 && WORDS.has(text)) return WORDS.get(text);
  if (!number) return text;
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  const whole = wholeNumber(plain);
  if (whole !== undefined) return whole;
  const value = FLOAT.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : text;
}

/** A whole number in any base that Go's strconv.ParseInt knows by its prefix; undefined for what is none of 64 bits. */
function wholeNumber(text: string): Int64 | undefined {
  if (text.length > INTEGER_LETTERS_MAX) return undefined;
  if (DECIMAL.test(text)) return within(integerOf(text.startsWith('+') ? text.slice(1) : text));
  const [matched, sign, x, hexadecimal, b, binary, octal] = BASED.exec(text) ?? [];
  if (matched === undefined) return undefined;
  const digits = x ? `0x${hexadecimal}` : b ? `0b${binary}` : `0o${octal}`;
  const size = BigInt(digits);
  return within(integerOf((sign === '-' ? -size : size).toString()));
}

function within(value: Int64): Int64 | undefined {
  return value >= INT64_MIN && value <= UINT64_MAX ? value : undefined;
}
