/** One container as a process group: started, watched, ended; found again after the server was started anew. */
import { spawn } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  type FSWatcher,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { constants as osConstants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Clock, Timer } from '../../../apimachinery/clock.ts';
import { TERMINATION_PATH_ANNOTATION } from '../labels.ts';
import { type ContainerConfig, RuntimeError } from '../runtime.ts';
import { LogPump, STREAM_FILES } from './log-pump.ts';
import { identify, isRunning, type ProcessIdentity, signalGroup } from './process-identity.ts';

/**
 * Runs the command given to it and writes its exit code to a file in the directory that is its `$0`. Signals that ask to
 * end go to the whole group; this shell outlives them (trapped, not ignored, so that the command gets them as usual).
 */
const SUPERVISOR = 'trap : TERM INT HUP QUIT USR1 USR2; "$@"; printf "%s\\n" "$?" > "$0/exit"';

/** Exit code of what SIGKILL ended: 128 + 9. */
const KILLED = 137;

/** Milliseconds between looks at a process that this server did not start, beside the watch on its directory. */
const ADOPTED_POLL_MS = 1000;

/** The life of the process so far, as it is kept on disk. */
export interface ProcessRecord {
  readonly identity?: ProcessIdentity;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
}

const UNSTARTED: ProcessRecord = { startedAt: 0, finishedAt: 0, exitCode: 0 };

/** See the file's head. */
export class ContainerProcess {
  readonly #directory: string;
  readonly #config: ContainerConfig;
  readonly #clock: Clock;
  readonly #pump: LogPump;
  readonly #exited: () => void;
  readonly #waiters = new Set<() => void>();
  #record: ProcessRecord;
  #watcher: FSWatcher | undefined;
  #poll: Timer | undefined;

  /**
   * @param directory the container's own; holds its record, its output and its working directory.
   * @param exited called once when the process has ended, after the record says so.
   */
  constructor(directory: string, config: ContainerConfig, logFile: string, clock: Clock, exited: () => void) {
    this.#directory = directory;
    this.#config = config;
    this.#clock = clock;
    this.#pump = new LogPump(directory, logFile, clock);
    this.#exited = exited;
    const file = join(directory, 'process.json');
    this.#record = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord) : UNSTARTED;
  }

  get record(): ProcessRecord {
    return this.#record;
  }

  /** Starts the command; throws when it cannot be found. */
  start(): void {
    const [command = ''] = this.#config.command;
    const directory = this.#workingDirectory();
    const environment = this.#environment();
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    this.#linkVolumes();
    if (!isExecutable(command, environment['PATH'] ?? '', directory)) {
      const where = command.includes('/')
        ? 'no such file or directory'
        : 'executable file not found in $PATH';
      throw new RuntimeError('Failed', `exec: ${JSON.stringify(command)}: ${where}`);
    }
    const [stdout, stderr] = [STREAM_FILES.stdout, STREAM_FILES.stderr].map((name) =>
      openSync(join(this.#directory, name), 'a', 0o600),
    );
    const child = spawn(
      '/bin/sh',
      ['-c', SUPERVISOR, this.#directory, ...this.#config.command, ...this.#config.args],
      {
        cwd: directory,
        env: environment,
        detached: true,
        stdio: ['ignore', stdout, stderr],
      },
    );
    for (const file of [stdout, stderr]) if (file !== undefined) closeSync(file);
    if (child.pid === undefined) throw new RuntimeError('Failed', 'cannot start /bin/sh');
    child.unref();
    this.#keep({ ...UNSTARTED, identity: identify(child.pid), startedAt: this.#clock.now() });
    child.once('exit', () => this.#look());
    this.#follow();
  }

  /** Takes up a process that an earlier server started. */
  adopt(): void {
    if (this.#record.startedAt === 0 || this.#record.finishedAt > 0) return;
    this.#follow();
    const again = (): void => {
      this.#look();
      if (this.#record.finishedAt === 0)
        this.#poll = this.#clock.after(ADOPTED_POLL_MS, again, { background: true });
    };
    again();
  }

  /** Asks the group to end, kills it after `timeoutSeconds`; resolves once it has ended. */
  async stop(timeoutSeconds: number, signal: NodeJS.Signals): Promise<void> {
    const { identity, finishedAt } = this.#record;
    if (identity === undefined || finishedAt > 0) return;
    signalGroup(identity.pid, timeoutSeconds > 0 ? signal : 'SIGKILL');
    const timer =
      timeoutSeconds > 0
        ? this.#clock.after(timeoutSeconds * 1000, () => signalGroup(identity.pid, 'SIGKILL'))
        : undefined;
    await new Promise<void>((resolved) => {
      if (this.#record.finishedAt > 0) resolved();
      else this.#waiters.add(resolved);
    });
    timer?.cancel();
  }

  /** Runs another command with the container's environment and directory. */
  execution(): { readonly cwd: string; readonly env: Record<string, string> } {
    return { cwd: this.#workingDirectory(), env: this.#environment() };
  }

  /** Goes on in a new log file. */
  reopenLog(): void {
    this.#pump.reopen();
  }

  /** Stops watching; the process goes on. */
  release(): void {
    this.#watcher?.close();
    this.#poll?.cancel();
    this.#pump.close();
  }

  #follow(): void {
    this.#watcher = watch(this.#directory, { persistent: false }, () => this.#look());
    this.#look();
  }

  /** Copies output, and notices the end: the exit file, or a process that is gone without one. */
  #look(): void {
    const { identity, finishedAt } = this.#record;
    if (identity === undefined || finishedAt > 0) return;
    let code = this.#exitCode();
    if (code === undefined && !isRunning(identity)) code = this.#exitCode() ?? KILLED;
    this.#pump.pump(code !== undefined);
    if (code === undefined) {
      if (this.#pump.trimmable) this.#trim(identity.pid);
      return;
    }
    // What the command left running goes with it, as everything in a container goes with its first process.
    signalGroup(identity.pid, 'SIGKILL');
    this.release();
    this.#keep({ ...this.#record, finishedAt: this.#clock.now(), exitCode: code });
    for (const resolved of this.#waiters) resolved();
    this.#waiters.clear();
    this.#exited();
  }

  #trim(pid: number): void {
    signalGroup(pid, 'SIGSTOP');
    try {
      this.#pump.trim();
    } finally {
      signalGroup(pid, 'SIGCONT');
    }
  }

  #exitCode(): number | undefined {
    const file = join(this.#directory, 'exit');
    if (!existsSync(file)) return undefined;
    const text = readFileSync(file, 'latin1');
    return text.endsWith('\n') ? Number(text) : undefined;
  }

  #keep(record: ProcessRecord): void {
    this.#record = record;
    writeFileSync(join(this.#directory, 'process.json'), JSON.stringify(record), { mode: 0o600 });
  }

  get #root(): string {
    return join(this.#directory, 'work');
  }

  /** A `workingDir` below a mount is that directory of the volume; any other lies below the container's own. */
  #workingDirectory(): string {
    const { workingDir, mounts } = this.#config;
    if (workingDir === '') return this.#root;
    for (const { containerPath, hostPath } of mounts) {
      if (workingDir === containerPath) return hostPath;
      if (workingDir.startsWith(`${containerPath}/`))
        return join(hostPath, workingDir.slice(containerPath.length));
    }
    return join(this.#root, workingDir);
  }

  #environment(): Record<string, string> {
    const { env, mounts, annotations } = this.#config;
    const variables: Record<string, string> = {
      PATH: process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: this.#root,
    };
    for (const { name, hostPath, containerPath } of mounts) {
      if (name !== '')
        variables[`LONGSHORE_VOLUME_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`] = hostPath;
      else if (containerPath === annotations[TERMINATION_PATH_ANNOTATION]) {
        variables['LONGSHORE_TERMINATION_LOG'] = hostPath;
      }
    }
    for (const { name, value } of env) variables[name] = value;
    return variables;
  }

  #linkVolumes(): void {
    for (const { name, containerPath, hostPath } of this.#config.mounts) {
      if (name === '') continue;
      const link = join(this.#root, resolve('/', containerPath));
      if (existsSync(link)) continue;
      mkdirSync(dirname(link), { recursive: true, mode: 0o755 });
      symlinkSync(hostPath, link);
    }
  }
}

function isExecutable(command: string, path: string, directory: string): boolean {
  const candidates = command.includes('/')
    ? [resolve(directory, command)]
    : path.split(':').map((each) => join(each, command));
  return candidates.some((file) => {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false; // Not there, or not for us.
    }
  });
}

/** The signal of that name, or SIGTERM. */
export function stopSignalOf(name: string | undefined): NodeJS.Signals {
  return name !== undefined && name in osConstants.signals ? (name as NodeJS.Signals) : 'SIGTERM';
}
