import { spawn } from 'node:child_process';
import { systemCodeOf } from '../../apimachinery/thrown.ts';

/** How a program ended. */
export interface ProgramEnd {
  /** Undefined when there is no such program. */
  readonly exitCode: number | undefined;
  /** Last part of what it printed on stderr. */
  readonly stderr: string;
}

/** Bytes of stderr that are kept for a message; what a program complains of stands at the end. */
const STDERR_BYTES_KEPT = 8192;

/** Runs a program to its end, with `env` beside this process's own; what it prints goes to `output`, where one is given. */
export function runProgram(
  program: string,
  args: readonly string[],
  output?: (text: string) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => output?.(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output?.(text);
      stderr = (stderr + text).slice(-STDERR_BYTES_KEPT);
    });
    child.on('error', (error) => {
      if (systemCodeOf(error) === 'ENOENT') resolve({ exitCode: undefined, stderr });
      else reject(error);
    });
    // A signal that ended the program counts as in a shell: not as success.
    child.on('close', (code) => resolve({ exitCode: code ?? 128, stderr: stderr.trim() }));
  });
}
