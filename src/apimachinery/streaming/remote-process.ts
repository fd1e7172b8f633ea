/**
 * A process that runs elsewhere (in a container, on another machine) as whoever asked for it sees it, and a way to the
 * ports of a pod. This is the one interface between the API server, the node agents and their runtimes for exec, attach and
 * port-forward: it knows no protocol, so that any of them can be behind either side of it.
 */
import type { Duplex, Readable, Writable } from 'node:stream';

/** Columns and rows of a terminal. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** Which streams of a process are wanted. With a terminal there is no stderr of its own. */
export interface WantedStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** A terminal stands between the process and its streams. */
  readonly tty: boolean;
}

/**
 * A running process. Its streams honour back-pressure: what is not read is not fetched, and what is not taken is not asked
 * for. Whoever gets one must call `close` in the end, whatever happened before.
 */
export interface RemoteProcess {
  /** Takes what goes to its standard input; `end` closes it while output goes on. Absent when it was not wanted, or never ran. */
  readonly stdin?: Writable;
  /** Ends when the process closed it. Absent when it was not wanted. */
  readonly stdout?: Readable;
  readonly stderr?: Readable;
  /** Tells its terminal a size. Without a terminal, or after its end, nothing happens. */
  resize(size: TerminalSize): void;
  /**
   * The exit code, 0 to 255; 0 for what has none (attaching to a container that goes on). Rejects with a StatusError when
   * the process could not be run, or was lost sight of. May settle before the output was read to its end.
   */
  readonly exit: Promise<number>;
  /** Lets go of it and destroys its streams: whoever asked has gone, or has all that he wanted. Idempotent. */
  close(): void;
}

/**
 * A way to a port of a pod: bytes in both directions, each closed by itself (`end`). Emits `error` with a message for the
 * client when nothing listens there.
 */
export type PortConnection = Duplex;
