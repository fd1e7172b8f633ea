/** Runs a command in a container to its end. */
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Clock } from '../../../apimachinery/clock.ts';
import type { ExecResult } from '../runtime.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { EngineClient } from './engine-client.ts';
import type { EngineCommand } from './engine-types.ts';
import { type RunningCommand, runCommand } from './remote-command.ts';

/** Bytes that a command may print, on each stream; the rest is dropped. */
const OUTPUT_BYTES_MAX = 1024 * 1024;

/** What is run, and for how long at most; 0 seconds is no limit. */
export interface ExecOrder {
  readonly container: string;
  readonly command: readonly string[];
  readonly timeoutSeconds: number;
}

/** Rejects with {@link DockerError}, with the StatusError of a command that cannot be run, or with RuntimeError `TimedOut`. */
export async function execToEnd(client: EngineClient, clock: Clock, order: ExecOrder): Promise<ExecResult> {
  const { container, command, timeoutSeconds } = order;
  const wanted = { stdin: false, stdout: true, stderr: true, tty: false };
  const running = await runCommand(client, clock, { container, command, wanted });
  const late = Promise.withResolvers<never>();
  const timer =
    timeoutSeconds > 0
      ? clock.after(timeoutSeconds * 1000, () => {
          const text = `command "${command.join(' ')}" timed out after ${timeoutSeconds}s`;
          late.reject(new RuntimeError('TimedOut', text));
        })
      : undefined;
  try {
    const end = Promise.all([running.exit, collect(running.stdout), collect(running.stderr)]);
    const [exitCode, stdout, stderr] = await Promise.race([end, late.promise]);
    return { exitCode, stdout, stderr };
  } catch (error) {
    if (error instanceof RuntimeError) await kill(client, container, running);
    throw error;
  } finally {
    timer?.cancel();
    running.close();
  }
}

async function collect(output: Readable | undefined): Promise<Buffer> {
  const blocks: Buffer[] = [];
  let length = 0;
  for await (const block of (output ?? []) as AsyncIterable<Buffer>) {
    if (length < OUTPUT_BYTES_MAX) blocks.push(block.subarray(0, OUTPUT_BYTES_MAX - length));
    length += block.length;
  }
  return Buffer.concat(blocks);
}

/**
 * Ends a command. The engine has no request for that; where it runs on this very machine, the process it names can be
 * killed, which has to be one of that container. Elsewhere the command goes on until its container ends.
 */
async function kill(client: EngineClient, container: string, { id }: RunningCommand): Promise<void> {
  const { Pid: pid, Running: isRunning } = await client.get<EngineCommand>(`/exec/${id}/json`);
  if (!isRunning || pid <= 1) return;
  try {
    if (readFileSync(`/proc/${pid}/cgroup`, 'latin1').includes(container)) process.kill(pid, 'SIGKILL');
  } catch {
    // No such process here, or one that this user may not end.
  }
}
