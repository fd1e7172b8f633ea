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
  scanner.value('', 0);
  return [...scanner.found];
}

class Scanner {
  readonly found = new Set<string>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(path: string, depth: number): void {
    const letter = this.#next();
    if (depth > DEPTH_MAX) this.#at = this.#text.length;
    else if (letter === '{') this.#object(path, depth);
    else if (letter === '[') this.#list(path, depth);
    else if (letter === '"') this.#string();
    else while (this.#at < this.#text.length && !',]}'.includes(this.#text[this.#at] ?? '')) this.#at++;
  }

  #object(path: string, depth: number): void {
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
      const inside = path === '' ? name : `${path}.${name}`;
      if (seen.has(name) && this.found.size < FOUND_MAX) this.found.add(inside);
      seen.add(name);
      this.#next(); // The colon.
      this.#at++;
      this.value(inside, depth + 1);
    }
    this.#at++;
  }

  #list(path: string, depth: number): void {
    this.#at++;
    for (let index = 0; this.#at < this.#text.length && this.#next() !== ']'; ) {
      if (this.#text[this.#at] === ',') {
        this.#at++;
        index++;
      } else this.value(`${path}[${index}]`, depth + 1);
    }
    this.#at++;
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
