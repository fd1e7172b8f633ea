/**
 * Numbered channels in the messages of a WebSocket: each message is a channel's number and bytes, in base64 where the
 * protocol says so; from version 5 on the message `255, N` ends channel N. Source: k8s.io/streaming/pkg/httpstream/wsstream.
 */
import { Duplex, type Readable, type Writable } from 'node:stream';
import type { WebSocket } from 'ws';

/** First byte of a message that ends a channel. */
const CLOSE = 255;
/** Bytes that wait for the reader of one channel before the connection is not read further. */
const CHANNEL_BYTES_MAX = 256 * 1024;
/** Code of a connection that ends as it should. */
export const NORMAL_CLOSURE = 1000;

/** See the file's head. */
export class ChannelSocket {
  /** Resolves when the connection has ended, whoever ended it. */
  readonly gone: Promise<void>;
  readonly #socket: WebSocket;
  readonly #isText: boolean;
  readonly #canClose: boolean;
  readonly #inputs = new Map<number, ChannelStream>();
  readonly #full = new Set<ChannelStream>();
  /** Messages that are to leave. Whoever sends waits for `done`, so that they are no more than channels. */
  readonly #waiting: { readonly message: Buffer | string; readonly done: () => void }[] = [];
  #isSending = false;
  #isClosing = false;

  constructor(socket: WebSocket, protocol: string) {
    this.#socket = socket;
    this.#isText = protocol.includes('base64');
    this.#canClose = protocol === 'v5.channel.k8s.io';
    socket.binaryType = 'nodebuffer';
    socket.on('message', (message: Buffer) => this.#take(message));
    socket.on('error', () => {}); // Told by the end of the connection.
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        for (const input of this.#inputs.values()) input.endInput();
        resolve();
      });
    });
  }

  /** What comes on that channel; what comes on others is dropped. */
  input(channel: number): Readable {
    return this.#add(channel, { writable: false });
  }

  /** Takes what goes out on that channel. Its end is not told: the protocol has no word for it. */
  output(channel: number): Writable {
    return this.#stream(channel, { readable: false });
  }

  /** Both on one channel. */
  duplex(channel: number): Duplex {
    return this.#add(channel, {});
  }

  /**
   * Sends one message, once the one before has left: written together they would share a record of TLS, and a client that
   * waits for its socket to become readable (Python's) sees only the first message of a record.
   */
  send(channel: number, block: Buffer, done: () => void = () => {}): void {
    const message = this.#isText
      ? `${channel}${block.toString('base64')}`
      : Buffer.concat([Buffer.of(channel), block]);
    this.#waiting.push({ message, done });
    if (!this.#isSending) this.#sendNext();
  }

  /** Ends the connection after what was sent. Idempotent. */
  close(): void {
    this.#isClosing = true;
    if (!this.#isSending) this.#socket.close(NORMAL_CLOSURE);
  }

  /** Ends the connection at once. Idempotent. */
  destroy(): void {
    this.#socket.terminate();
  }

  #sendNext(): void {
    const next = this.#waiting.shift();
    this.#isSending = next !== undefined;
    if (next === undefined) {
      if (this.#isClosing) this.#socket.close(NORMAL_CLOSURE);
      return;
    }
    // A connection that has ended takes nothing, and says so in the same way.
    this.#socket.send(next.message, () => {
      next.done();
      this.#sendNext();
    });
  }

  #add(channel: number, mode: StreamMode): ChannelStream {
    const stream = this.#stream(channel, mode);
    this.#inputs.set(channel, stream);
    return stream;
  }

  #stream(channel: number, mode: StreamMode): ChannelStream {
    return new ChannelStream(mode, {
      pace: (stream, isFull) => this.#pace(stream, isFull),
      send: (block, done) => this.send(channel, block, done),
    });
  }

  #take(message: Buffer): void {
    const [first] = message;
    if (first === undefined) return;
    if (this.#canClose && first === CLOSE) {
      const [, channel] = message;
      if (message.length === 2 && channel !== undefined) this.#inputs.get(channel)?.endInput();
      return;
    }
    const channel = this.#isText ? first - 0x30 : first;
    const rest = message.subarray(1);
    const block = this.#isText ? Buffer.from(rest.toString('latin1'), 'base64') : rest;
    if (block.length > 0) this.#inputs.get(channel)?.receive(block);
  }

  #pace(input: ChannelStream, isFull: boolean): void {
    if (isFull) this.#full.add(input);
    else this.#full.delete(input);
    if (this.#full.size > 0) this.#socket.pause();
    else this.#socket.resume();
  }
}

/** Which directions a channel has; default both. */
interface StreamMode {
  readonly readable?: boolean;
  readonly writable?: boolean;
}

/** What a channel can do with its connection. */
interface ChannelWire {
  pace(stream: ChannelStream, isFull: boolean): void;
  send(block: Buffer, done: () => void): void;
}

class ChannelStream extends Duplex {
  readonly #wire: ChannelWire;
  #isFull = false;
  #hasEnded = false;

  constructor(mode: StreamMode, wire: ChannelWire) {
    super({ ...mode, readableHighWaterMark: CHANNEL_BYTES_MAX });
    this.#wire = wire;
    this.on('error', () => {}); // Destroyed by whoever uses it, who knows.
  }

  receive(block: Buffer): void {
    if (this.#hasEnded || this.destroyed || this.push(block) || this.#isFull) return;
    this.#isFull = true;
    this.#wire.pace(this, true);
  }

  endInput(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.push(null);
  }

  override _read(): void {
    this.#release();
  }

  override _write(block: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#wire.send(block, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#release();
    done(error);
  }

  #release(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#wire.pace(this, false);
  }
}
