/** A child of this process as a remote process. */
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { PassThrough, type Readable } from 'node:stream';
import type { RemoteProcess, TerminalSize } from '../../../apimachinery/streaming/index.ts';
import { RuntimeError } from '../runtime-error.ts';

/** Where and how a command is run. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where on this machine a path is that means something else in the container. */
  readonly elsewhere: (path: string) => string | undefined;
  /** The command line that runs a command there. */
  readonly beside: (command: readonly string[]) => readonly string[];
}

/** A child with a way to end it and everything that it started. */
export interface RunningCommand extends RemoteProcess {
  /** Ends it by force. Idempotent. */
  kill(): void;
}

/** What differs with and without a terminal. */
export interface ChildControls {
  resize(size: TerminalSize): void;
  /** Tells it that whoever asked for it has gone. */
  hangUp(): void;
  kill(): void;
}

/** Resolves when the child runs; rejects with a RuntimeError when it cannot. */
export function spawned(child: ChildProcess, program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(new RuntimeError('Failed', `exec: "${program}": ${error.message}`, { cause: error })),
    );
  });
}

/** A child's streams and end. */
export function remoteProcess(child: ChildProcess, controls: ChildControls): RunningCommand {
  const { stdin } = child;
  const stdout = kept(child.stdout);
  const stderr = kept(child.stderr);
  let ended = false;
  const exit = new Promise<number>((resolve) => {
    child.once('exit', (code, name) => {
      ended = true;
      resolve(code ?? 128 + (name === null ? 127 : constants.signals[name]));
    });
  });
  // Writing to a command that reads no more, or has ended, is its reader's affair.
  stdin?.on('error', () => {});
  return {
    ...(stdin === null ? {} : { stdin }),
    ...(stdout === null ? {} : { stdout }),
    ...(stderr === null ? {} : { stderr }),
    exit,
    resize(size) {
      if (!ended) controls.resize(size);
    },
    close() {
      if (!ended) controls.hangUp();
      // One that does not heed that must not keep this process alive.
      child.unref();
      stdin?.destroy();
      stdout?.destroy();
      stderr?.destroy();
    },
    kill() {
      if (!ended) controls.kill();
    },
  };
}

/** Output for whoever comes to read it: Node throws away what nobody had begun to read when a child ended. */
function kept(output: Readable | null): Readable | null {
  if (output === null) return null;
  const through = new PassThrough();
  output.on('error', () => through.end());
  through.once('close', () => output.destroy());
  return output.pipe(through);
}
