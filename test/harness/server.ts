/** Starts the real `longshore up` as a process of its own, and runs real clients against it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { removeGroupsAtTheEnd, unmountBelow } from './owner-remains.ts';
import { PATIENCE, patiently } from './patience.ts';

/** The command of this checkout. */
export const LONGSHORE = join(import.meta.dirname, '../../bin/longshore.js');

/** What a program printed and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; `input` goes to its standard input. */
export function execute(
  program: string,
  args: readonly string[],
  options: {
    readonly input?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
    readonly timeoutMs?: number;
  } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: options.env ?? process.env,
      cwd: options.cwd,
      timeout: (options.timeoutMs ?? 60_000) * PATIENCE,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}

/** A running server with a data directory of its own. */
export interface TestServer {
  readonly url: string;
  /** Milliseconds from the start of the process to its line `ready`, as the server counts them. */
  readonly readyMs: number;
  readonly kubeconfig: string;
  readonly dataDirectory: string;
  readonly process: ChildProcess;
  /** Runs kubectl with the server's kubeconfig. */
  kubectl(args: readonly string[], input?: string): Promise<Outcome>;
  /** Ends the server with that signal and waits for its end; the data directory stays. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Ends the server and removes its data directory. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Pods that are processes go on without their server, and a test is to leave nothing running. */
function endProcessPods(dataDirectory: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      // Each has a supervisor, which leads a process group and has the container's directory among its arguments.
      if (command.includes(`${dataDirectory}/kubelet/process/`)) process.kill(-Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile, or it leads no group and goes with its leader.
    }
  }
}

/**
 * Starts `longshore up` with those further arguments and waits until it is ready.
 *
 * @param env added to this process's own.
 * @param within a program, with its arguments, that runs what follows them in its own process (`unshare --mount`).
 */
export async function startServer(
  args: readonly string[] = [],
  dataDirectory = mkdtempSync(join(tmpdir(), 'longshore-test-')),
  env: NodeJS.ProcessEnv = {},
  within: readonly string[] = [],
): Promise<TestServer> {
  const [program, ...words] = [...within, process.execPath];
  const child = spawn(
    program,
    [...words, LONGSHORE, 'up', '--data-dir', dataDirectory, '--port', '0', '--no-merge-kubeconfig', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const { url, readyMs } = await new Promise<{ readonly url: string; readonly readyMs: number }>(
    (resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const ready = /^ready (https:\S+) in (\d+) ms$/.exec(line);
        if (ready !== null) resolve({ url: ready[1] ?? '', readyMs: Number(ready[2]) });
      });
      child.once('close', (code) => reject(new Error(`longshore up ended with ${code}: ${stderr}`)));
    },
  );
  const kubeconfig = join(dataDirectory, 'kubeconfig');
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null) child.kill(signal);
    return ended;
  };
  return {
    url,
    readyMs,
    kubeconfig,
    dataDirectory,
    process: child,
    kubectl: (kubectlArgs, input) =>
      execute('kubectl', ['--kubeconfig', kubeconfig, ...patiently(kubectlArgs)], {
        ...(input === undefined ? {} : { input }),
        // kubectl keeps its discovery cache under HOME: a directory of the test's own keeps tests apart.
        env: { ...process.env, HOME: dataDirectory, KUBECONFIG: kubeconfig },
      }),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      endProcessPods(dataDirectory);
      removeGroupsAtTheEnd(join(dataDirectory, 'kubelet'));
      unmountBelow(dataDirectory);
      await rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
