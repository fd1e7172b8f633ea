/** One field of a schedule: which values it lets through, and whether a star wrote it. */

import { goQuote } from '../../../apimachinery/go-text.ts';

/** The fields' names. */
export type ScheduleFieldName = 'minute' | 'hour' | 'dayOfMonth' | 'month' | 'dayOfWeek';

/** A field that was understood. */
export interface ScheduleField {
  /** Whether each value from 0 up to the greatest one matches. */
  readonly matches: readonly boolean[];
  /**
   * Whether `*` or `?` without a step is among its parts. Days must satisfy both day fields when either has a star, and
   * one of the two when neither has.
   */
  readonly star: boolean;
  /** Whether no value matches at all, as with a field of commas alone. */
  readonly empty: boolean;
  readonly name: ScheduleFieldName;
}

interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
  readonly names?: readonly string[];
}

const BOUNDS: Readonly<Record<ScheduleFieldName, Bounds>> = {
  minute: { minimum: 0, maximum: 59 },
  hour: { minimum: 0, maximum: 23 },
  dayOfMonth: { minimum: 1, maximum: 31 },
  month: {
    minimum: 1,
    maximum: 12,
    names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  dayOfWeek: { minimum: 0, maximum: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
};

/** The field that `*` writes. */
export function starField(name: ScheduleFieldName): ScheduleField {
  return parseField('*', name);
}

/** The field of one value. */
export function singleField(name: ScheduleFieldName, value: number): ScheduleField {
  return parseField(String(value), name);
}

/** Reads a field: parts with commas between them; empty parts count for nothing. Throws an Error with robfig's text. */
export function parseField(text: string, name: ScheduleFieldName): ScheduleField {
  const matches = Array.from({ length: BOUNDS[name].maximum + 1 }, () => false);
  let [star, empty] = [false, true];
  for (const part of text.split(',')) {
    if (part === '') continue;
    const range = parseRange(part, BOUNDS[name]);
    for (let value = range.first; value <= range.last; value += range.step) matches[value] = true;
    empty = false;
    star ||= range.star;
  }
  return { matches, star, empty, name };
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly star: boolean;
}

/** Reads `*`, `a`, `a-b`, each with an optional `/step`; `a/step` goes up to the field's end. */
function parseRange(text: string, bounds: Bounds): Range {
  const [span = '', stepText, ...moreSteps] = text.split('/');
  const [low = '', high, ...moreEnds] = span.split('-');
  const anything = low === '*' || low === '?';
  let first = BigInt(bounds.minimum);
  let last = BigInt(bounds.maximum);
  if (!anything) {
    first = parseValue(low, bounds);
    if (moreEnds.length > 0) throw new Error(`too many hyphens: ${text}`);
    last = high === undefined ? first : parseValue(high, bounds);
  }
  if (moreSteps.length > 0) throw new Error(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1n : parseInteger(stepText);
  if (stepText !== undefined && high === undefined) last = BigInt(bounds.maximum);
  if (first < bounds.minimum) {
    throw new Error(`beginning of range (${first}) below minimum (${bounds.minimum}): ${text}`);
  }
  if (last > bounds.maximum) {
    throw new Error(`end of range (${last}) above maximum (${bounds.maximum}): ${text}`);
  }
  if (first > last) throw new Error(`beginning of range (${first}) beyond end of range (${last}): ${text}`);
  if (step === 0n) throw new Error(`step of range should be a positive number: ${text}`);
  return { first: Number(first), last: Number(last), step: Number(step), star: anything && step === 1n };
}

function parseValue(text: string, bounds: Bounds): bigint {
  const named = text === '' ? -1 : (bounds.names ?? []).indexOf(text.toLowerCase());
  return named >= 0 ? BigInt(named) : parseInteger(text);
}

/** The greatest number that Go's `int` holds. */
const INTEGER_MAX = 2n ** 63n - 1n;

/** Reads digits with an optional sign, as Go's `strconv.Atoi` does. */
function parseInteger(text: string): bigint {
  const fail = (why: string): Error =>
    new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${goQuote(text)}: ${why}`);
  if (!/^[-+]?[0-9]+$/.test(text)) throw fail('invalid syntax');
  const value = BigInt(text.replace(/^\+/, ''));
  if (value > INTEGER_MAX || value < -INTEGER_MAX - 1n) throw fail('value out of range');
  if (value < 0n) throw new Error(`negative number (${value}) not allowed: ${text}`);
  return value;
}

/** A text that parses to an equal field: `*`, or the values with runs as ranges. */
export function formatField(field: ScheduleField): string {
  if (field.star) return '*';
  if (field.empty) return ',';
  const parts: string[] = [];
  for (let value = 0; value < field.matches.length; value++) {
    if (!field.matches[value]) continue;
    const first = value;
    while (field.matches[value + 1]) value++;
    parts.push(first === value ? String(first) : `${first}-${value}`);
  }
  return parts.join(',');
}
