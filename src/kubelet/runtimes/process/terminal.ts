/** A command under a terminal of its own. */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { WantedStreams } from '../../../apimachinery/streaming/index.ts';
import { RuntimeError } from '../runtime-error.ts';
import { type RunningCommand, remoteProcess, type Surroundings, spawned } from './child-process.ts';
import {
  NO_TERMINALS,
  resizeTerminal,
  SCRIPT_OPTIONS,
  scriptEnvironment,
  scriptLine,
} from './script-program.ts';
import { signal } from './signals.ts';

/** Tells pid and terminal on descriptor 3, then becomes the command, with the variables that `script` was not to see. */
const INNER = 'echo "$$ $(tty)" >&3; exec 3>&-; exec "$@"';

/** Bytes of what the inner shell says about itself. */
const HELLO_BYTES_MAX = 4096;

/**
 * Starts a command under a terminal. Rejects with a RuntimeError where the machine has no `script` of util-linux.
 */
export async function openTerminal(
  command: readonly string[],
  wanted: WantedStreams,
  { cwd, env }: Surroundings,
): Promise<RunningCommand> {
  const line = scriptLine(INNER, 'sh', command, env);
  const child = spawn('script', [...SCRIPT_OPTIONS, line, '/dev/null'], {
    cwd,
    env: scriptEnvironment(env),
    detached: true,
    // What script itself has to say is said on its stderr, and is nobody's output.
    stdio: ['pipe', wanted.stdout ? 'pipe' : 'ignore', 'ignore', 'pipe'],
  });
  try {
    await spawned(child, 'script');
  } catch (error) {
    throw new RuntimeError('Unsupported', `${NO_TERMINALS} (-t)`, { cause: error });
  }
  const { pid: scriptPid = 0 } = child;
  const hello = readHello(child.stdio[3] as Readable);
  // A terminal hangs up when whoever holds it goes, and the kernel tells the command so.
  const end = (): void => void signal(scriptPid, 'SIGKILL');
  if (!wanted.stdin) child.stdin?.on('error', () => {});
  const running = remoteProcess(child, {
    resize: ({ width, height }) =>
      void hello.then((told) => {
        if (told !== undefined) resizeTerminal(told.terminal, width, height);
      }),
    hangUp: end,
    kill: () =>
      void hello.then((told) => {
        if (told !== undefined) signal(-told.pid, 'SIGKILL');
        end();
      }),
  });
  if (wanted.stdin) return running;
  // Without input the terminal stays open, as it does for whoever does not type.
  const { stdin: _stdin, ...rest } = running;
  return rest;
}

function readHello(
  stream: Readable,
): Promise<{ readonly pid: number; readonly terminal: string } | undefined> {
  return new Promise((resolve) => {
    let said = '';
    stream.setEncoding('latin1').on('data', (text: string) => {
      said = (said + text).slice(0, HELLO_BYTES_MAX);
      // Script itself holds the descriptor to its end, so that the line's end has to do.
      const [, pid, terminal] = /^(\d+) (\/dev\/\S+)\n/.exec(said) ?? [];
      if (terminal !== undefined) resolve({ pid: Number(pid), terminal });
    });
    stream.once('close', () => resolve(undefined));
  });
}
