/** Connects a remote process with a client, whatever protocol the client speaks. */
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ExitStatus, statusOfExit, statusOfFailure } from './exit-status.ts';
import type { RemoteProcess, TerminalSize } from './remote-process.ts';

/** A client's side of a command. Streams that it does not want are absent. */
export interface CommandClient {
  /** What the client types; ends when it closed its standard input. */
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Calls back with each size of the client's terminal. */
  onResize(listener: (size: TerminalSize) => void): void;
  /** Tells how it ended, after all output, and ends the connection. */
  finish(status: ExitStatus): void;
  /** Resolves when the client's connection is no more, whoever ended it. */
  readonly gone: Promise<void>;
}

/**
 * Copies bytes both ways until the process has ended and all its output was handed over, then tells the client how; or
 * until the client has gone. The process is closed in the end. Never rejects.
 *
 * @param failure makes the Status of an error, where the protocol words it in its own way.
 */
export async function relayCommand(
  process: RemoteProcess,
  client: CommandClient,
  failure: (error: unknown) => ExitStatus = statusOfFailure,
): Promise<void> {
  let present = true;
  const gone = client.gone.then(() => {
    present = false;
    process.close();
  });
  process.exit.catch(() => {}); // Looked at below, once the output is out.
  client.onResize((size) => process.resize(size));
  if (client.stdin !== undefined) copyInput(client.stdin, process.stdin);
  await Promise.all([copyOutput(process.stdout, client.stdout), copyOutput(process.stderr, client.stderr)]);
  const outcome = process.exit.then(statusOfExit, failure);
  const status = await Promise.race([outcome, gone]);
  if (present && status !== undefined) client.finish(status);
  process.close();
}

/** A process that reads no more leaves the rest of the input to nobody, and the client is not to be held up by that. */
function copyInput(from: Readable, to: Writable | undefined): void {
  if (to === undefined) from.resume();
  else void pipeline(from, to).catch(() => from.resume());
}

async function copyOutput(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from === undefined) return;
  if (to === undefined) {
    from.resume();
    return;
  }
  // One of the two is gone: so is the other, and how it ended is told by the process's exit.
  await pipeline(from, to).catch(() => {});
}
