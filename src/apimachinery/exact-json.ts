/**
 * JSON whose whole numbers keep every digit, as Go's int64 does. JavaScript's own numbers are exact up to 2^53; what lies
 * beyond is a bigint here, so that each value has one form: a number when it is safe, else a bigint.
 */
import { setMember } from './json.ts';

/** A whole number of 64 bits: a number as long as that is exact, a bigint beyond 2^53. Compares with numbers as it is. */
export type Int64 = number | bigint;

/** The smallest count of digits that a number beyond 2^53 has. */
const LONG_NUMBER = /\d{16}/;
/** A number as JSON writes it, from a given place. */
const NUMBER = /-?\d+(\.\d+)?([eE][-+]?\d+)?/y;

/** What the type library does not know yet. */
const json = JSON as typeof JSON & { rawJSON(text: string): unknown };

// A bigint is written as the number that it is; without this JSON.stringify refuses it.
Object.defineProperty(BigInt.prototype, 'toJSON', {
  value(this: bigint) {
    return json.rawJSON(this.toString());
  },
  configurable: true,
});

/** The whole number that decimal digits, with or without a minus, say. */
export function integerOf(digits: string): Int64 {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

/**
 * Parses JSON like `JSON.parse`, and throws SyntaxError as that does. A text without sixteen digits in a row, which is
 * nearly every text, costs one search more; another one is read a second time, number by number.
 */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!LONG_NUMBER.test(text)) return value;
  try {
    return new ExactReader(text).value();
  } catch (error) {
    // Too deep to be read here is too deep for any kind: what is found out next.
    if (error instanceof RangeError) return value;
    throw error;
  }
}

/** Reads a text that is known to be JSON. */
class ExactReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): unknown {
    switch (this.#next()) {
      case '{':
        return this.#object();
      case '[':
        return this.#list();
      case '"':
        return this.#string();
      case 't':
        this.#at += 4;
        return true;
      case 'f':
        this.#at += 5;
        return false;
      case 'n':
        this.#at += 4;
        return null;
      default:
        return this.#number();
    }
  }

  #object(): unknown {
    const object: Record<string, unknown> = {};
    this.#at++;
    while (this.#next() !== '}') {
      if (this.#text[this.#at] === ',') {
        this.#at++;
        this.#next();
      }
      const key = this.#string();
      this.#next(); // The colon.
      this.#at++;
      setMember(object, key, this.value());
    }
    this.#at++;
    return object;
  }

  #list(): unknown {
    const list: unknown[] = [];
    this.#at++;
    while (this.#next() !== ']') {
      if (this.#text[this.#at] === ',') this.#at++;
      list.push(this.value());
    }
    this.#at++;
    return list;
  }

  #string(): string {
    const start = this.#at;
    let end = start;
    for (;;) {
      end = this.#text.indexOf('"', end + 1);
      let slashes = 0;
      while (this.#text[end - 1 - slashes] === '\\') slashes++;
      if (slashes % 2 === 0) break;
    }
    this.#at = end + 1;
    const raw = this.#text.slice(start + 1, end);
    return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
  }

  #number(): Int64 {
    NUMBER.lastIndex = this.#at;
    const [literal = '', fraction, exponent] = NUMBER.exec(this.#text) ?? [];
    this.#at += literal.length;
    return fraction === undefined && exponent === undefined ? integerOf(literal) : Number(literal);
  }

  /** The next letter that is no white space. */
  #next(): string {
    while (this.#text.charCodeAt(this.#at) <= 0x20) this.#at++;
    return this.#text[this.#at] ?? '';
  }
}
