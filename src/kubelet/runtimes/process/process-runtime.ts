import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../apimachinery/clock.ts';
import type { Random } from '../../../apimachinery/random.ts';
import { replaceFileSync } from '../../../apimachinery/replace-file.ts';
import type { PortConnection, RemoteProcess, WantedStreams } from '../../../apimachinery/streaming/index.ts';
import { messageOf } from '../../../apimachinery/thrown.ts';
import type { Container, ContainerConfig, ContainerStatus } from '../container.ts';
import { fitsContainer, fitsSandbox } from '../filter.ts';
import { POD_UID_LABEL } from '../labels.ts';
import { RuntimeListeners } from '../listeners.ts';
import { connectPort } from '../local-port.ts';
import { NO_IMAGES } from '../no-images.ts';
import type { Owner } from '../owner.ts';
import type {
  ExecResult,
  Runtime,
  RuntimeEvent,
  RuntimeFilter,
  RuntimeTraits,
  WrittenFiles,
} from '../runtime.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { Sandbox, SandboxConfig, SandboxStatus } from '../sandbox.ts';
import { ContainerDirectory, type ContainerRecord, removeDirectory } from './container-directory.ts';
import { execToEnd } from './exec-sync.ts';
import { layOut } from './layout.ts';
import { type ContainerView, findNamespaces, type NamespacePrograms } from './namespaces.ts';
import { ProcessContainer } from './process-container.ts';
import { refusal } from './refusals.ts';
import { killWholeSession } from './signals.ts';
import { abandonedSupervisors } from './supervisors.ts';

/** What the runtime is made of. */
export interface ProcessRuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Whose processes they are. */
  readonly owner: Owner;
  /** For its records; one runtime at a time may use it. */
  readonly directory: string;
  /** Whether the node agent holds processes to their limits, by control groups; it is only said. Default true. */
  readonly limited?: boolean;
  /** Whether processes get namespaces of their own where this machine allows it. Default true. */
  readonly namespaces?: boolean;
}

interface SandboxRecord {
  readonly id: string;
  readonly config: SandboxConfig;
  readonly createdAt: number;
  readonly stopped: boolean;
}

/** A runtime of plain processes; see the door. It takes up at once what an earlier one has left in its directory. */
export function newProcessRuntime(options: ProcessRuntimeOptions): Runtime {
  return new ProcessRuntime(options);
}

const TRAITS: RuntimeTraits = {
  name: 'process',
  files: true,
  images: false,
  podAddresses: false,
  lasting: true,
  cgroupParents: 'none',
  notesStarts: true,
  joinsCgroups: true,
  seesMounts: true,
  features: { supplementalGroupsPolicy: false, recursiveReadOnlyMounts: false, userNamespaces: [] },
  warnings: [],
};

const UNISOLATED =
  'Pods run as plain processes of this machine: nothing isolates them from it or from each other, ';

class ProcessRuntime implements Runtime {
  readonly traits: RuntimeTraits;
  readonly images = NO_IMAGES;
  readonly #options: ProcessRuntimeOptions;
  readonly #sandboxes = new Map<string, SandboxRecord>();
  readonly #containers = new Map<string, ProcessContainer>();
  #programs: Promise<NamespacePrograms | undefined> | undefined;
  readonly #listeners = new RuntimeListeners();
  /** Supervisors of others that are gone for ever, by sandbox. */
  #abandoned: ReadonlyMap<string, readonly number[]> = new Map();

  constructor(options: ProcessRuntimeOptions) {
    this.#options = options;
    const lacking =
      options.limited === false
        ? 'images are not used and limits of resources are not enforced.'
        : 'and images are not used.';
    this.traits = { ...TRAITS, owner: options.owner.id, warnings: [`${UNISOLATED}${lacking}`] };
    mkdirSync(options.directory, { recursive: true, mode: 0o711 });
    this.#load();
  }

  async version() {
    return { name: 'process', version: release(), apiVersion: 'v1' };
  }

  async status() {
    return { ready: true, networkReady: true };
  }

  async runPodSandbox(config: SandboxConfig): Promise<string> {
    const id = this.#newId();
    mkdirSync(this.#sandboxPath(id), { mode: 0o711 });
    this.#writeSandbox({ id, config, createdAt: this.#options.clock.now(), stopped: false });
    return id;
  }

  async stopPodSandbox(id: string): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined) {
      for (const pid of this.#abandoned.get(id) ?? []) killWholeSession(pid);
      return;
    }
    if (!sandbox.stopped) this.#writeSandbox({ ...sandbox, stopped: true });
    await Promise.all(this.#containersOf(id).map((container) => container.stop(0)));
  }

  async removePodSandbox(id: string): Promise<void> {
    await this.stopPodSandbox(id);
    for (const container of this.#containersOf(id)) {
      await container.remove();
      this.#containers.delete(container.record.id);
    }
    this.#sandboxes.delete(id);
    await removeDirectory(this.#sandboxPath(id));
  }

  async podSandboxStatus(id: string): Promise<SandboxStatus> {
    return { ...sandboxOf(this.#sandbox(id)), ips: [] };
  }

  async abandonedSandboxes(): Promise<readonly Sandbox[]> {
    this.#abandoned = abandonedSupervisors();
    return [...this.#abandoned.keys()].map((id) => ({ ...STRANGER, id }));
  }

  async listPodSandboxes(filter: RuntimeFilter = {}): Promise<readonly Sandbox[]> {
    return [...this.#sandboxes.values()].map(sandboxOf).filter((each) => fitsSandbox(filter, each));
  }

  async createContainer(sandboxId: string, config: ContainerConfig, sandbox: SandboxConfig): Promise<string> {
    if (this.#sandbox(sandboxId).stopped)
      throw new RuntimeError('Failed', `sandbox ${sandboxId} is not running`);
    const programs = await this.#namespaces();
    const why = refusal(config, sandbox, {
      uid: process.getuid?.() ?? -1,
      mayChangeUser: programs !== undefined,
      status: ownStatus(),
    });
    if (why !== undefined) throw new RuntimeError('Unsupported', why);
    const id = this.#newId();
    const { clock } = this.#options;
    const path = join(this.#sandboxPath(sandboxId), id);
    mkdirSync(path, { mode: 0o711 });
    const view = programs === undefined ? undefined : viewOf(path, programs, config, sandbox);
    const record: ContainerRecord = {
      ...(view === undefined ? {} : { view }),
      id,
      sandboxId,
      config,
      hostname: sandbox.hostname,
      logFile: join(sandbox.logDirectory, config.logPath),
      createdAt: clock.now(),
      startedAt: 0,
    };
    const container = this.#add(record);
    container.directory.create(config.mounts, view !== undefined);
    const { runAsUser, runAsGroup = runAsUser } = config.security;
    if (runAsUser !== undefined && view !== undefined) {
      chownSync(container.directory.root, runAsUser, runAsGroup ?? runAsUser);
    }
    if (config.workingDir !== '') this.#makeWorkingDirectory(container, config.workingDir);
    container.directory.write(record);
    return id;
  }

  startContainer(id: string): Promise<void> {
    return this.#container(id).start();
  }

  async stopContainer(id: string, timeoutSeconds: number): Promise<void> {
    await this.#containers.get(id)?.stop(timeoutSeconds);
  }

  async removeContainer(id: string): Promise<void> {
    const container = this.#containers.get(id);
    if (container === undefined) return;
    await container.stop(0);
    await container.remove();
    this.#containers.delete(id);
  }

  async containerStatus(id: string): Promise<ContainerStatus> {
    return this.#container(id).status;
  }

  async listContainers(filter: RuntimeFilter = {}): Promise<readonly Container[]> {
    return [...this.#containers.values()]
      .map(({ status }) => status)
      .filter((each) => fitsContainer(filter, each));
  }

  async execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    return execToEnd(this.#options.clock, command, timeoutSeconds, await this.#container(id).surroundings());
  }

  async exec(id: string, command: readonly string[], wanted: WantedStreams): Promise<RemoteProcess> {
    return this.#container(id).exec(command, wanted);
  }

  async attach(id: string, wanted: WantedStreams): Promise<RemoteProcess> {
    return this.#container(id).attach(wanted);
  }

  async portForward(sandboxId: string, port: number): Promise<PortConnection> {
    if (this.#sandbox(sandboxId).stopped) {
      throw new RuntimeError('Failed', `sandbox container ${sandboxId} is not running`);
    }
    return connectPort('localhost', port, this.#options.clock);
  }

  async updateContainerResources(): Promise<void> {
    // Limits are those of the groups that processes have joined, which the node agent sets.
  }

  async reopenContainerLog(id: string): Promise<void> {
    this.#container(id).reopenLog();
  }

  async written(): Promise<ReadonlyMap<string, WrittenFiles>> {
    return new Map(); // What is written is the machine's own.
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#listeners.close();
    for (const container of this.#containers.values()) container.detach();
  }

  #namespaces(): Promise<NamespacePrograms | undefined> {
    if (this.#options.namespaces === false) return Promise.resolve(undefined);
    this.#programs ??= findNamespaces();
    return this.#programs;
  }

  #load(): void {
    for (const id of readdirSync(this.#options.directory)) {
      const record = this.#readSandbox(id);
      if (record === undefined) {
        rmSync(this.#sandboxPath(id), { recursive: true, force: true });
        continue;
      }
      this.#sandboxes.set(id, record);
      for (const name of readdirSync(this.#sandboxPath(id))) this.#loadContainer(id, name);
    }
  }

  #loadContainer(sandboxId: string, name: string): void {
    const path = join(this.#sandboxPath(sandboxId), name);
    if (!statSync(path).isDirectory()) return;
    const record = new ContainerDirectory(path).read();
    if (record === undefined) rmSync(path, { recursive: true, force: true });
    else this.#add(record).adopt();
  }

  #add(record: ContainerRecord): ProcessContainer {
    const path = join(this.#sandboxPath(record.sandboxId), record.id);
    const made = new ProcessContainer(this.#options.clock, path, record, (container) =>
      this.#told(container),
    );
    this.#containers.set(record.id, made);
    return made;
  }

  #told({ status }: ProcessContainer): void {
    this.#listeners.tell({ podUid: status.labels[POD_UID_LABEL] ?? '', containerId: status.id, status });
  }

  #makeWorkingDirectory(container: ProcessContainer, workingDir: string): void {
    try {
      mkdirSync(container.workingDirectory, { recursive: true, mode: 0o755 });
    } catch (error) {
      const why = messageOf(error);
      throw new RuntimeError('Failed', `the working directory ${workingDir} cannot be made: ${why}`, {
        cause: error,
      });
    }
  }

  #containersOf(sandboxId: string): readonly ProcessContainer[] {
    return [...this.#containers.values()].filter(({ record }) => record.sandboxId === sandboxId);
  }

  #sandboxPath(id: string): string {
    return join(this.#options.directory, id);
  }

  #writeSandbox(record: SandboxRecord): void {
    this.#sandboxes.set(record.id, record);
    replaceFileSync(join(this.#sandboxPath(record.id), 'sandbox.json'), JSON.stringify(record), {
      mode: 0o600,
    });
  }

  #readSandbox(id: string): SandboxRecord | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#sandboxPath(id), 'sandbox.json'), 'utf8')) as SandboxRecord;
    } catch {
      return undefined; // It was being made when its server ended.
    }
  }

  #newId(): string {
    return this.#options.random.uuid().replaceAll('-', '');
  }

  #sandbox(id: string): SandboxRecord {
    const found = this.#sandboxes.get(id);
    if (found === undefined) throw new RuntimeError('NotFound', `sandbox ${id} does not exist`);
    return found;
  }

  #container(id: string): ProcessContainer {
    const found = this.#containers.get(id);
    if (found === undefined) throw new RuntimeError('NotFound', `container ${id} does not exist`);
    return found;
  }
}

/** What is known of a sandbox whose server is gone. */
const STRANGER: Omit<Sandbox, 'id'> = {
  metadata: { name: '', namespace: '', uid: '', attempt: 0 },
  labels: {},
  annotations: {},
  createdAt: 0,
  state: 'ready',
};

/** A terminal needs a process that is told apart by its pid alone; pods may ask to see others' processes. */
function viewOf(
  path: string,
  programs: NamespacePrograms,
  { mounts, tty }: ContainerConfig,
  { linux }: SandboxConfig,
): ContainerView {
  const ownProcesses = !tty && !linux.hostPid && !linux.sharePid;
  return { programs, ownProcesses, ...layOut(path, mounts) };
}

/** What the kernel tells of this process; empty on a system that has no `/proc`. */
function ownStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'latin1');
  } catch {
    return '';
  }
}

function sandboxOf({ id, config, createdAt, stopped }: SandboxRecord): Sandbox {
  const { metadata, labels, annotations } = config;
  return { id, metadata, labels, annotations, createdAt, state: stopped ? 'notready' : 'ready' };
}
