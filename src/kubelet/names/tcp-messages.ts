/** DNS messages on a TCP connection: each comes after its length in two bytes (RFC 1035, 4.2.2). */

/** A message as it is sent. */
export function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(message.length);
  return Buffer.concat([head, message]);
}

/** Puts messages together again. */
export class MessageReader {
  readonly #bytesMax: number;
  #bytes = Buffer.alloc(0);

  /** @param bytesMax of a message. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The messages that are whole now; undefined for one that is too long, after which nothing can be read. */
  push(bytes: Buffer): Buffer[] | undefined {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const whole: Buffer[] = [];
    while (this.#bytes.length >= 2) {
      const length = this.#bytes.readUInt16BE(0);
      if (length > this.#bytesMax) return undefined;
      if (this.#bytes.length < 2 + length) break;
      whole.push(this.#bytes.subarray(2, 2 + length));
      this.#bytes = this.#bytes.subarray(2 + length);
    }
    return whole;
  }
}
