/** Commands beside a container, and its own streams, as remote processes. */
import type { Duplex } from 'node:stream';
import { type Clock, sleep } from '../../../apimachinery/clock.ts';
import { newInternalError } from '../../../apimachinery/status-error.ts';
import type { RemoteProcess, TerminalSize, WantedStreams } from '../../../apimachinery/streaming/index.ts';
import { DockerError } from './docker-error.ts';
import type { EngineClient } from './engine-client.ts';
import type { EngineCommand } from './engine-types.ts';
import type { Frame } from './frames.ts';
import { inputStream } from './input-stream.ts';
import { OutputStreams } from './output-streams.ts';

/** Exit codes by which Docker tells that a command could not be run: not executable, not there. */
const NEVER_RUN = new Set([126, 127]);
/** How the engine's own words begin, which it then sends in place of output. */
const NEVER_RUN_WORDS = /^(?:OCI runtime exec failed|exec failed|Error: |failed to start exec)/;
/** Exit code of a command that ended with its container. */
const KILLED = 137;
/** Pauses between two questions whether a command whose output has ended has ended too, milliseconds. */
const LOOK_MS = { first: 1, max: 50 } as const;
/** How long that may take, milliseconds: it may have closed its output and go on. */
const LOOK_MS_MAX = 60_000;

/** What a command is run with. */
export interface CommandOrder {
  readonly container: string;
  readonly command: readonly string[];
  readonly wanted: WantedStreams;
}

/** A command that runs, and its id. */
export interface RunningCommand extends RemoteProcess {
  readonly id: string;
}

/** Runs a command. Rejects with {@link DockerError} when the engine refuses. */
export async function runCommand(
  client: EngineClient,
  clock: Clock,
  { container, command, wanted }: CommandOrder,
): Promise<RunningCommand> {
  const { stdin, stdout, stderr, tty } = wanted;
  const { Id: id } = await client.post<{ readonly Id: string }>(
    `/containers/${container}/exec`,
    {},
    {
      AttachStdin: stdin,
      // Why a command could not be run is told on its output, whoever wants that or not.
      AttachStdout: true,
      AttachStderr: stderr && !tty,
      Tty: tty,
      Cmd: command,
    },
  );
  const socket = await client.hijack(`/exec/${id}/start`, {}, { Detach: false, Tty: tty });
  let words = '';
  let isFirst = true;
  const hold = ({ text }: Frame): boolean => {
    const isHeld = isFirst ? NEVER_RUN_WORDS.test(text.toString('utf8', 0, 200)) : words !== '';
    isFirst = false;
    if (isHeld) words += text.toString();
    return isHeld;
  };
  const output = new OutputStreams(socket, { tty, hold });
  const exit = output.over.then(async () => {
    if (words === '') output.finish();
    const code = await exitCodeOf(client, clock, id);
    if (words === '') return code;
    const isRefusal = NEVER_RUN.has(code);
    // Otherwise it was the command itself that said so.
    if (!isRefusal) output.stdout.push(words);
    output.finish();
    if (isRefusal) throw newInternalError(`error executing command in container: ${words.trim()}`);
    return code;
  });
  const process = remoteProcess(client, socket, { output, wanted, exit, path: `/exec/${id}` });
  if (!stdout) output.ignore(output.stdout);
  return { ...process, id };
}

/** Joins a container's own streams. Rejects with {@link DockerError} when the engine refuses. */
export async function joinContainer(
  client: EngineClient,
  container: string,
  wanted: WantedStreams,
): Promise<RemoteProcess> {
  const { stdin, stdout, stderr, tty } = wanted;
  const path = `/containers/${container}`;
  const query = { stream: true, stdin, stdout, stderr: stderr && !tty };
  const socket = await client.hijack(`${path}/attach`, query);
  const output = new OutputStreams(socket, { tty });
  const exit = output.over.then(() => {
    output.finish();
    return 0;
  });
  return remoteProcess(client, socket, { output, wanted, exit, path });
}

interface Parts {
  readonly output: OutputStreams;
  readonly wanted: WantedStreams;
  readonly exit: Promise<number>;
  /** What has a terminal to resize. */
  readonly path: string;
}

function remoteProcess(
  client: EngineClient,
  socket: Duplex,
  { output, wanted, exit, path }: Parts,
): RemoteProcess {
  const { stdout, stderr } = output;
  const stdin = wanted.stdin ? inputStream(socket) : undefined;
  exit.catch(() => {}); // Whoever waits for it is told; nobody has to.
  let resized = Promise.resolve();
  return {
    ...(stdin === undefined ? {} : { stdin }),
    ...(wanted.stdout ? { stdout } : {}),
    ...(wanted.stderr && !wanted.tty ? { stderr } : {}),
    exit,
    resize({ width, height }: TerminalSize) {
      if (!wanted.tty) return;
      // One after the other, so that the last one counts. One that has ended needs none.
      resized = resized
        .then(() => client.post<void>(`${path}/resize`, { h: height, w: width }))
        .catch(() => {});
    },
    close() {
      socket.destroy();
      for (const stream of [stdin, stdout, stderr]) stream?.destroy();
    },
  };
}

/** The exit code of a command whose output has ended. */
async function exitCodeOf(client: EngineClient, clock: Clock, id: string): Promise<number> {
  const end = clock.monotonic() + LOOK_MS_MAX;
  for (let wait: number = LOOK_MS.first; ; wait = Math.min(wait * 2, LOOK_MS.max)) {
    const command = await client.get<EngineCommand>(`/exec/${id}/json`).catch((error: unknown) => {
      // Its container is gone, and it with it.
      if (error instanceof DockerError && error.code === 404) return undefined;
      throw newInternalError(error);
    });
    if (command === undefined) return KILLED;
    if (!command.Running) return command.ExitCode ?? KILLED;
    if (clock.monotonic() > end) throw newInternalError(`the command ${id} closed its output and goes on`);
    await sleep(clock, wait);
  }
}
