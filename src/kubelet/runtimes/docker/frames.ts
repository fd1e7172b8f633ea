/**
 * Takes apart the stream in which Docker sends the two outputs of a container or command without a terminal: frames of eight
 * bytes (stream, three zeros, length in big endian) and the text. Source: Docker Engine API, ContainerAttach, "Stream format".
 */

/** A piece of output; `stdin` never comes. */
export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly text: Buffer;
}

const HEAD_BYTES = 8;
/** Docker's number for standard error; 3 is an error of the engine itself, which is told like one. */
const STDERR = 2;

/** Keeps what is not a whole frame yet until the rest of it comes. */
export class FrameSplitter {
  #blocks: Buffer[] = [];
  #length = 0;
  /** Bytes that the next frame needs, its head included; only the head's as long as that is not there. */
  #needed = HEAD_BYTES;

  /** The frames that are whole with these bytes. */
  push(block: Buffer): Frame[] {
    this.#blocks.push(block);
    this.#length += block.length;
    const frames: Frame[] = [];
    if (this.#length < this.#needed) return frames;
    let all = this.#blocks.length === 1 ? block : Buffer.concat(this.#blocks);
    for (;;) {
      if (all.length < HEAD_BYTES) {
        this.#needed = HEAD_BYTES;
        break;
      }
      const end = HEAD_BYTES + all.readUInt32BE(4);
      if (all.length < end) {
        this.#needed = end;
        break;
      }
      const stream = (all[0] ?? 0) >= STDERR ? 'stderr' : 'stdout';
      frames.push({ stream, text: all.subarray(HEAD_BYTES, end) });
      all = all.subarray(end);
    }
    this.#blocks = all.length === 0 ? [] : [all];
    this.#length = all.length;
    return frames;
  }
}
