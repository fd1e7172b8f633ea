/** How Go prints what the API's messages quote. */

const SHORT: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** What `strconv.IsPrint` takes for printable. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\]/gu;

/** A text in quotes, as Go's `%q` prints it. */
export function goQuote(text: string): string {
  return `"${text.replace(UNPRINTABLE, escaped)}"`;
}

function escaped(letter: string): string {
  const short = SHORT[letter];
  if (short !== undefined) return short;
  const code = letter.codePointAt(0) ?? 0;
  // A lone surrogate is no character in Go: its decoder has replaced it.
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A text in quotes, as Go's package time prints it in its errors: bytes that are no ASCII, or control, by their numbers. */
export function goTimeQuote(text: string): string {
  const shown = text
    .replace(/["\\]/g, '\\$&')
    .replace(/[^\x20-\x7f]/gu, (letter) =>
      Array.from(Buffer.from(letter), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    );
  return `"${shown}"`;
}

/** A decoded JSON value as Go's `%v` prints it: `map[a:1 b:[x y]]`, keys sorted. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (typeof value !== 'object') return `${value as string | number | boolean}`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${key}:${goValue((value as Record<string, unknown>)[key])}`);
  return `map[${members.join(' ')}]`;
}

/** JSON as Go writes it: letters that mean something in HTML are escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A map's members by their keys, the order in which Go writes a map as JSON. */
export function sortedMembers<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1)));
}
