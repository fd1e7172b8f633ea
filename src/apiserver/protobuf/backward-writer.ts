/** Bytes of the buffer that one message after another is written into; one that grew larger is given up again. */
const KEPT_BYTES_MAX = 1024 * 1024;
const FIRST_BYTES = 16 * 1024;
/** Numbers up to here fit the 32-bit operators of JavaScript. */
const SMALL_MAX = 0x7fff_ffff;

/**
 * Writes a message from its end to its beginning, as gogo-proto does: when a length is to be written, what it measures
 * stands there already, so that nothing is measured twice or copied.
 */
export class BackwardWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at = FIRST_BYTES;

  /** Bytes written so far. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** A whole number as a varint; a negative one takes ten bytes. */
  varint(value: number | bigint): void {
    if (typeof value === 'bigint' || value < 0 || value > SMALL_MAX) {
      this.#longVarint(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    let size = 1;
    for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++;
    let at = this.#take(size);
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[at++] = (rest & 0x7f) | 0x80;
    this.#bytes[at] = rest;
  }

  /** A text in UTF-8, without its length. */
  text(value: string): void {
    if (value === '') return;
    const size = Buffer.byteLength(value);
    const at = this.#take(size);
    this.#bytes.write(value, at, size);
  }

  /** Bytes, without their length. */
  raw(value: Uint8Array): void {
    const at = this.#take(value.length);
    this.#bytes.set(value, at);
  }

  /** Eight bytes of a floating-point number. */
  double(value: number): void {
    const at = this.#take(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  /** What was written, as a copy; the writer is empty again. */
  finish(): Buffer {
    const written = Buffer.from(this.#bytes.subarray(this.#at));
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
    this.#at = this.#bytes.length;
    return written;
  }

  #longVarint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    this.raw(Uint8Array.from(bytes));
  }

  /** Makes room for so many bytes more and says where they begin. */
  #take(size: number): number {
    if (this.#at < size) {
      const { length } = this;
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, length + size));
      this.#bytes.copy(larger, larger.length - length, this.#at);
      this.#at = larger.length - length;
      this.#bytes = larger;
    }
    this.#at -= size;
    return this.#at;
  }
}
