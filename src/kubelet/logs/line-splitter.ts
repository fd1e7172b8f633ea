/** Cuts a stream of bytes into lines. */

const NEWLINE = 0x0a;

/** Keeps what is not a whole line yet until the rest of it comes. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);

  /** The lines that are whole with these bytes, without their newlines. */
  push(bytes: Buffer): Buffer[] {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = all.indexOf(NEWLINE); end >= 0; end = all.indexOf(NEWLINE, start)) {
      lines.push(all.subarray(start, end));
      start = end + 1;
    }
    this.#rest = all.subarray(start);
    return lines;
  }

  /** Bytes of the line that is not whole yet. */
  get pending(): number {
    return this.#rest.length;
  }

  /** Gives that line away as it is. */
  takePending(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest;
  }
}
