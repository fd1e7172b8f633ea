/**
 * Finds members that stand twice in an object of a JSON text, which `JSON.parse` hides. Kubernetes warns of them, or
 * refuses them under strict field validation.
 */

/** Greatest depth that is looked at; a text nested deeper is refused by the parser's own limit before. */
const DEPTH_MAX = 1000;
/** Paths that are told, as with unknown fields: Kubernetes' decoder reports no more than a hundred. */
const FOUND_MAX = 100;

/**
 * The paths of members that stand more than once, `spec.parallelism`, each once, in the order of the text, the first
 * hundred of them.
 *
 * @param text valid JSON.
 */
export function duplicateFields(text: string): readonly string[] {
  const scanner = new Scanner(text);
  scanner.value(0);
  return [...scanner.found];
}

class Scanner {
  readonly found = new Set<string>();
  readonly #text: string;
  /** Names and positions from the root to here; made into a path when something stands twice. */
  readonly #trail: (string | number)[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): void {
    const letter = this.#next();
    if (depth > DEPTH_MAX) this.#at = this.#text.length;
    else if (letter === '{') this.#object(depth);
    else if (letter === '[') this.#list(depth);
    else if (letter === '"') this.#string();
    else while (this.#at < this.#text.length && !',]}'.includes(this.#text[this.#at] ?? '')) this.#at++;
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
      if (seen.size === before && this.found.size < FOUND_MAX) this.found.add(this.#path());
      this.#next(); // The colon.
      this.#at++;
      this.value(depth + 1);
      this.#trail.pop();
    }
    this.#at++;
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

  /** The next letter that is no white space. */
  #next(): string {
    while (this.#at < this.#text.length && this.#text.charCodeAt(this.#at) <= 0x20) this.#at++;
    return this.#text[this.#at] ?? '';
  }
}
