/**
 * Resource quantities (`500m`, `1Gi`, `12e6`): exact arithmetic, and the one text that Kubernetes writes for each.
 * The rules are those of k8s.io/apimachinery/pkg/api/resource: fractions below one nano round up, binary amounts are
 * capped at 2^63-1, and a text that is canonical already is kept as it was written.
 */

/** How a quantity is written: `12M`, `12Mi` or `12e6`. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A text that is no quantity. The message is what the API answers. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const WRONG_FORMAT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_NUMBER = 'unable to parse numeric part of quantity';
const WRONG_SUFFIX = "unable to parse quantity's suffix";

/** Sign, integer digits without leading zeros, fraction digits, suffix letters with an exponent's digits. */
const SHAPE = /^([+-]?)(0*)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;

const DECIMAL_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const DECIMAL_LETTERS: ReadonlyMap<number, string> = new Map(
  [...DECIMAL_SUFFIXES].map(([letter, exponent]) => [exponent, letter]),
);
const BINARY_LETTERS = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

/** Nothing finer than a nano is kept. */
const FINEST_SCALE = -9;
/** Decimal digits that surely fit into 63 bits, from which on upstream changes its arithmetic. */
const DIGITS_SURE = 18;
const INT64_MAX = 2n ** 63n - 1n;
/** Beyond this decimal exponent a value is compared by its length alone, so that `1e999999` costs nothing. */
const EXPONENT_EXACT_MAX = 400;
/** Digits up to which a text is reckoned with at once; beyond, arithmetic on it would hold up others. */
const DIGITS_EXACT_MAX = 1000;
/** Decimal places that a factor of 2^60 may bring to the front. */
const BINARY_DIGITS_MAX = 19;
/** Parsed texts that are remembered: a cluster's manifests name few distinct quantities. */
const REMEMBERED_TEXTS_MAX = 2048;
/** Longer texts are not worth remembering. */
const REMEMBERED_TEXT_LENGTH_MAX = 32;

/** An exact amount, immutable: `unscaled` × 10^`scale`. */
export class Quantity {
  readonly unscaled: bigint;
  readonly scale: number;
  readonly format: QuantityFormat;
  #text: string | undefined;

  constructor(unscaled: bigint, scale: number, format: QuantityFormat, text?: string) {
    this.unscaled = unscaled;
    this.scale = scale;
    this.format = format;
    this.#text = text;
  }

  /** -1, 0 or 1. */
  sign(): -1 | 0 | 1 {
    return this.unscaled < 0n ? -1 : this.unscaled > 0n ? 1 : 0;
  }

  isZero(): boolean {
    return this.unscaled === 0n;
  }

  /** Negative, zero or positive, as this amount is less than, equal to or greater than the other. */
  compare(other: Quantity): -1 | 0 | 1 {
    const signs = this.sign() - other.sign();
    if (signs !== 0) return signs < 0 ? -1 : 1;
    if (this.unscaled === 0n) return 0;
    if (Math.abs(this.scale - other.scale) > EXPONENT_EXACT_MAX) {
      const longer = digits(this.unscaled) + this.scale - (digits(other.unscaled) + other.scale);
      if (longer !== 0) return longer > 0 === this.unscaled > 0n ? 1 : -1;
    }
    const [left, right] = aligned(this, other);
    return left < right ? -1 : left > right ? 1 : 0;
  }

  equals(other: Quantity): boolean {
    return this.compare(other) === 0;
  }

  /** The sum; it is written in this quantity's format, or in the other's when this one is zero. */
  add(other: Quantity): Quantity {
    const [left, right] = aligned(this, other);
    return new Quantity(
      left + right,
      Math.min(this.scale, other.scale),
      this.isZero() ? other.format : this.format,
    );
  }

  /** The difference; formats as for {@link add}. */
  subtract(other: Quantity): Quantity {
    return this.add(other.negate());
  }

  negate(): Quantity {
    return new Quantity(-this.unscaled, this.scale, this.format);
  }

  /** The product with a whole number. */
  multiply(factor: number): Quantity {
    return new Quantity(this.unscaled * BigInt(factor), this.scale, this.format);
  }

  /** The amount in units of 10^`scale`, fractions rounded away from zero. */
  scaledValue(scale: number): bigint {
    if (this.scale >= scale) return this.unscaled * 10n ** BigInt(this.scale - scale);
    return dividedUp(this.unscaled, 10n ** BigInt(scale - this.scale));
  }

  /** The whole amount as a number (bytes, pods), fractions rounded away from zero. */
  value(): number {
    return Number(this.scaledValue(0));
  }

  /** The amount in thousandths (millicores) as a number, fractions rounded away from zero. */
  milliValue(): number {
    return Number(this.scaledValue(-3));
  }

  /** Whether the amount is a whole number. */
  isInteger(): boolean {
    return this.scale >= 0 || this.unscaled % 10n ** BigInt(-this.scale) === 0n;
  }

  /** The text that Kubernetes writes for this amount. */
  toString(): string {
    this.#text ??= canonical(this);
    return this.#text;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Nothing. */
const ZERO_QUANTITY = new Quantity(0n, 0, 'DecimalSI', '0');

const remembered = new Map<string, Quantity>();

/** The quantity that a text names; throws {@link QuantityError}. */
export function parseQuantity(text: string): Quantity {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const parsed = parse(text);
  if (text.length <= REMEMBERED_TEXT_LENGTH_MAX) {
    if (remembered.size >= REMEMBERED_TEXTS_MAX) remembered.clear();
    remembered.set(text, parsed);
  }
  return parsed;
}

/** A quantity of `value` whole units. */
export function wholeQuantity(value: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return new Quantity(BigInt(value), 0, format);
}

/** A quantity of `value` thousandths. */
export function milliQuantity(value: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return new Quantity(BigInt(value), -3, format);
}

function parse(text: string): Quantity {
  if (text === '0') return ZERO_QUANTITY;
  if (text === '') throw new QuantityError(WRONG_FORMAT);
  const shape = SHAPE.exec(text);
  if (shape === null) throw new QuantityError(WRONG_FORMAT);
  const [, sign, zeros = '', digitsFound = '', fraction = '', suffix = ''] = shape;
  const whole = digitsFound === '' ? '0' : digitsFound;
  const meaning = interpret(suffix);
  if (meaning === undefined) throw new QuantityError(WRONG_SUFFIX);
  const { exponent, format } = meaning;
  const binary = format === 'BinarySI';
  const shifted = whole + fraction;
  if (shifted.length > DIGITS_EXACT_MAX && (zeros !== '' || digitsFound !== '' || fraction !== ''))
    return parseLong(sign === '-', shifted, fraction.length, meaning);
  const magnitude = BigInt(shifted);
  const signed = sign === '-' ? -magnitude : magnitude;
  const room = binary
    ? fraction === ''
      ? 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1
      : -1
    : DIGITS_SURE - shifted.length;
  const scale = (binary ? 0 : exponent) - fraction.length;
  if (room >= 0 && scale >= FINEST_SCALE) {
    if (binary) {
      const value = signed << BigInt(exponent);
      return (magnitude & 7n) !== 0n ? new Quantity(value, 0, format, text) : new Quantity(value, 0, format);
    }
    const kept = scale % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0';
    return kept ? new Quantity(signed, scale, format, text) : new Quantity(signed, scale, format);
  }
  if (zeros === '' && digitsFound === '' && fraction === '') throw new QuantityError(WRONG_NUMBER);
  return bounded(binary ? signed << BigInt(exponent) : signed, scale, format);
}

/**
 * A number of very many digits, whose arithmetic would take seconds: what lies below a nano is rounded, and a binary amount
 * capped, by its digits.
 */
function parseLong(negative: boolean, text: string, places: number, { exponent, format }: Meaning): Quantity {
  const binary = format === 'BinarySI';
  let digitsKept = text;
  let scale = (binary ? 0 : exponent) - places;
  // Binary amounts below a unit need the nanos of their factor too.
  const finest = binary ? FINEST_SCALE - BINARY_DIGITS_MAX : FINEST_SCALE;
  if (scale < finest) {
    const cut = Math.max(0, text.length - (finest - scale));
    const rest = /[1-9]/.test(text.slice(cut));
    digitsKept = (BigInt(text.slice(0, cut) || '0') + (rest ? 1n : 0n)).toString();
    scale = finest;
  }
  digitsKept = digitsKept.replace(/^0+(?=\d)/, '');
  const sign = negative ? -1n : 1n;
  if (binary) {
    const capped = digitsKept.length + scale > DIGITS_SURE + 2 ? INT64_MAX : undefined;
    if (capped !== undefined) return new Quantity(sign * capped, 0, format);
    return bounded(sign * (BigInt(digitsKept) << BigInt(exponent)), scale, format);
  }
  const written = `${negative && digitsKept !== '0' ? '-' : ''}${decimalText(digitsKept, scale, format)}`;
  return new Quantity(sign * BigInt(digitsKept), scale, format, written);
}

/** Rounds up to a nano and caps a binary amount. */
function bounded(unscaled: bigint, scale: number, format: QuantityFormat): Quantity {
  let value = unscaled;
  let at = scale;
  if (at < FINEST_SCALE) {
    const finer = FINEST_SCALE - at;
    // An amount with fewer digits than are cut off rounds to a single nano: no need to raise ten to a huge power.
    value =
      finer > digits(value)
        ? value === 0n
          ? 0n
          : value > 0n
            ? 1n
            : -1n
        : dividedUp(value, 10n ** BigInt(finer));
    at = FINEST_SCALE;
  }
  if (format !== 'BinarySI') return new Quantity(value, at, format);
  const unit = 10n ** BigInt(-at);
  const magnitude = value < 0n ? -value : value;
  if (magnitude > INT64_MAX * unit) return new Quantity(value < 0n ? -INT64_MAX : INT64_MAX, 0, format);
  return new Quantity(value, at, magnitude < unit && magnitude > 0n ? 'DecimalSI' : format);
}

/** What a suffix says. */
interface Meaning {
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function interpret(suffix: string): Meaning | undefined {
  const decimal = DECIMAL_SUFFIXES.get(suffix);
  if (decimal !== undefined) return { exponent: decimal, format: 'DecimalSI' };
  const binary = BINARY_LETTERS.indexOf(suffix as (typeof BINARY_LETTERS)[number]);
  if (binary > 0) return { exponent: binary * 10, format: 'BinarySI' };
  if (!/^[eE][-+]?\d+$/.test(suffix)) return undefined;
  const exponent = Number(suffix.slice(1));
  return Math.abs(exponent) > 2 ** 31 - 1 ? undefined : { exponent, format: 'DecimalExponent' };
}

function canonical(quantity: Quantity): string {
  const { unscaled, scale, format } = quantity;
  if (unscaled === 0n) return '0';
  if (format === 'BinarySI' && quantity.isInteger()) {
    let amount = quantity.scaledValue(0);
    if (amount <= -1024n || amount >= 1024n) {
      let power = 0;
      while (amount % 1024n === 0n && power < BINARY_LETTERS.length - 1) {
        amount /= 1024n;
        power++;
      }
      return `${amount}${BINARY_LETTERS[power]}`;
    }
  }
  return unscaled < 0n
    ? `-${decimalText((-unscaled).toString(), scale, format)}`
    : decimalText(unscaled.toString(), scale, format);
}

/** The text of an amount in decimal: no fraction, the greatest exponent that is a multiple of three. */
function decimalText(wholeDigits: string, scale: number, format: QuantityFormat): string {
  let end = wholeDigits.length;
  while (end > 0 && wholeDigits.charCodeAt(end - 1) === 0x30) end--;
  if (end === 0) return '0';
  let exponent = scale + wholeDigits.length - end;
  const found = exponent;
  if (format !== 'DecimalExponent') exponent = Math.min(exponent, 18);
  while (exponent % 3 !== 0) exponent--;
  const amount = wholeDigits.slice(0, end) + '0'.repeat(found - exponent);
  if (format === 'DecimalExponent') return exponent === 0 ? amount : `${amount}e${exponent}`;
  return `${amount}${DECIMAL_LETTERS.get(exponent)}`;
}

function aligned(a: Quantity, b: Quantity): readonly [bigint, bigint] {
  if (a.scale === b.scale) return [a.unscaled, b.unscaled];
  const shift = 10n ** BigInt(Math.abs(a.scale - b.scale));
  return a.scale > b.scale ? [a.unscaled * shift, b.unscaled] : [a.unscaled, b.unscaled * shift];
}

function dividedUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (quotient * divisor === value) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

function digits(value: bigint): number {
  return (value < 0n ? -value : value).toString().length;
}
