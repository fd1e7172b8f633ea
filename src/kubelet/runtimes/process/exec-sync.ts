/** A command beside a container whose end and output are waited for, or that is ended with all it started when its time is up. */
import { spawn } from 'node:child_process';
import type { Clock } from '../../../apimachinery/clock.ts';
import type { ExecResult } from '../runtime.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { Surroundings } from './child-process.ts';

/** Bytes that such a command may print, on each stream; the rest is dropped. A probe's words, not a file's copy. */
const EXEC_BYTES_MAX = 1024 * 1024;

/** See the file's head. No time limit where `timeoutSeconds` is 0. @throws {RuntimeError} when it cannot run, or `TimedOut`. */
export function execToEnd(
  clock: Clock,
  command: readonly string[],
  timeoutSeconds: number,
  { cwd, env, beside }: Surroundings,
): Promise<ExecResult> {
  const [named = ''] = command;
  const [program = '', ...args] = beside(command);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    let timedOut = false;
    const kill = (): void => {
      timedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    const limit = timeoutSeconds > 0 ? clock.after(timeoutSeconds * 1000, kill) : undefined;
    child.once('error', (error) => {
      limit?.cancel();
      reject(new RuntimeError('Failed', `exec: "${named}": ${error.message}`, { cause: error }));
    });
    child.once('close', (exitCode, name) => {
      limit?.cancel();
      const text = `command "${command.join(' ')}" timed out after ${timeoutSeconds}s`;
      if (timedOut) reject(new RuntimeError('TimedOut', text));
      else resolve({ exitCode: exitCode ?? (name === null ? 255 : 137), stdout: stdout(), stderr: stderr() });
    });
  });
}

function collect(stream: NodeJS.ReadableStream): () => Buffer {
  const blocks: Buffer[] = [];
  let length = 0;
  stream.on('data', (block: Buffer) => {
    if (length < EXEC_BYTES_MAX) blocks.push(block.subarray(0, EXEC_BYTES_MAX - length));
    length += block.length;
  });
  return () => Buffer.concat(blocks);
}
