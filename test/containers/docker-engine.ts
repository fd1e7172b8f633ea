/** An engine that speaks Docker's API, of a test's own: its data, state, socket and network vanish with it. */
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { EngineClient } from '../../src/kubelet/runtimes/docker/engine-client.ts';
import { PATIENCE } from '../harness/patience.ts';
import { end, untilReady } from './engine-process.ts';

/** How long an engine may take to answer on a loaded machine, milliseconds. */
export const START_MS_MAX = 60_000 * PATIENCE;

/** See the file's head. */
export interface DockerEngine {
  /** Path of its socket. */
  readonly endpoint: string;
  /** A directory that is removed with it. */
  readonly directory: string;
  /** Loads a docker archive. */
  load(archive: string): Promise<void>;
  /** A request to it. */
  readonly client: EngineClient;
  /** Ends it with that signal, leaves it away while `meanwhile` runs, and starts it again with those further options. */
  restart(
    signal: NodeJS.Signals,
    meanwhile?: () => Promise<void> | void,
    options?: readonly string[],
  ): Promise<void>;
  /** Ends and removes everything that it made. Idempotent. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How dockerd and Podman differ here. */
export interface EngineProgram {
  readonly name: string;
  /** Exists already. */
  readonly directory: string;
  readonly endpoint: string;
  /** Starts it with those further options; it writes to that file. */
  readonly launch: (log: number, options: readonly string[]) => ChildProcess;
  /** Puts right what its sudden end by SIGKILL leaves in the way of its next start. */
  readonly killed?: () => void;
  /** Ends it and removes all that is of it; `client` where it had answered. */
  readonly remove: (daemon: ChildProcess, client: EngineClient | undefined) => Promise<void>;
}

/** Starts one, with those further options, and waits until it answers. */
export async function startEngine(
  program: EngineProgram,
  options: readonly string[] = [],
): Promise<DockerEngine> {
  const { name, directory, endpoint } = program;
  const logFile = join(directory, `${name}.log`);
  const log = openSync(logFile, 'w');
  let daemon = program.launch(log, options);
  let client: EngineClient | undefined;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= program.remove(daemon, client).finally(() => closeSync(log));
    return stopping;
  };
  const answering = (): Promise<EngineClient> =>
    untilReady(name, daemon, START_MS_MAX, async () =>
      existsSync(endpoint) ? EngineClient.open(endpoint, systemClock) : undefined,
    );
  try {
    const opened = await answering();
    client = opened;
    return {
      endpoint,
      directory,
      client,
      async load(archive) {
        await opened.follow('/images/load', { quiet: true }, readFileSync(archive));
      },
      async restart(signal, meanwhile, others = options) {
        await end(daemon, signal);
        if (signal === 'SIGKILL') program.killed?.();
        await meanwhile?.();
        daemon = program.launch(log, others);
        (await answering()).close();
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    const said = readFileSync(logFile, 'utf8').slice(-2000);
    await stop();
    throw new Error(`${name} did not start: ${said}`, { cause: error });
  }
}
