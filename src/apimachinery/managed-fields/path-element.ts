/** One step of a path: a field (`f:name`), an item of a list by its key (`k:{…}`), a value of a set (`v:…`). */
import { parseExactJson } from '../exact-json.ts';
import { goQuote, goValue } from '../go-text.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { FieldSchema } from '../schema/index.ts';

/** The step to a field. */
export const fieldElement = (name: string): string => `f:${name}`;

/** The name of a field's step; undefined for a step into a list. */
export function fieldName(element: string): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined;
}

/** A list item that cannot be told from others. The message is upstream's. */
export class ItemError extends Error {
  override readonly name = 'ItemError';
}

/** The step to an item of a set or of a list that is a map. Throws {@link ItemError}. */
export function itemElement(item: unknown, list: FieldSchema): string {
  const keys = list.listMapKeys ?? [];
  if (keys.length === 0) return setElement(item);
  if (item === null) throw new ItemError('associative list with keys may not have a null element');
  if (!isJsonObject(item)) throw new ItemError('associative list with keys may not have non-map elements');
  const found: JsonObject = {};
  let any = false;
  for (const key of [...keys].sort()) {
    const value = Object.hasOwn(item, key) ? item[key] : list.items?.property(key)?.default;
    if (value === undefined) continue;
    found[key] = value;
    any = true;
  }
  if (!any) {
    const names = `[${keys.map(goQuote).join(' ')}]`;
    throw new ItemError(
      `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
    );
  }
  return `k:${JSON.stringify(found)}`;
}

function setElement(item: unknown): string {
  if (item === null)
    throw new ItemError("associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) {
    throw new ItemError('not supported: associative list with lists as elements');
  }
  if (typeof item === 'object') {
    throw new ItemError("associative list without keys has an element that's a map type");
  }
  return `v:${JSON.stringify(item)}`;
}

/** A step from elsewhere in the form in which ours are; undefined for a sort that nobody knows. Throws SyntaxError. */
export function canonicalElement(text: string): string | undefined {
  switch (text.slice(0, 2)) {
    case 'f:':
      return text;
    case 'i:':
      if (!/^[+-]?\d+$/.test(text.slice(2))) {
        throw new SyntaxError(`strconv.Atoi: parsing ${goQuote(text.slice(2))}: invalid syntax`);
      }
      return text;
    case 'v:':
      return `v:${JSON.stringify(parseExactJson(text.slice(2)))}`;
    case 'k:': {
      const key = parseExactJson(text.slice(2)) as JsonObject;
      return `k:${JSON.stringify(Object.fromEntries(Object.entries(key).sort(byName)))}`;
    }
    default:
      if (text[1] !== ':') throw new SyntaxError(`missing colon: ${text}`);
      return undefined;
  }
}

/** A step as messages show it: `.spec`, `[name="a"]`, `[="x"]`. */
export function elementText(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('i:')) return `[${rest}]`;
  const value: unknown = parseExactJson(rest);
  if (element.startsWith('v:')) return `[=${shown(value)}]`;
  const fields = Object.entries(value as JsonObject).map(([name, each]) => `${name}=${shown(each)}`);
  return `[${fields.join(',')}]`;
}

const RANKS: Readonly<Record<string, number>> = { f: 0, k: 1, v: 2, i: 3 };

/** The order of steps: fields, items by key, values. */
export function compareElements(a: string, b: string): number {
  const ranks = (RANKS[a.charAt(0)] ?? 4) - (RANKS[b.charAt(0)] ?? 4);
  if (ranks !== 0) return ranks;
  return a < b ? -1 : a > b ? 1 : 0;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(shown).join(',')}]`;
  if (typeof value !== 'object') return goValue(value);
  return Object.entries(value)
    .map(([name, each]) => `${name}=${shown(each)}`)
    .join('');
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
