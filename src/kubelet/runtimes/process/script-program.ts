/**
 * The program `script` of util-linux, which makes terminals: Node has no way to. `stty` tells a terminal its size. Both are
 * there on every Linux with a shell to log in to.
 */
import { spawn } from 'node:child_process';

/** What a user reads where there is no `script`. */
export const NO_TERMINALS =
  "this machine has no program to make a terminal (util-linux's script): leave out the terminal";

/** Arguments with which `script` runs a line of shell under a new terminal and does nothing else: no log, no words. */
export const SCRIPT_OPTIONS: readonly string[] = ['-q', '-e', '-f', '-E', 'always', '-c'];

/** The environment that `script` needs; the line gives the command its own back. */
export function scriptEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const { TERM: term = 'xterm' } = env;
  return { ...env, SHELL: '/bin/sh', TERM: term };
}

/**
 * A line of shell that becomes a command.
 *
 * @param inner a script that is run before, with `name` as $0 and the command as its arguments; it ends with `exec "$@"`.
 */
export function scriptLine(
  inner: string,
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): string {
  const { SHELL: shell } = env;
  const restore = shell === undefined ? 'unset SHELL' : `SHELL=${quoted(shell)}`;
  return `${restore}; exec /bin/sh -c ${[inner, name, ...command].map(quoted).join(' ')}`;
}

/** Tells a terminal (`/dev/pts/1`) its size. A machine without stty keeps the size that it began with. */
export function resizeTerminal(terminal: string, width: number, height: number): void {
  const stty = spawn('stty', ['-F', terminal, 'cols', String(width), 'rows', String(height)], {
    stdio: 'ignore',
  });
  stty.on('error', () => {});
}

/** A word as a shell reads it whole. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
