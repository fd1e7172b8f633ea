/** metav1.Time and metav1.MicroTime: what they read (RFC 3339, as Go's time.Parse does) and what they write. */
import { goTimeQuote } from '../go-text.ts';

/** A text that is no time. The message is Go's. */
export class TimestampError extends Error {
  override readonly name = 'TimestampError';
}

const CANONICAL = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const TIME_LAYOUT = '2006-01-02T15:04:05Z07:00';
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';

/** A time as it is written: in UTC, to the second. Throws {@link TimestampError}. */
export function canonicalTime(text: string): string {
  if (CANONICAL.test(text)) return text;
  const { milliseconds } = parse(text, TIME_LAYOUT);
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** A time as it is written: in UTC, to the microsecond. Throws {@link TimestampError}. */
export function canonicalMicroTime(text: string): string {
  const { milliseconds, fraction } = parse(text, MICRO_LAYOUT);
  return `${new Date(milliseconds).toISOString().slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

/** Milliseconds of the whole seconds since 1970, and the digits of the fraction. */
function parse(text: string, layout: string): { readonly milliseconds: number; readonly fraction: string } {
  const reader = new Reader(text, layout);
  const year = reader.number(/^\d{4}/, '2006');
  reader.literal('-');
  const month = reader.number(/^\d\d/, '01');
  reader.check(month >= 1 && month <= 12, 'month');
  reader.literal('-');
  const day = reader.number(/^\d\d/, '02');
  reader.literal('T');
  const hour = reader.number(/^\d\d?/, '15');
  reader.check(hour < 24, 'hour');
  reader.literal(':');
  const minute = reader.number(/^\d\d/, '04');
  reader.check(minute < 60, 'minute');
  reader.literal(':');
  const second = reader.number(/^\d\d/, '05');
  reader.check(second < 60, 'second');
  const fraction =
    layout === MICRO_LAYOUT
      ? reader.take(/^\.\d{6}/, '.000000').slice(1)
      : reader.optional(/^[.,]\d+/).slice(1);
  const zone = reader.take(/^(Z|[-+]\d\d:\d\d)/, 'Z07:00');
  const offset = zone === 'Z' ? 0 : Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  reader.check(Math.floor(offset / 60) <= 24, 'time zone offset hour');
  reader.end();
  reader.check(day >= 1 && day <= daysIn(year, month), 'day');
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute - (zone.startsWith('-') ? -offset : offset), second);
  return { milliseconds: date.getTime(), fraction };
}

function daysIn(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}

/** Reads a text from its beginning, complaining as Go does about the element of the layout that does not fit. */
class Reader {
  readonly #text: string;
  readonly #layout: string;
  #rest: string;

  constructor(text: string, layout: string) {
    this.#text = text;
    this.#layout = layout;
    this.#rest = text;
  }

  take(pattern: RegExp, element: string): string {
    const found = pattern.exec(this.#rest)?.[0];
    if (found === undefined) {
      throw new TimestampError(
        `parsing time ${goTimeQuote(this.#text)} as ${goTimeQuote(this.#layout)}: cannot parse ${goTimeQuote(this.#rest)} as ${goTimeQuote(element)}`,
      );
    }
    this.#rest = this.#rest.slice(found.length);
    return found;
  }

  optional(pattern: RegExp): string {
    const found = pattern.exec(this.#rest)?.[0] ?? '';
    this.#rest = this.#rest.slice(found.length);
    return found;
  }

  number(pattern: RegExp, element: string): number {
    return Number(this.take(pattern, element));
  }

  literal(letter: string): void {
    if (this.#rest.startsWith(letter)) this.#rest = this.#rest.slice(1);
    else this.take(/^(?!)/, letter);
  }

  check(holds: boolean, what: string): void {
    if (!holds) throw new TimestampError(`parsing time ${goTimeQuote(this.#text)}: ${what} out of range`);
  }

  end(): void {
    if (this.#rest !== '') {
      throw new TimestampError(
        `parsing time ${goTimeQuote(this.#text)}: extra text: ${goTimeQuote(this.#rest)}`,
      );
    }
  }
}
