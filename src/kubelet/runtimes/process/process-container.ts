/** One container as a process: started, watched, asked to end, and its end written down. */
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { type Clock, sleep } from '../../../apimachinery/clock.ts';
import { identify, isAlive, type ProcessIdentity } from '../../../apimachinery/process-identity.ts';
import type { RemoteProcess, TerminalSize, WantedStreams } from '../../../apimachinery/streaming/index.ts';
import { messageOf } from '../../../apimachinery/thrown.ts';
import type { ContainerStatus } from '../container.ts';
import { demandRunning } from '../demand-running.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { RunningCommand, Surroundings } from './child-process.ts';
import {
  ContainerDirectory,
  type ContainerEnd,
  type ContainerRecord,
  removeDirectory,
} from './container-directory.ts';
import { endOf, killedAt } from './container-end.ts';
import { environmentOf } from './container-environment.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { pathInVolume } from './layout.ts';
import { holdNamedPipe, makeNamedPipe, openNamedPipe } from './named-pipe.ts';
import { besideProcess, isAtItsRoot } from './namespaces.ts';
import { OutputPump } from './output-pump.ts';
import { NO_TERMINALS, resizeTerminal } from './script-program.ts';
import { killSession, killWholeSession, signal } from './signals.ts';
import { findProgram, joined, startSupervised } from './supervisor.ts';
import { supervisorOf } from './supervisors.ts';

/** Milliseconds between two looks for the pid of a container that has just been started. */
const PID_LOOK_MS = 5;
/** How often to look: five seconds, which a process may take to begin on a machine with much else to do. */
const PID_LOOKS_MAX = 1_000;

/** See the file's head. */
export class ProcessContainer {
  readonly directory: ContainerDirectory;
  readonly #clock: Clock;
  readonly #ended: (container: ProcessContainer) => void;
  #record: ContainerRecord;
  #pump: OutputPump | undefined;
  #watch: DirectoryWatch | undefined;
  #killed = false;
  #detached = false;
  readonly #waiting: PromiseWithResolvers<void>[] = [];
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
      const { pid } = child;
      // At once, for what is not written down is as good as never started.
      if (pid !== undefined) this.#update({ startedAt: this.#clock.now(), supervisor: identify(pid) });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      child.once('exit', () => this.#look());
      this.#watch = new DirectoryWatch(this.#clock, this.directory.path, () => this.#look());
    } catch (error) {
      const message = messageOf(error);
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
    if (this.hasEnded || !this.#hasBegun()) return;
    this.#openPump();
    if (this.#record.supervisor === undefined) {
      const [exit, failure] = [this.directory.exit(), this.directory.failure()];
      this.#end(endOf({ exit, failure, killed: false, now: this.#clock.now() }));
      return;
    }
    this.#watch = new DirectoryWatch(this.#clock, this.directory.path, () => this.#look());
    this.#look();
  }

  /** A server that was killed may have started it without coming to write that down. */
  #hasBegun(): boolean {
    if (this.#record.supervisor !== undefined) return true;
    const pid = supervisorOf(this.directory.path);
    const { createdAt } = this.#record;
    if (pid !== undefined) this.#update({ startedAt: createdAt, supervisor: identify(pid) });
    return pid !== undefined || this.directory.pid() !== undefined || this.directory.exit() !== undefined;
  }

  /**
   * Asks it to end, kills it after that many seconds, and resolves when it has ended. @throws {RuntimeError} `Unavailable` once it
   * was let go of, for nobody looks after it here any more.
   */
  async stop(timeoutSeconds: number): Promise<void> {
    if (this.hasEnded) return;
    if (this.#detached) throw letGo();
    if (this.#record.supervisor === undefined) {
      this.#end(killedAt(this.#clock.now()));
      return;
    }
    const pid = await this.#pid();
    if (this.#detached) throw letGo();
    const name = (this.#record.config.stopSignal ?? 'SIGTERM') as NodeJS.Signals;
    if (timeoutSeconds <= 0 || pid === undefined || !isAlive(this.#record.supervisor)) this.#kill();
    else signal(pid, name);
    const timer = this.#clock.after(timeoutSeconds * 1000, () => this.#kill());
    this.#look();
    try {
      await this.#whenEnded();
    } finally {
      timer.cancel();
    }
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
    // Its namespaces and its root are those of its first process.
    const pid = await this.#pid((told) => isAtItsRoot(told, view));
    if (pid === undefined) throw new RuntimeError('Failed', 'container is not running');
    return {
      cwd,
      env,
      elsewhere: (path) => pathInVolume(path, config.mounts),
      beside: (command) =>
        joined(besideProcess(command, pid, view, config.security), config.cgroupFiles ?? []),
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
    const exit = this.#whenEnded().then(() => 0);
    exit.catch(() => {}); // Whoever waits for it is told; nobody has to.
    return {
      ...(stdin === undefined ? {} : { stdin }),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      resize: (size) => this.#resize(size),
      exit,
      close,
    };
  }

  /** Lets go of files and timers; the process goes on. Whoever waits for its end is refused. */
  detach(): void {
    this.#detached = true;
    this.#watch?.stop();
    this.#pump?.pump();
    this.#pump?.close();
    for (const { reject } of this.#waiting.splice(0)) reject(letGo());
  }

  /** Removes its files; it has ended. */
  async remove(): Promise<void> {
    this.detach();
    await removeDirectory(this.directory.path);
  }

  /** Its first process, which is named a moment after the supervisor's own start, once it is as it has to be. */
  #pid(isFit: (pid: number) => boolean = () => true): Promise<number | undefined> {
    return this.#told(() => this.directory.pid(), isFit);
  }

  /** A pid that is written down in the container's directory in a moment; undefined when it has ended, or was let go of, before. */
  async #told(
    look: () => number | undefined,
    isFit: (pid: number) => boolean = () => true,
  ): Promise<number | undefined> {
    for (let looks = 0; looks < PID_LOOKS_MAX && !this.hasEnded && !this.#detached; looks++) {
      const pid = look();
      if (pid !== undefined && isFit(pid)) return pid;
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
    const release = holdNamedPipe(this.directory.input);
    const over = (): void => void input.destroy();
    this.#whenEnded().then(over, over);
    input.once('close', () => void this.#inputIsOver().finally(release));
    return input;
  }

  /**
   * What was written to an input that nobody has opened yet would be lost with the last who has it open. Once somebody was
   * attached and has gone, and nobody is to come any more, the container is to know.
   */
  async #inputIsOver(): Promise<void> {
    await this.#pid();
    if (!this.#record.config.stdinOnce) return;
    const holder = await this.#told(() => this.directory.holder());
    if (holder !== undefined && !this.hasEnded && !this.#detached) signal(holder, 'SIGKILL');
  }

  /** Resolves when it has ended; rejects when it was let go of before. */
  #whenEnded(): Promise<void> {
    if (this.hasEnded) return Promise.resolve();
    if (this.#detached) return Promise.reject(letGo());
    const waiting = Promise.withResolvers<void>();
    this.#waiting.push(waiting);
    return waiting.promise;
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

  #look(): void {
    const { supervisor } = this.#record;
    if (this.#detached || this.hasEnded || supervisor === undefined) return;
    // In this order: a supervisor that is gone by now has written its file before.
    const gone = !isAlive(supervisor);
    const exit = this.directory.exit();
    if (exit === undefined && !gone) {
      this.#pump?.pump();
      return;
    }
    // What it left running ends with it, as in a container. A supervisor that wrote its file may be quicker to go than this
    // looks; where starts cannot be told apart, its number may be another's by then.
    if (exit === undefined || !gone) this.#killAll(supervisor);
    else if (supervisor.startTicks !== undefined) killSession(supervisor);
    this.#end(
      endOf({ exit, failure: this.directory.failure(), killed: this.#killed, now: this.#clock.now() }),
    );
  }

  #end(end: ContainerEnd): void {
    this.#watch?.stop();
    this.#pump?.finish();
    for (const command of this.#commands) command.kill();
    this.#update({ end: { ...end, finishedAt: Math.max(end.finishedAt, this.#record.startedAt) } });
    for (const { resolve } of this.#waiting.splice(0)) resolve();
    this.#ended(this);
  }

  #update(change: Partial<ContainerRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.directory.write(this.#record);
  }

  #environment(): Record<string, string> {
    return environmentOf(this.#record, this.directory.root, process.env);
  }
}

const letGo = (): RuntimeError =>
  new RuntimeError('Unavailable', 'the runtime was closed; the next one looks after its containers');
