import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../apimachinery/clock.ts';
import { POD_UID_LABEL } from '../labels.ts';
import {
  type Container,
  type ContainerConfig,
  type ContainerStatus,
  type ExecResult,
  type Image,
  type Runtime,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeFilter,
  type Sandbox,
  type SandboxConfig,
  type SandboxStatus,
  type TextMap,
} from '../runtime.ts';
import { ContainerProcess, stopSignalOf } from './container-process.ts';
import { signalGroup } from './process-identity.ts';
import { refusalOf } from './refusal.ts';

/** What the runtime is made of. */
export interface ProcessRuntimeOptions {
  /** Where it keeps its records and the containers' working directories. */
  readonly directory: string;
  readonly clock: Clock;
}

/** Seconds that a container gets to end when its sandbox is stopped without asking it first. */
const SANDBOX_STOP_SECONDS = 2;

/** A runtime of processes; see the door. Takes up what an earlier one on that directory left running. */
export function newProcessRuntime(options: ProcessRuntimeOptions): Runtime {
  return new ProcessRuntime(options);
}

interface SandboxEntry {
  readonly status: SandboxStatus;
  readonly config: SandboxConfig;
}

interface ContainerEntry {
  readonly container: Omit<Container, 'state'>;
  readonly config: ContainerConfig;
  readonly process: ContainerProcess;
}

/** A container as it is kept on disk. */
interface ContainerFile {
  readonly container: Omit<Container, 'state'>;
  readonly config: ContainerConfig;
  readonly logFile: string;
}

class ProcessRuntime implements Runtime {
  readonly traits = {
    name: 'process',
    files: true,
    images: false,
    podAddresses: false,
    lasting: true,
    warnings: [
      'The process runtime does not isolate: containers run as processes of this machine, see its files, and their limits are not enforced.',
    ],
  };
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #sandboxes = new Map<string, SandboxEntry>();
  readonly #containers = new Map<string, ContainerEntry>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();

  constructor({ directory, clock }: ProcessRuntimeOptions) {
    this.#directory = directory;
    this.#clock = clock;
    for (const kind of ['sandboxes', 'containers']) {
      mkdirSync(join(directory, kind), { recursive: true, mode: 0o700 });
    }
    this.#load();
  }

  async version() {
    return { name: 'process', version: release(), apiVersion: 'v1' };
  }

  async status() {
    return { ready: true, networkReady: true };
  }

  async runPodSandbox(config: SandboxConfig): Promise<string> {
    const { metadata, labels, annotations } = config;
    const id = newId();
    const status: SandboxStatus = {
      id,
      metadata,
      labels,
      annotations,
      state: 'ready',
      createdAt: this.#clock.now(),
      ips: [],
    };
    this.#keepSandbox({ status, config });
    return id;
  }

  async stopPodSandbox(id: string): Promise<void> {
    const entry = this.#sandboxes.get(id);
    if (entry === undefined) return;
    await Promise.all(
      this.#in(id).map(({ container }) => this.stopContainer(container.id, SANDBOX_STOP_SECONDS)),
    );
    if (entry.status.state === 'ready') {
      this.#keepSandbox({ ...entry, status: { ...entry.status, state: 'notready' } });
    }
  }

  async removePodSandbox(id: string): Promise<void> {
    await this.stopPodSandbox(id);
    for (const { container } of this.#in(id)) await this.removeContainer(container.id);
    this.#sandboxes.delete(id);
    rmSync(this.#sandboxFile(id), { force: true });
  }

  async podSandboxStatus(id: string): Promise<SandboxStatus> {
    const entry = this.#sandboxes.get(id);
    if (entry === undefined) throw new RuntimeError('NotFound', `sandbox ${id} does not exist`);
    return entry.status;
  }

  async listPodSandboxes(filter: RuntimeFilter = {}): Promise<readonly Sandbox[]> {
    const { sandboxId, id = sandboxId, labels } = filter;
    return [...this.#sandboxes.values()]
      .map(({ status }) => status)
      .filter((status) => (id === undefined || id === status.id) && hasLabels(status.labels, labels));
  }

  async createContainer(sandboxId: string, config: ContainerConfig, sandbox: SandboxConfig): Promise<string> {
    if (this.#sandboxes.get(sandboxId)?.status.state !== 'ready') {
      throw new RuntimeError('Failed', `sandbox container ${sandboxId} is not running`);
    }
    const refusal = refusalOf(config, sandbox, process.getuid?.() ?? 0);
    if (refusal !== undefined) throw new RuntimeError('Unsupported', refusal);
    const { metadata, image, imageRef, labels, annotations } = config;
    const id = newId();
    const createdAt = this.#clock.now();
    const container = { id, sandboxId, metadata, image, imageRef, createdAt, labels, annotations };
    const logFile = join(sandbox.logDirectory, config.logPath);
    const directory = this.#containerDirectory(id);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeWhole(join(directory, 'container.json'), { container, config, logFile } satisfies ContainerFile);
    this.#enter({ container, config, logFile });
    return id;
  }

  async startContainer(id: string): Promise<void> {
    const { process: each } = this.#container(id);
    if (each.record.startedAt > 0) throw new RuntimeError('Failed', `container ${id} was started before`);
    each.start();
  }

  async stopContainer(id: string, timeoutSeconds: number): Promise<void> {
    const entry = this.#containers.get(id);
    await entry?.process.stop(timeoutSeconds, stopSignalOf(entry.config.stopSignal));
  }

  async removeContainer(id: string): Promise<void> {
    const entry = this.#containers.get(id);
    if (entry === undefined) return;
    await entry.process.stop(0, 'SIGKILL');
    entry.process.release();
    this.#containers.delete(id);
    rmSync(this.#containerDirectory(id), { recursive: true, force: true, maxRetries: 3 });
  }

  async containerStatus(id: string): Promise<ContainerStatus> {
    return this.#statusOf(this.#container(id));
  }

  async listContainers(filter: RuntimeFilter = {}): Promise<readonly Container[]> {
    return [...this.#containers.values()]
      .filter(
        ({ container }) =>
          (filter.id === undefined || filter.id === container.id) &&
          (filter.sandboxId === undefined || filter.sandboxId === container.sandboxId) &&
          hasLabels(container.labels, filter.labels),
      )
      .map((entry) => this.#statusOf(entry));
  }

  execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    const { process: each } = this.#container(id);
    const [program = '', ...args] = command;
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        ...each.execution(),
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
      child.stdout.on('data', (chunk: Buffer) => output.stdout.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => output.stderr.push(chunk));
      const timer =
        timeoutSeconds > 0 && child.pid !== undefined
          ? this.#clock.after(timeoutSeconds * 1000, () => signalGroup(child.pid ?? 0, 'SIGKILL'))
          : undefined;
      child.once('error', (error) => {
        timer?.cancel();
        reject(new RuntimeError('Failed', `exec: ${error.message}`, { cause: error }));
      });
      child.once('close', (code, signal) => {
        timer?.cancel();
        resolve({
          exitCode: code ?? (signal === 'SIGKILL' ? 137 : 143),
          stdout: Buffer.concat(output.stdout),
          stderr: Buffer.concat(output.stderr),
        });
      });
    });
  }

  async reopenContainerLog(id: string): Promise<void> {
    this.#container(id).process.reopenLog();
  }

  async imageStatus(): Promise<Image | undefined> {
    return undefined;
  }

  async pullImage(reference: string): Promise<string> {
    throw new RuntimeError(
      'Unsupported',
      `the process runtime has no images, so ${reference} cannot be pulled`,
    );
  }

  async listImages(): Promise<readonly Image[]> {
    return [];
  }

  async removeImage(): Promise<void> {
    // There are none.
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    for (const { process: each } of this.#containers.values()) each.release();
    this.#listeners.clear();
  }

  /** Reads the records of an earlier server and takes up its processes. */
  #load(): void {
    for (const name of readdirSync(join(this.#directory, 'sandboxes'))) {
      const entry = readWhole<SandboxEntry>(join(this.#directory, 'sandboxes', name));
      if (entry !== undefined) this.#sandboxes.set(entry.status.id, entry);
    }
    for (const id of readdirSync(join(this.#directory, 'containers'))) {
      const file = readWhole<ContainerFile>(join(this.#containerDirectory(id), 'container.json'));
      if (file === undefined) rmSync(this.#containerDirectory(id), { recursive: true, force: true });
      else this.#enter(file);
    }
    for (const { process: each } of this.#containers.values()) each.adopt();
  }

  #enter({ container, config, logFile }: ContainerFile): void {
    const exited = (): void => {
      const entry = this.#containers.get(container.id);
      if (entry === undefined) return;
      const podUid = container.labels[POD_UID_LABEL] ?? '';
      const event = { podUid, containerId: container.id, status: this.#statusOf(entry) };
      for (const listener of this.#listeners) listener(event);
    };
    const directory = this.#containerDirectory(container.id);
    const process = new ContainerProcess(directory, config, logFile, this.#clock, exited);
    this.#containers.set(container.id, { container, config, process });
  }

  #statusOf({ container, process: each }: ContainerEntry): ContainerStatus {
    const { startedAt, finishedAt, exitCode } = each.record;
    const state = finishedAt > 0 ? 'exited' : startedAt > 0 ? 'running' : 'created';
    const reason = state !== 'exited' ? '' : exitCode === 0 ? 'Completed' : 'Error';
    return { ...container, state, startedAt, finishedAt, exitCode, reason, message: '' };
  }

  #in(sandboxId: string): ContainerEntry[] {
    return [...this.#containers.values()].filter(({ container }) => container.sandboxId === sandboxId);
  }

  #container(id: string): ContainerEntry {
    const entry = this.#containers.get(id);
    if (entry === undefined) throw new RuntimeError('NotFound', `container ${id} does not exist`);
    return entry;
  }

  #keepSandbox(entry: SandboxEntry): void {
    this.#sandboxes.set(entry.status.id, entry);
    writeWhole(this.#sandboxFile(entry.status.id), entry);
  }

  #sandboxFile(id: string): string {
    return join(this.#directory, 'sandboxes', `${id}.json`);
  }

  #containerDirectory(id: string): string {
    return join(this.#directory, 'containers', id);
  }
}

const newId = (): string => randomBytes(16).toString('hex');

function hasLabels(labels: TextMap, wanted: TextMap = {}): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

/** Writes a file so that a reader sees all of it or nothing. */
function writeWhole(file: string, content: object): void {
  writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The content of such a file; undefined when the server ended before it was written. */
function readWhole<T>(file: string): T | undefined {
  return existsSync(file) && file.endsWith('.json')
    ? (JSON.parse(readFileSync(file, 'utf8')) as T)
    : undefined;
}
