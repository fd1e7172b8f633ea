/** Runs a command beside a container: with its streams as they are, or under a terminal. */
import { type StdioOptions, spawn } from 'node:child_process';
import { newInternalError } from '../../../apimachinery/status-error.ts';
import type { WantedStreams } from '../../../apimachinery/streaming/index.ts';
import { RuntimeError } from '../runtime-error.ts';
import { type RunningCommand, remoteProcess, type Surroundings, spawned } from './child-process.ts';
import { signal } from './signals.ts';
import { findProgram } from './supervisor.ts';
import { openTerminal } from './terminal.ts';

/** Starts a command. One that cannot be started is told as container runtimes do: by its end. Never rejects. */
export async function runCommand(
  command: readonly string[],
  wanted: WantedStreams,
  around: Surroundings,
): Promise<RunningCommand> {
  try {
    return await start(command, wanted, around);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return neverRun(error);
  }
}

function neverRun(error: RuntimeError): RunningCommand {
  const exit = Promise.reject<number>(
    newInternalError(`error executing command in container: ${error.message}`),
  );
  exit.catch(() => {}); // Whoever waits for it is told; nobody has to.
  return { exit, resize: () => {}, close: () => {}, kill: () => {} };
}

async function start(
  command: readonly string[],
  wanted: WantedStreams,
  around: Surroundings,
): Promise<RunningCommand> {
  const [program = '', ...args] = command;
  const path = findProgram(program, around.env['PATH'] ?? '', around.cwd, around.elsewhere);
  const line = around.beside([path, ...args]);
  if (wanted.tty) return openTerminal(line, wanted, around);
  const stdio: StdioOptions = [
    wanted.stdin ? 'pipe' : 'ignore',
    wanted.stdout ? 'pipe' : 'ignore',
    wanted.stderr ? 'pipe' : 'ignore',
  ];
  // A session of its own, so that all that it starts can be ended with it.
  const [first = '', ...rest] = line;
  const child = spawn(first, rest, { cwd: around.cwd, env: { ...around.env }, detached: true, stdio });
  await spawned(child, program);
  const { pid = 0 } = child;
  return remoteProcess(child, {
    resize: () => {},
    hangUp: () => void signal(-pid, 'SIGHUP'),
    kill: () => void signal(-pid, 'SIGKILL'),
  });
}
