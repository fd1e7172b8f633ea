/** Frames of SPDY/3 (draft-mbelshe-httpbis-spdy-00, section 2.2), taken out of a stream of bytes and put together. */

/** What a control frame is, by its number on the wire. */
export const FrameType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  ping: 6,
  goAway: 7,
  headers: 8,
} as const;

/** The sender has said all that it has to say on that stream. */
export const FLAG_FIN = 1;
/** Why a stream was reset, by its number on the wire. */
export const ResetReason = { refused: 3, cancel: 5 } as const;

const HEAD_BYTES = 8;
const VERSION = 3;
/** Bytes of a control frame that are accepted: compressed headers, which Go's server limits in the same way. */
const CONTROL_BYTES_MAX = 64 * 1024;

/** A control frame, or a part of a data frame; `body` is what follows the head. */
export type Frame =
  | { readonly kind: 'data'; readonly streamId: number; readonly fin: boolean; readonly body: Buffer }
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly body: Buffer };

/** What cannot be SPDY/3; the connection is of no use any more. */
export class SpdyError extends Error {
  override readonly name = 'SpdyError';
}

/** A data frame of which not all has come; it may be as long as 16 MiB. */
interface OpenData {
  readonly streamId: number;
  readonly fin: boolean;
  left: number;
}

/** Cuts bytes into frames. Data is given out as it comes; of a control frame it keeps what is not whole yet. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);
  #data: OpenData | undefined;

  /** What these bytes bring. Throws SpdyError. */
  push(block: Buffer): Frame[] {
    this.#pending = this.#pending.length === 0 ? block : Buffer.concat([this.#pending, block]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    if (this.#data !== undefined) return this.#nextData(this.#data);
    const pending = this.#pending;
    if (pending.length < HEAD_BYTES) return undefined;
    const head = pending.readUInt32BE(0);
    const flags = pending.readUInt8(4);
    const length = pending.readUIntBE(5, 3);
    if (head < 2 ** 31) {
      this.#pending = pending.subarray(HEAD_BYTES);
      this.#data = { streamId: head, fin: (flags & FLAG_FIN) !== 0, left: length };
      return this.#nextData(this.#data);
    }
    const version = (head >>> 16) & 0x7fff;
    if (version !== VERSION) throw new SpdyError(`version ${version} of SPDY`);
    if (length > CONTROL_BYTES_MAX) throw new SpdyError(`a control frame of ${length} bytes`);
    if (pending.length < HEAD_BYTES + length) return undefined;
    this.#pending = pending.subarray(HEAD_BYTES + length);
    const body = pending.subarray(HEAD_BYTES, HEAD_BYTES + length);
    return { kind: 'control', type: head & 0xffff, flags, body };
  }

  #nextData(data: OpenData): Frame | undefined {
    const body = this.#pending.subarray(0, data.left);
    if (body.length === 0 && data.left > 0) return undefined;
    this.#pending = this.#pending.subarray(body.length);
    data.left -= body.length;
    const isLast = data.left === 0;
    if (isLast) this.#data = undefined;
    return { kind: 'data', streamId: data.streamId, fin: isLast && data.fin, body };
  }
}

/** A data frame's head; its body follows. */
export function dataHead(streamId: number, length: number, fin: boolean): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(fin ? FLAG_FIN : 0, 4);
  head.writeUIntBE(length, 5, 3);
  return head;
}

/** A whole control frame, of numbers of 32 bits and what comes after them. */
export function controlFrame(type: number, flags: number, numbers: readonly number[], rest?: Buffer): Buffer {
  const length = numbers.length * 4 + (rest?.length ?? 0);
  const frame = Buffer.alloc(HEAD_BYTES + length);
  frame.writeUInt32BE((2 ** 31 + VERSION * 2 ** 16 + type) >>> 0, 0);
  frame.writeUInt8(flags, 4);
  frame.writeUIntBE(length, 5, 3);
  numbers.forEach((number, index) => {
    frame.writeUInt32BE(number, HEAD_BYTES + index * 4);
  });
  rest?.copy(frame, HEAD_BYTES + numbers.length * 4);
  return frame;
}
