/**
 * SPDY/3.1 as Kubernetes uses it (k8s.io/streaming over moby/spdystream): many streams of bytes over one connection, opened
 * by one side, with headers and half-close. There is no flow control in it but that of the connection: a stream that is
 * not read holds up the others once its queue is full, as it does upstream.
 */
import { Duplex } from 'node:stream';
import {
  controlFrame,
  dataHead,
  FLAG_FIN,
  type Frame,
  FrameReader,
  FrameType,
  ResetReason,
  SpdyError,
} from './frames.ts';
import { HeaderReader, HeaderWriter, type StreamHeaders } from './header-block.ts';

/** Bytes that wait for the reader of one stream before the connection is not read further. */
const STREAM_BYTES_MAX = 256 * 1024;
/** Bytes of one data frame that is sent, so that a stream of much data leaves room for the others. */
const DATA_BYTES_MAX = 64 * 1024;
/** Streams that are open at once on one connection: two for each forwarded connection of a client. */
const STREAMS_MAX = 4096;

/** What a stream can do with its connection. */
interface Wire {
  send(frame: Buffer, done: (error?: Error | null) => void): void;
  forget(id: number): void;
  /** Whether the other side is to know that nothing more comes on a stream which it has ended itself. */
  readonly tellsEnds: boolean;
}

/** One stream: bytes in both directions, each ended by itself. Destroying it resets it. */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: StreamHeaders;
  readonly #wire: Wire;
  #drained: (() => void) | undefined;
  #endSent = false;
  #endReceived = false;
  /** The other side takes nothing more; what is still written goes nowhere, as with a closed pipe. */
  #deaf = false;

  /** Connections make streams; nobody else does. */
  constructor(id: number, headers: StreamHeaders, wire: Wire) {
    super({ readableHighWaterMark: STREAM_BYTES_MAX });
    this.id = id;
    this.headers = headers;
    this.#wire = wire;
  }

  /** Bytes from the other side; resolves when more may come. */
  receive(body: Buffer, fin: boolean): Promise<void> | undefined {
    if (this.destroyed || this.#endReceived) return undefined;
    const room = body.length === 0 || this.push(body);
    if (fin) this.#endInput();
    if (room || fin) return undefined;
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Nobody is to wait for room any more. */
  waitNoMore(): void {
    this.#release();
  }

  /** The other side has reset the stream or is gone: what came before can still be read. */
  cut(): void {
    this.#deaf = true;
    this.#endInput();
  }

  override _read(): void {
    this.#release();
  }

  override _write(block: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#deaf) {
      done();
      return;
    }
    const frames: Buffer[] = [];
    for (let at = 0; at < block.length; at += DATA_BYTES_MAX) {
      const part = block.subarray(at, at + DATA_BYTES_MAX);
      frames.push(dataHead(this.id, part.length, false), part);
    }
    this.#wire.send(Buffer.concat(frames), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#endSent = true;
    if (this.#deaf) done();
    else this.#wire.send(dataHead(this.id, 0, true), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#release();
    this.#wire.forget(this.id);
    // A server that has ended a stream may be about to close the connection, with more to read on it: what is written then
    // comes back as an error and takes with it what was not read yet.
    const isHeard = this.#endReceived && (this.#endSent || !this.#wire.tellsEnds);
    const over = this.#deaf || isHeard;
    if (!over) {
      const reset = controlFrame(FrameType.rstStream, 0, [this.id, ResetReason.cancel]);
      this.#wire.send(reset, () => {});
    }
    done(error);
  }

  #endInput(): void {
    if (this.#endReceived) return;
    this.#endReceived = true;
    if (!this.destroyed) this.push(null);
    this.#release();
  }

  #release(): void {
    const resolve = this.#drained;
    this.#drained = undefined;
    resolve?.();
  }
}

/** Which side opens streams, and what becomes of those that the other one opens. */
export type SpdyRole =
  | { readonly side: 'client' }
  | {
      readonly side: 'server';
      /** Takes a new stream (true), or refuses it. */
      accept(stream: SpdyStream): boolean;
    };

/** See the file's head. */
export class SpdyConnection {
  /** Resolves when the connection has ended, in whatever way; all its streams have been cut. */
  readonly closed: Promise<void>;
  readonly #socket: Duplex;
  readonly #role: SpdyRole;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #opening = new Map<number, { resolve(): void; reject(error: Error): void }>();
  readonly #headerWriter = new HeaderWriter();
  readonly #headerReader = new HeaderReader();
  #lastId = 0;
  /** The socket has closed; what it brought may not have been read to its end. */
  #isLost = false;
  #over = false;

  /** Reads from the socket at once. It belongs to the connection from now on. */
  constructor(socket: Duplex, role: SpdyRole) {
    this.#socket = socket;
    this.#role = role;
    this.closed = this.#serve();
  }

  /**
   * Opens a stream; only clients may.
   *
   * @throws {SpdyError} when the other side refuses it or has gone.
   */
  async open(headers: StreamHeaders): Promise<SpdyStream> {
    if (this.#over) throw new SpdyError('the connection has ended');
    this.#lastId += this.#lastId === 0 ? 1 : 2;
    const id = this.#lastId;
    const stream = this.#add(id, headers);
    const opened = new Promise<void>((resolve, reject) => this.#opening.set(id, { resolve, reject }));
    this.#write(
      controlFrame(FrameType.synStream, 0, [id, 0], withPriority(this.#headerWriter.write(headers))),
    );
    await opened;
    return stream;
  }

  /** Says goodbye after what was written so far, and ends the connection. Idempotent. */
  close(): void {
    if (this.#over || this.#socket.writableEnded) return;
    this.#write(controlFrame(FrameType.goAway, 0, [this.#role.side === 'server' ? this.#lastId : 0, 0]));
    this.#socket.end();
  }

  /** Ends the connection at once. Idempotent. */
  destroy(): void {
    this.#socket.destroy();
  }

  async #serve(): Promise<void> {
    const reader = new FrameReader();
    this.#socket.on('error', () => {}); // Told by the end of the reading below.
    // The reading may be waiting for the reader of a stream, and would not see the end. What came before it is still read.
    this.#socket.once('close', () => {
      this.#isLost = true;
      for (const stream of this.#streams.values()) stream.waitNoMore();
    });
    try {
      for await (const block of this.#socket) {
        for (const frame of reader.push(block as Buffer)) await this.#take(frame);
      }
    } catch {
      // A broken connection, or one that is not SPDY, ends like any other: for its streams there is no difference.
    }
    this.#end();
  }

  #end(): void {
    this.#over = true;
    this.#headerReader.close();
    for (const opening of this.#opening.values()) opening.reject(new SpdyError('the connection has ended'));
    this.#opening.clear();
    for (const stream of this.#streams.values()) stream.cut();
    this.#streams.clear();
    this.#socket.destroy();
  }

  async #take(frame: Frame): Promise<void> {
    if (frame.kind === 'data') {
      const room = this.#streams.get(frame.streamId)?.receive(frame.body, frame.fin);
      if (!this.#isLost) await room;
      return;
    }
    const { type, flags, body } = frame;
    switch (type) {
      case FrameType.synStream:
        await this.#opened(body, flags);
        break;
      case FrameType.synReply:
        await this.#replied(idIn(body), body.subarray(4), flags);
        break;
      case FrameType.headers:
        await this.#headerReader.read(body.subarray(4)); // They mean nothing here, but the compression goes on with them.
        break;
      case FrameType.rstStream:
        this.#reset(idIn(body));
        break;
      case FrameType.ping:
        // Even ids are a server's own pings, coming back.
        if ((idIn(body) % 2 === 1) === (this.#role.side === 'server')) {
          this.#write(controlFrame(FrameType.ping, 0, [idIn(body)]));
        }
        break;
      case FrameType.goAway:
        this.#socket.end();
        break;
      default: // Settings and windows: nothing that concerns us.
    }
  }

  async #opened(body: Buffer, flags: number): Promise<void> {
    const id = idIn(body);
    const headers = await this.#headerReader.read(body.subarray(10));
    if (this.#role.side !== 'server' || id % 2 === 0 || id <= this.#lastId) {
      throw new SpdyError(`stream ${id} may not be opened`);
    }
    this.#lastId = id;
    const stream = this.#streams.size < STREAMS_MAX ? this.#add(id, headers) : undefined;
    if (stream === undefined || !this.#role.accept(stream)) {
      this.#write(controlFrame(FrameType.rstStream, 0, [id, ResetReason.refused]));
      stream?.cut();
      stream?.destroy();
      return;
    }
    this.#write(controlFrame(FrameType.synReply, 0, [id], this.#headerWriter.write({})));
    if ((flags & FLAG_FIN) !== 0) await stream.receive(Buffer.alloc(0), true);
  }

  async #replied(id: number, block: Buffer, flags: number): Promise<void> {
    await this.#headerReader.read(block);
    const opening = this.#opening.get(id);
    this.#opening.delete(id);
    opening?.resolve();
    if ((flags & FLAG_FIN) !== 0) await this.#streams.get(id)?.receive(Buffer.alloc(0), true);
  }

  #reset(id: number): void {
    const opening = this.#opening.get(id);
    this.#opening.delete(id);
    opening?.reject(new SpdyError('the stream was refused'));
    this.#streams.get(id)?.cut();
  }

  #add(id: number, headers: StreamHeaders): SpdyStream {
    const stream = new SpdyStream(id, headers, {
      send: (frame, done) => this.#send(frame, done),
      forget: (gone) => void this.#streams.delete(gone),
      tellsEnds: this.#role.side === 'server',
    });
    stream.on('error', () => {}); // A stream that fails is told to its readers and writers by its end.
    this.#streams.set(id, stream);
    return stream;
  }

  #write(frame: Buffer): void {
    this.#send(frame, () => {});
  }

  #send(frame: Buffer, done: (error?: Error | null) => void): void {
    if (this.#over || !this.#socket.writable) done();
    else this.#socket.write(frame, () => done());
  }
}

/** The number that most control frames begin with, without its reserved bit. */
function idIn(body: Buffer): number {
  if (body.length < 4) throw new SpdyError('a control frame is too short');
  return body.readUInt32BE(0) % 2 ** 31;
}

/** Priority and credential slot, two bytes that stand before the headers of a new stream; nobody looks at them. */
function withPriority(block: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(2), block]);
}
