/** The two outputs of a command or container, out of the one connection on which Docker sends them. */
import { type Duplex, Readable } from 'node:stream';
import { type Frame, FrameSplitter } from './frames.ts';

/** What is wanted of them, and what to do with a frame before anybody sees it. */
export interface OutputOptions {
  readonly tty: boolean;
  /** Answers whether the frame is kept from the reader. */
  readonly hold?: (frame: Frame) => boolean;
}

/** See the file's head. What is not read is not taken from the connection, so that the engine waits too. */
export class OutputStreams {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the other side has sent all it had, or has gone; then `finish` has to be called. */
  readonly over: Promise<void>;
  readonly #socket: Duplex;
  readonly #full = new Set<Readable>();

  constructor(socket: Duplex, { tty, hold = () => false }: OutputOptions) {
    this.#socket = socket;
    this.stdout = this.#output();
    this.stderr = this.#output();
    const frames = new FrameSplitter();
    const split = (block: Buffer): Frame[] =>
      tty ? [{ stream: 'stdout', text: block }] : frames.push(block);
    this.over = new Promise((resolve) => {
      const end = (): void => {
        socket.off('end', end).off('close', end);
        resolve();
      };
      socket.once('end', end).once('close', end);
    });
    socket.on('error', () => {}); // The end of the connection says it all.
    socket.on('data', (block: Buffer) => {
      for (const frame of split(block)) if (!hold(frame)) this.#give(this[frame.stream], frame.text);
    });
  }

  /** Ends both streams. */
  finish(): void {
    this.stdout.push(null);
    this.stderr.push(null);
  }

  /** Nobody wants that stream: what comes on it is thrown away. */
  ignore(stream: Readable): void {
    stream.resume();
  }

  #give(to: Readable, text: Buffer): void {
    if (to.destroyed || to.push(text)) return;
    this.#full.add(to);
    this.#socket.pause();
  }

  #output(): Readable {
    const again = (stream: Readable): void => {
      this.#full.delete(stream);
      if (this.#full.size === 0) this.#socket.resume();
    };
    return new Readable({
      read() {
        again(this);
      },
      destroy(error, done) {
        again(this);
        done(error);
      },
    });
  }
}
