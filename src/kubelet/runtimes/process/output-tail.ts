/** Reads along in a file of raw output while a container writes to it, as slowly as whoever asked for it takes it. */
import { closeSync, openSync, read } from 'node:fs';
import { Readable } from 'node:stream';

/** Bytes read at a time. */
const BLOCK_BYTES = 64 * 1024;

/** See the file's head. */
export class OutputTail extends Readable {
  readonly #file: number;
  #position: number;
  #isAsked = false;
  #isReading = false;
  /** There may be more than the read under way sees. */
  #isStale = false;
  #isWhole = false;

  /** Begins at that byte of the file. */
  constructor(path: string, position: number) {
    super();
    this.#file = openSync(path, 'r');
    this.#position = position;
  }

  /** Bytes of the file that were read. */
  get position(): number {
    return this.#position;
  }

  /** There may be more. */
  look(): void {
    this.#isStale = true;
    if (this.#isAsked) this.#readOn();
  }

  /** Nothing more will be written. */
  finish(): void {
    this.#isWhole = true;
    this.look();
  }

  /** The file was emptied. */
  beginAnew(): void {
    this.#position = 0;
  }

  override _read(): void {
    this.#isAsked = true;
    this.#readOn();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // A read under way still needs the file, and closes it when it comes back.
    if (!this.#isReading) closeSync(this.#file);
    done(error);
  }

  #readOn(): void {
    if (this.#isReading || this.destroyed) return;
    this.#isReading = true;
    this.#isStale = false;
    const isWhole = this.#isWhole;
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    read(this.#file, block, 0, BLOCK_BYTES, this.#position, (error, length) => {
      this.#isReading = false;
      if (this.destroyed) closeSync(this.#file);
      else if (error !== null) this.destroy(error);
      else if (length > 0) {
        this.#isAsked = false;
        this.#position += length;
        this.push(block.subarray(0, length));
      } else if (isWhole) this.push(null);
      else if (this.#isStale) this.#readOn();
    });
  }
}
