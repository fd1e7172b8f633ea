/** A port of a pod as a connection, through the sandbox's own program: also where the engine runs in a machine of its own. */
import { Duplex } from 'node:stream';
import type { PortConnection, RemoteProcess } from '../../../apimachinery/streaming/index.ts';
import { RuntimeError } from '../runtime-error.ts';

/** The byte by which the program tells that somebody listens; see pause/pause.c. */
const CONNECTED = 0x2b;

/**
 * The connection of a running `pause connect PORT`. Rejects with a RuntimeError in the words of Go when nobody listens.
 */
export async function portConnection(program: RemoteProcess, port: number): Promise<PortConnection> {
  const connection = new ProgramConnection(program);
  if ((await connection.begun) === CONNECTED) return connection;
  program.close();
  const text = `failed to connect to localhost:${port}: dial tcp 127.0.0.1:${port}: connect: connection refused`;
  throw new RuntimeError('NotFound', text);
}

/** Bytes of the length before each block of output. */
const LENGTH_BYTES = 2;

class ProgramConnection extends Duplex {
  /** The first byte; undefined when there was none. */
  readonly begun: Promise<number | undefined>;
  readonly #program: RemoteProcess;
  /** What is not a whole block yet. */
  #rest: Buffer = Buffer.alloc(0);
  #hasBegun: (first: number | undefined) => void = () => {};
  #isFirst = true;
  #isOver = false;

  constructor(program: RemoteProcess) {
    super({ allowHalfOpen: true });
    this.#program = program;
    this.begun = new Promise((resolve) => {
      this.#hasBegun = resolve;
    });
    program.stdout?.on('data', (bytes: Buffer) => this.#take(bytes));
    program.stdout?.once('end', () => {
      this.#hasBegun(undefined);
      this.#finish();
    });
    program.stdin?.on('error', () => {});
  }

  override _read(): void {
    this.#program.stdout?.resume();
  }

  override _write(block: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#program.stdin?.write(block, () => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#program.stdin?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#program.close();
    done(error);
  }

  #take(bytes: Buffer): void {
    if (this.#isFirst) {
      this.#isFirst = false;
      this.#hasBegun(bytes[0]);
      this.#rest = bytes.subarray(1);
    } else this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#rest.readUInt16BE(0);
      if (this.#rest.length < end) return;
      const block = this.#rest.subarray(LENGTH_BYTES, end);
      this.#rest = this.#rest.subarray(end);
      if (block.length === 0) this.#finish();
      else if (!this.push(block)) this.#program.stdout?.pause();
    }
  }

  /** The port says no more; what is sent to it goes on. */
  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.push(null);
  }
}
