/** One container as a process: started, watched, asked to end, and its end written down. */
import { type FSWatcher, rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { type Clock, sleep, type Timer } from '../../../apimachinery/clock.ts';
import type { RemoteProcess, TerminalSize, WantedStreams } from '../../../apimachinery/streaming/index.ts';
import type { ContainerStatus } from '../container.ts';
import { demandRunning } from '../demand-running.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { RunningCommand, Surroundings } from './child-process.ts';
import { ContainerDirectory, type ContainerEnd, type ContainerRecord } from './container-directory.ts';
import { pathInVolume } from './layout.ts';
import { makeNamedPipe, openNamedPipe } from './named-pipe.ts';
import { besideProcess } from './namespaces.ts';
import { OutputPump } from './output-pump.ts';
import {
  identify,
  isAlive,
  killSession,
  killWholeSession,
  type ProcessIdentity,
  signal,
} from './processes.ts';
import { NO_TERMINALS, resizeTerminal } from './script-program.ts';
import { findProgram, startSupervised } from './supervisor.ts';

/** Milliseconds between two looks at a container's supervisor: where file systems tell of changes, nothing waits for it. */
const LOOK_MS = 1_000;
/** Milliseconds between two looks for the pid of a container that has just been started, and how often to look. */
const PID_LOOK_MS = 5;
const PID_LOOKS_MAX = 40;
/** Exit code of a process that SIGKILL ended. */
const KILLED = 137;
/** Exit code and reason of a container whose end nobody saw, as containerd has them. */
const LOST: Omit<ContainerEnd, 'finishedAt'> = {
  exitCode: 255,
  reason: 'Unknown',
  message: 'The process ended while no server was there to see it, or the machine was started anew',
};
/** Of this process's environment, what every process needs. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'TZ'];

/** See the file's head. */
export class ProcessContainer {
  readonly directory: ContainerDirectory;
  readonly #clock: Clock;
  readonly #ended: (container: ProcessContainer) => void;
  #record: ContainerRecord;
  #pump: OutputPump | undefined;
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;
  #pumping = false;
  #killed = false;
  #detached = false;
  readonly #waiting: (() => void)[] = [];
  /** Commands that run beside it, which end with it. */
  readonly #commands = new Set<RunningCommand>();

  /** @param ended called once, when the container has ended and its log is whole. */
  constructor(
    clock: Clock,
    path: string,
    record: ContainerRecord,
    ended: (container: ProcessContainer) => void,
  ) {
    this.#clock = clock;
    this.directory = new ContainerDirectory(path);
    this.#record = record;
    this.#ended = ended;
  }

  get record(): ContainerRecord {
    return this.#record;
  }

  get hasEnded(): boolean {
    return this.#record.end !== undefined;
  }

  get status(): ContainerStatus {
    const { id, sandboxId, config, createdAt, startedAt, supervisor, end } = this.#record;
    const { metadata, image, imageRef, labels, annotations } = config;
    return {
      id,
      sandboxId,
      metadata,
      image,
      imageRef,
      labels,
      annotations,
      createdAt,
      startedAt,
      state: end !== undefined ? 'exited' : supervisor === undefined ? 'created' : 'running',
      finishedAt: end?.finishedAt ?? 0,
      exitCode: end?.exitCode ?? 0,
      reason: end?.reason ?? '',
      message: end?.message ?? '',
    };
  }

  /** Starts its command. When that is not possible, the container has ended, and why is thrown. */
  async start(): Promise<void> {
    const { config, supervisor, end } = this.#record;
    if (supervisor !== undefined || end !== undefined) {
      throw new RuntimeError('Failed', `container ${this.#record.id} was started before`);
    }
    try {
      this.#openPump();
      const { input } = this.directory;
      const hasInput = config.stdin || config.tty;
      if (config.tty) this.#demandTerminals();
      if (hasInput) await makeNamedPipe(input);
      const child = startSupervised({
        directory: this.directory.path,
        command: [...config.command, ...config.args],
        workingDirectory: this.workingDirectory,
        seenDirectory: this.#isInVolume() ? config.workingDir : this.workingDirectory,
        ...(this.#record.view === undefined ? {} : { view: this.#record.view }),
        security: config.security,
        mounts: config.mounts,
        environment: this.#environment(),
        tty: config.tty,
        cgroupFiles: config.cgroupFiles ?? [],
        ...(hasInput ? { input } : {}),
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      child.once('exit', () => this.#look());
      this.#update({ startedAt: this.#clock.now(), supervisor: identify(child.pid ?? 0) });
      this.#watch();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const now = this.#clock.now();
      this.#pump?.close();
      this.#update({
        startedAt: now,
        end: { exitCode: 128, reason: 'StartError', message, finishedAt: now },
      });
      throw new RuntimeError('Failed', message, { cause: error });
    }
  }

  /** Takes up a container of an earlier server: it still runs, or has ended meanwhile. */
  adopt(): void {
    if (this.hasEnded || this.#record.supervisor === undefined) return;
    this.#openPump();
    this.#watch();
    this.#look();
  }

  /** Asks it to end, kills it after that many seconds, and resolves when it has ended. */
  async stop(timeoutSeconds: number): Promise<void> {
    if (this.hasEnded) return;
    if (this.#record.supervisor === undefined) {
      this.#end({ exitCode: KILLED, reason: 'Error', message: '' }, this.#clock.now());
      return;
    }
    const over = this.#whenEnded();
    const pid = await this.#pid();
    const name = (this.#record.config.stopSignal ?? 'SIGTERM') as NodeJS.Signals;
    if (timeoutSeconds <= 0 || pid === undefined || !isAlive(this.#record.supervisor)) this.#kill();
    else signal(pid, name);
    const timer = this.#clock.after(timeoutSeconds * 1000, () => this.#kill());
    this.#look();
    await over;
    timer.cancel();
  }

  /** Begins a new log file. */
  reopenLog(): void {
    this.#pump?.reopen();
  }

  /** Where its command begins, on this machine: in a volume, or below the directory that stands for its root. */
  get workingDirectory(): string {
    const { workingDir, mounts } = this.#record.config;
    if (workingDir === '') return this.directory.root;
    const inVolume = this.#isInVolume() ? pathInVolume(workingDir, mounts) : undefined;
    return inVolume ?? this.directory.inside(workingDir);
  }

  #isInVolume(): boolean {
    const { config, view } = this.#record;
    const { workingDir, mounts } = config;
    return view !== undefined && workingDir !== '' && pathInVolume(workingDir, mounts) !== undefined;
  }

  /** The environment and working directory, for a command that is run beside it. */
  async surroundings(): Promise<Surroundings> {
    const { view, config } = this.#record;
    const [cwd, env] = [this.workingDirectory, this.#environment()];
    if (view === undefined) return { cwd, env, elsewhere: () => undefined, beside: (command) => command };
    // Its namespaces are those of its first process.
    const pid = await this.#pid();
    if (pid === undefined) throw new RuntimeError('Failed', 'container is not running');
    return {
      cwd,
      env,
      elsewhere: (path) => pathInVolume(path, config.mounts),
      beside: (command) => besideProcess(command, pid, view, config.security),
    };
  }

  /** Runs a command beside it; see Runtime.exec. */
  async exec(command: readonly string[], wanted: WantedStreams): Promise<RemoteProcess> {
    demandRunning(this.status.state);
    const { runCommand } = await import('./run-command.ts');
    const running = await runCommand(command, wanted, await this.surroundings());
    const forget = (): void => void this.#commands.delete(running);
    running.exit.then(forget, forget);
    if (this.hasEnded) running.kill();
    else this.#commands.add(running);
    return running;
  }

  /** Joins its streams; see Runtime.attach. */
  attach(wanted: WantedStreams): RemoteProcess {
    demandRunning(this.status.state);
    const { config } = this.#record;
    const stdout = wanted.stdout ? this.#pump?.tail('stdout') : undefined;
    const stderr = wanted.stderr && !wanted.tty ? this.#pump?.tail('stderr') : undefined;
    const stdin = wanted.stdin && config.stdin ? this.#openInput() : undefined;
    const close = (): void => {
      for (const stream of [stdin, stdout, stderr]) stream?.destroy();
    };
    return {
      ...(stdin === undefined ? {} : { stdin }),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      resize: (size) => this.#resize(size),
      exit: this.#whenEnded().then(() => 0),
      close,
    };
  }

  /** Lets go of files and timers; the process goes on. */
  detach(): void {
    this.#detached = true;
    this.#timer?.cancel();
    this.#watcher?.close();
    this.#pump?.pump();
    this.#pump?.close();
  }

  /** Removes its files; it has ended. */
  remove(): void {
    this.detach();
    rmSync(this.directory.path, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Its first process, which the supervisor names a moment after its own start. */
  async #pid(): Promise<number | undefined> {
    for (let looks = 0; looks < PID_LOOKS_MAX && !this.hasEnded; looks++) {
      const pid = this.directory.pid();
      if (pid !== undefined) return pid;
      await sleep(this.#clock, PID_LOOK_MS);
    }
    return undefined;
  }

  #demandTerminals(): void {
    try {
      findProgram('script', this.#environment()['PATH'] ?? '', '/');
    } catch (error) {
      throw new RuntimeError('Unsupported', NO_TERMINALS, { cause: error });
    }
  }

  #resize({ width, height }: TerminalSize): void {
    const terminal = this.hasEnded ? undefined : this.directory.terminal();
    if (terminal !== undefined) resizeTerminal(terminal, width, height);
  }

  #openInput(): Writable {
    const input = openNamedPipe(this.directory.input);
    const over = (): void => void input.destroy();
    void this.#whenEnded().then(over);
    // Once somebody was attached and has gone, nobody will come any more: the container is to know.
    if (this.#record.config.stdinOnce) {
      input.once('close', () => {
        const holder = this.directory.holder();
        if (holder !== undefined && !this.hasEnded) signal(holder, 'SIGKILL');
      });
    }
    return input;
  }

  #whenEnded(): Promise<void> {
    return this.hasEnded ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  #kill(): void {
    const { supervisor } = this.#record;
    if (supervisor === undefined || this.hasEnded) return;
    this.#killed = true;
    if (isAlive(supervisor)) this.#killAll(supervisor);
    this.#look();
  }

  /** Everything below the supervisor. What has a terminal leads a session of its own. */
  #killAll(supervisor: ProcessIdentity): void {
    const leader = this.#record.config.tty ? this.directory.pid() : undefined;
    killSession(supervisor);
    if (leader !== undefined) killWholeSession(leader);
  }

  #openPump(): void {
    const { directory } = this;
    this.#pump = new OutputPump(this.#clock, {
      raw: { stdout: directory.rawOutput('stdout'), stderr: directory.rawOutput('stderr') },
      log: this.#record.logFile,
      marks: join(directory.path, 'marks.json'),
    });
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.directory.path, { persistent: false }, () => this.#pumpSoon());
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      this.#watcher = undefined; // No notifications here: looking now and then has to do.
    }
    this.#lookLater();
  }

  #lookLater(): void {
    const look = (): void => {
      this.#look();
      if (!this.hasEnded) this.#lookLater();
    };
    this.#timer = this.#clock.after(LOOK_MS, look, { background: true });
  }

  /** Many changes at a time are one reason to look. */
  #pumpSoon(): void {
    if (this.#pumping || this.hasEnded) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#look();
    });
  }

  #look(): void {
    const { supervisor } = this.#record;
    if (this.#detached || this.hasEnded || supervisor === undefined) return;
    // In this order: a supervisor that is gone by now has written its file before.
    const gone = !isAlive(supervisor);
    const exit = this.directory.exit();
    if (exit !== undefined) {
      // What it left running ends with it, as in a container.
      if (!gone) this.#killAll(supervisor);
      // Its supervisor may be quicker to go than this looks. Where starts cannot be told apart, its number may be another's.
      else if (supervisor.startTicks !== '') killSession(supervisor);
      const message = this.directory.failure();
      const reason = message !== '' ? 'StartError' : exit.exitCode === 0 ? 'Completed' : 'Error';
      this.#end({ exitCode: exit.exitCode, reason, message }, exit.at);
    } else if (gone) {
      this.#killAll(supervisor);
      this.#end(this.#killed ? { exitCode: KILLED, reason: 'Error', message: '' } : LOST, this.#clock.now());
    } else this.#pump?.pump();
  }

  #end(how: Omit<ContainerEnd, 'finishedAt'>, finishedAt: number): void {
    this.#timer?.cancel();
    this.#watcher?.close();
    this.#pump?.finish();
    for (const command of this.#commands) command.kill();
    this.#update({ end: { ...how, finishedAt: Math.max(finishedAt, this.#record.startedAt) } });
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.#ended(this);
  }

  #update(change: Partial<ContainerRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.directory.write(this.#record);
  }

  #environment(): Record<string, string> {
    const { config, view } = this.#record;
    const environment: Record<string, string> = {};
    for (const name of INHERITED) {
      const value = process.env[name];
      if (value !== undefined) environment[name] = value;
    }
    environment['LONGSHORE_ROOT'] = this.directory.root;
    for (const { name, hostPath, containerPath } of config.mounts) {
      // Of a volume that is mounted more than once, the first mount counts.
      if (name !== '')
        environment[`LONGSHORE_VOLUME_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`] ??=
          view === undefined ? hostPath : containerPath;
    }
    const words = config.mounts.find(
      ({ name, containerPath }) => name === '' && containerPath === terminationPathOf(config.annotations),
    );
    if (words !== undefined) environment['LONGSHORE_TERMINATION_LOG'] = words.hostPath;
    for (const { name, value } of config.env) environment[name] = value;
    return environment;
  }
}

function terminationPathOf(annotations: Readonly<Record<string, string>>): string {
  return annotations['io.kubernetes.container.terminationMessagePath'] ?? '';
}
