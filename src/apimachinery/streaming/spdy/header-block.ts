/** Headers of a stream as SPDY/3 sends them: a compressed list of names and values, one compression for a whole connection. */
import { createInflate, type Inflate } from 'node:zlib';
import { HEADER_DICTIONARY } from './dictionary.ts';
import { SpdyError } from './frames.ts';

/** Bytes of one stream's headers, as Go's server limits those of a request. */
const BLOCK_BYTES_MAX = 64 * 1024;

/** Headers by their lower-case name; of a name with several values, the first. */
export type StreamHeaders = Readonly<Record<string, string>>;

/** Reads the blocks of one connection, in their order. */
export class HeaderReader {
  readonly #inflate: Inflate = createInflate({ dictionary: HEADER_DICTIONARY });
  #out: Buffer[] = [];
  #bytes = 0;
  #fail: ((error: Error) => void) | undefined;

  constructor() {
    this.#inflate.on('data', (block: Buffer) => {
      this.#bytes += block.length;
      // What is too much is not kept: a few bytes can unfold into gigabytes.
      if (this.#bytes <= BLOCK_BYTES_MAX) this.#out.push(block);
      else this.#fail?.(new SpdyError('the headers of a stream are too long'));
    });
    this.#inflate.on('error', (error) => this.#fail?.(new SpdyError(`headers: ${error.message}`)));
  }

  /** One block after the other: wait for the answer before the next. Rejects with SpdyError. */
  read(block: Buffer): Promise<StreamHeaders> {
    this.#out = [];
    this.#bytes = 0;
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#inflate.write(block, () => {
        try {
          resolve(parse(Buffer.concat(this.#out)));
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  /** Frees its memory. Idempotent. */
  close(): void {
    this.#fail = undefined;
    this.#inflate.destroy();
  }
}

function parse(block: Buffer): StreamHeaders {
  let at = 0;
  const number = (): number => {
    if (at + 4 > block.length) throw new SpdyError('headers end too early');
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const end = at + number() + 4;
    if (end > block.length) throw new SpdyError('headers end too early');
    const found = block.toString('latin1', at, end);
    at = end;
    return found;
  };
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let left = number(); left > 0; left--) {
    const name = text().toLowerCase();
    headers[name] = text().split('\0')[0] ?? '';
  }
  return headers;
}

/**
 * Writes the blocks of one connection. They are not compressed: zlib's format allows that, a connection has a handful of
 * streams, and a stored block needs neither memory between the blocks nor a thread.
 */
export class HeaderWriter {
  #begun = false;

  /** The block for those headers; send the blocks in the order of the calls. */
  write(headers: StreamHeaders): Buffer {
    const entries = Object.entries(headers);
    const pieces: Buffer[] = [uint32(entries.length)];
    for (const pair of entries) {
      for (const text of pair) pieces.push(uint32(text.length), Buffer.from(text, 'latin1'));
    }
    const plain = Buffer.concat(pieces);
    // RFC 1950: deflate, window of 32 KiB, no dictionary. Only the first block has it.
    const start = this.#begun ? Buffer.alloc(0) : Buffer.from([0x78, 0x01]);
    this.#begun = true;
    // RFC 1951, section 3.2.4: not the last block, stored; its length, and the same with all bits turned.
    const head = Buffer.alloc(5);
    head.writeUInt16LE(plain.length, 1);
    head.writeUInt16LE(plain.length ^ 0xffff, 3);
    return Buffer.concat([start, head, plain, FLUSH]);
  }
}

/** An empty stored block, at which Go's reader hands out what it has instead of waiting for more. */
const FLUSH = Buffer.from([0, 0, 0, 0xff, 0xff]);

function uint32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
