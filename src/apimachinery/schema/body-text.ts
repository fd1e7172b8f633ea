/**
 * What only the text of a JSON body shows, because `JSON.parse` hides it: members that stand twice, of which Kubernetes
 * warns or which it refuses under strict field validation; numbers written with a fraction or an exponent, which Go takes
 * for no whole number (`1.0` is no int32); and the order of it all.
 */

/** Greatest depth that is looked at; a text nested deeper is refused by the parser's own limit before. */
const DEPTH_MAX = 1000;
/** Paths that are told, as with unknown fields: Kubernetes' decoder reports no more than a hundred. */
const FOUND_MAX = 100;
/** Numbers that are remembered as they are written: many times what any sensible body has of them. */
const LITERALS_MAX = 1000;

const NONE: ReadonlyMap<string, string> = new Map();

/** What field validation and the decoder want to know of a body's text. */
export interface BodyNotes {
  /** Numbers with a fraction or an exponent as they are written, by their paths. */
  readonly literals: ReadonlyMap<string, string>;
  /** What strict field validation says of the body, given the fields that its kind does not have. */
  doubts(unknown: readonly string[]): readonly string[];
}

/** A body's text, looked through once. */
export class BodyText implements BodyNotes {
  /**
   * The paths of members that stand more than once, `spec.parallelism`, each once, in the order of the text, the first
   * hundred of them.
   */
  readonly duplicates: readonly string[];
  /** Numbers with a fraction or an exponent as they are written, by their paths. */
  readonly literals: ReadonlyMap<string, string>;
  readonly #text: string;

  /** @param text valid JSON. */
  constructor(text: string) {
    const scanner = new Scanner(text);
    scanner.value(0);
    this.duplicates = [...scanner.duplicates];
    this.literals = scanner.literals ?? NONE;
    this.#text = text;
  }

  /**
   * What strict field validation says of the body: its unknown fields, and members that stand twice where the field is
   * known, in the order of the text.
   */
  doubts(unknown: readonly string[]): readonly string[] {
    const unknownTexts = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
    if (this.duplicates.length === 0) return unknownTexts;
    if (unknown.length === 0) return this.duplicates.map(duplicateText);
    const unknownPaths = new Set(unknown);
    const inside = (path: string): boolean =>
      unknown.some((each) => path.startsWith(each) && '.['.includes(path.charAt(each.length)));
    const known = this.duplicates.filter((path) => !unknownPaths.has(path) && !inside(path));
    const scanner = new Scanner(this.#text, new Set([...unknown, ...known]));
    scanner.value(0);
    const places = [
      ...unknown.map((path, at) => ({ text: unknownTexts[at] ?? '', at: scanner.first.get(path) ?? 0 })),
      ...known.map((path) => ({ text: duplicateText(path), at: scanner.second.get(path) ?? 0 })),
    ];
    return places.sort((a, b) => a.at - b.at).map(({ text }) => text);
  }
}

const duplicateText = (path: string): string => `duplicate field ${JSON.stringify(path)}`;

class Scanner {
  readonly duplicates = new Set<string>();
  literals: Map<string, string> | undefined;
  /** Where the wanted paths stand for the first time, and for the second. */
  readonly first = new Map<string, number>();
  readonly second = new Map<string, number>();
  readonly #wanted: ReadonlySet<string> | undefined;
  readonly #text: string;
  /** Names and positions from the root to here; made into a path when there is something to tell. */
  readonly #trail: (string | number)[] = [];
  #at = 0;

  constructor(text: string, wanted?: ReadonlySet<string>) {
    this.#text = text;
    this.#wanted = wanted;
  }

  value(depth: number): void {
    const letter = this.#next();
    if (depth > DEPTH_MAX) this.#at = this.#text.length;
    else if (letter === '{') this.#object(depth);
    else if (letter === '[') this.#list(depth);
    else if (letter === '"') this.#string();
    else this.#scalar();
  }

  #object(depth: number): void {
    const seen = new Set<string>();
    this.#at++;
    while (this.#at < this.#text.length && this.#next() !== '}') {
      if (this.#text[this.#at] === ',') {
        this.#at++;
        continue;
      }
      const start = this.#at;
      this.#string();
      const raw = this.#text.slice(start, this.#at);
      const name = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
      this.#trail.push(name);
      const before = seen.size;
      seen.add(name);
      if (seen.size === before && this.duplicates.size < FOUND_MAX) this.duplicates.add(this.#path());
      if (this.#wanted !== undefined) this.#place(start);
      this.#next(); // The colon.
      this.#at++;
      this.value(depth + 1);
      this.#trail.pop();
    }
    this.#at++;
  }

  #place(start: number): void {
    const path = this.#path();
    if (!this.#wanted?.has(path)) return;
    if (!this.first.has(path)) this.first.set(path, start);
    else if (!this.second.has(path)) this.second.set(path, start);
  }

  #list(depth: number): void {
    this.#at++;
    for (let index = 0; this.#at < this.#text.length && this.#next() !== ']'; ) {
      if (this.#text[this.#at] === ',') {
        this.#at++;
        index++;
      } else {
        this.#trail.push(index);
        this.value(depth + 1);
        this.#trail.pop();
      }
    }
    this.#at++;
  }

  #path(): string {
    let path = '';
    for (const step of this.#trail)
      path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`;
    return path;
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const end = this.#text.indexOf('"', this.#at);
      if (end < 0) {
        this.#at = this.#text.length;
        return;
      }
      let slashes = 0;
      while (this.#text[end - 1 - slashes] === '\\') slashes++;
      this.#at = end + 1;
      if (slashes % 2 === 0) return;
    }
  }

  /** A number, a boolean or null. */
  #scalar(): void {
    const start = this.#at;
    let whole = true;
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      // A comma, a bracket, a brace, or white space.
      if (code === 0x2c || code === 0x5d || code === 0x7d || code <= 0x20) break;
      // A point or an e.
      if (code === 0x2e || (code | 0x20) === 0x65) whole = false;
    }
    if (whole || /[a-z]$/.test(this.#text.charAt(this.#at - 1))) return;
    this.literals ??= new Map();
    if (this.literals.size < LITERALS_MAX) this.literals.set(this.#path(), this.#text.slice(start, this.#at));
  }

  /** The next letter that is no white space. */
  #next(): string {
    while (this.#at < this.#text.length && this.#text.charCodeAt(this.#at) <= 0x20) this.#at++;
    return this.#text[this.#at] ?? '';
  }
}
