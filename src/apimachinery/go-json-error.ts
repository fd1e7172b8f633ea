/**
 * Says what is wrong with a text that is no JSON in the words of Go's encoding/json, which is what Kubernetes answers.
 * Called only after JSON.parse has refused the text, so it need not be fast. `bytes`: each letter of the text is a byte
 * (`latin1`), for what may be no UTF-8.
 */
export function goJsonError(text: string, reads: 'letters' | 'bytes' = 'letters'): string {
  return new Scanner(text, reads).complaint();
}

class Complaint extends Error {}

class Scanner {
  readonly #text: string;
  readonly #reads: 'letters' | 'bytes';
  #at = 0;

  constructor(text: string, reads: 'letters' | 'bytes') {
    this.#text = text;
    this.#reads = reads;
  }

  complaint(): string {
    try {
      this.#value('looking for beginning of value');
      this.#space();
      if (this.#at < this.#text.length) this.#fail('after top-level value');
      return 'invalid JSON';
    } catch (error) {
      if (error instanceof Complaint) return error.message;
      // An exhausted stack, which only absurd nesting causes; Go gives up at a depth of its own, at a bracket.
      if (!(error instanceof RangeError)) throw error;
      const read = this.#text.slice(0, this.#at + 1);
      const bracket = read.lastIndexOf('[') > read.lastIndexOf('{') ? '[' : '{';
      return `invalid character '${bracket}' exceeded max depth`;
    }
  }

  #fail(where: string): never {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw new Complaint('unexpected end of JSON input');
    // Go reads bytes: a letter beyond ASCII shows as its first byte in UTF-8.
    const isByte = code < 0x80 || this.#reads === 'bytes';
    const byte = isByte ? code : (Buffer.from(String.fromCodePoint(code))[0] ?? code);
    throw new Complaint(`invalid character ${quoted(byte)} ${where}`);
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #value(where: string): void {
    this.#space();
    const letter = this.#text.charAt(this.#at);
    if (letter === '{') this.#object();
    else if (letter === '[') this.#array();
    else if (letter === '"') this.#string();
    else if (letter === '-' || /\d/.test(letter)) this.#number();
    else if (letter === 't') this.#literal('true');
    else if (letter === 'f') this.#literal('false');
    else if (letter === 'n') this.#literal('null');
    else this.#fail(where);
  }

  #object(): void {
    this.#at++;
    this.#space();
    if (this.#text.charAt(this.#at) === '}') {
      this.#at++;
      return;
    }
    for (;;) {
      this.#space();
      if (this.#text.charAt(this.#at) !== '"') this.#fail('looking for beginning of object key string');
      this.#string();
      this.#space();
      if (this.#text.charAt(this.#at) !== ':') this.#fail('after object key');
      this.#at++;
      this.#value('looking for beginning of value');
      this.#space();
      const letter = this.#text.charAt(this.#at);
      if (letter !== ',' && letter !== '}') this.#fail('after object key:value pair');
      this.#at++;
      if (letter === '}') return;
    }
  }

  #array(): void {
    this.#at++;
    this.#space();
    if (this.#text.charAt(this.#at) === ']') {
      this.#at++;
      return;
    }
    for (;;) {
      this.#value('looking for beginning of value');
      this.#space();
      const letter = this.#text.charAt(this.#at);
      if (letter !== ',' && letter !== ']') this.#fail('after array element');
      this.#at++;
      if (letter === ']') return;
    }
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const letter = this.#text.charAt(this.#at);
      if (letter === '' || letter < ' ') this.#fail('in string literal');
      this.#at++;
      if (letter === '"') return;
      if (letter !== '\\') continue;
      const code = this.#text.charAt(this.#at);
      if (!/["\\/bfnrtu]/.test(code)) this.#fail('in string escape code');
      this.#at++;
      if (code !== 'u') continue;
      for (let digit = 0; digit < 4; digit++) {
        if (!/[\da-fA-F]/.test(this.#text.charAt(this.#at)))
          this.#fail('in \\u hexadecimal character escape');
        this.#at++;
      }
    }
  }

  #number(): void {
    if (this.#text.charAt(this.#at) === '-') this.#at++;
    if (this.#text.charAt(this.#at) === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#text.charAt(this.#at) === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (/[eE]/.test(this.#text.charAt(this.#at))) {
      this.#at++;
      if (/[+-]/.test(this.#text.charAt(this.#at))) this.#at++;
      this.#digits('in exponent of numeric literal');
    }
  }

  #digits(where: string): void {
    if (!/\d/.test(this.#text.charAt(this.#at))) this.#fail(where);
    while (/\d/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #literal(word: string): void {
    for (const letter of word) {
      if (this.#text.charAt(this.#at) !== letter) this.#fail(`in literal ${word} (expecting '${letter}')`);
      this.#at++;
    }
  }
}

/** A byte as Go's %q for a rune, with its two exceptions. */
function quoted(byte: number): string {
  if (byte === 0x27) return "'\\''";
  if (byte === 0x22) return `'"'`;
  if (byte === 0x5c) return "'\\\\'";
  const named: Readonly<Record<number, string>> = {
    7: 'a',
    8: 'b',
    9: 't',
    10: 'n',
    11: 'v',
    12: 'f',
    13: 'r',
  };
  const name = named[byte];
  if (name !== undefined) return `'\\${name}'`;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`;
  if (byte >= 0x80 && byte <= 0xa0) return `'\\u${byte.toString(16).padStart(4, '0')}'`;
  return `'${String.fromCharCode(byte)}'`;
}
