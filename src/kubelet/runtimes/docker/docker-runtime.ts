/** A Docker Engine as the node agent's runtime: a translation, which decides nothing about pods. */
import { readFileSync } from 'node:fs';
import { hostname, release } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../apimachinery/clock.ts';
import { StatusError } from '../../../apimachinery/status-error.ts';
import type { PortConnection, RemoteProcess, WantedStreams } from '../../../apimachinery/streaming/index.ts';
import type { Logger } from '../../../client/index.ts';
import type { Container, ContainerConfig, ContainerStatus, LinuxResources } from '../container.ts';
import type { Image, RegistryAuth } from '../image.ts';
import { POD_UID_LABEL } from '../labels.ts';
import { connectPort } from '../local-port.ts';
import { isAbandoned, OWNER_LABEL, type Owner } from '../owner.ts';
import type {
  ExecResult,
  Runtime,
  RuntimeEvent,
  RuntimeFilter,
  RuntimeStatus,
  RuntimeTraits,
  RuntimeVersion,
} from '../runtime.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { Sandbox, SandboxConfig, SandboxStatus } from '../sandbox.ts';
import { ContainerLogs } from './container-logs.ts';
import { DockerError } from './docker-error.ts';
import { EngineClient } from './engine-client.ts';
import { EngineImages } from './engine-images.ts';
import type { EngineContainer, EngineInfo, EngineListedContainer } from './engine-types.ts';
import { execToEnd } from './exec-sync.ts';
import { ExitWatch } from './exit-watch.ts';
import { containerOf, containerStatusOf, sandboxOf, sandboxStatusOf, stateOf } from './from-docker.ts';
import {
  type ContainerRecord,
  containerLabels,
  containerRecord,
  ROLE_LABEL,
  SANDBOX_LABEL,
  sandboxLabels,
  sandboxRecord,
} from './own-labels.ts';
import { portConnection } from './port-connection.ts';
import { joinContainer, runCommand } from './remote-command.ts';
import { ensureSandboxImage, PAUSE_PROGRAM, SANDBOX_IMAGE } from './sandbox-image.ts';
import { dockerContainer, dockerSandbox, isGroupAlone, limitsOf } from './to-docker.ts';

/** What the runtime depends on. */
export interface DockerRuntimeOptions {
  /** Path of the socket, with or without `unix://`. */
  readonly endpoint: string;
  /** Whose sandboxes and containers are made and seen. */
  readonly owner: Owner;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Opens the runtime that listens on that socket, and takes up the containers that it has of this owner.
 *
 * @throws {DockerError} within two seconds when none answers; the message says what to do.
 */
export async function newDockerRuntime(options: DockerRuntimeOptions): Promise<Runtime> {
  const client = await EngineClient.open(options.endpoint.replace(/^unix:(\/\/)?/, ''), options.clock);
  const info = await client.get<EngineInfo>('/info');
  if (info.OSType !== 'linux') {
    throw new DockerError(
      0,
      `the Docker Engine at ${client.endpoint} runs containers of ${info.OSType}, not of Linux`,
    );
  }
  await ensureSandboxImage(client, info.Architecture);
  const runtime = new DockerRuntime(options, client, info);
  await runtime.adopt();
  return runtime;
}

/** Whether the engine's machine is this one, and not a virtual one on it, or another's. */
const isHere = ({ Name, KernelVersion }: EngineInfo): boolean =>
  Name === hostname() && KernelVersion === release() && process.platform === 'linux';

class DockerRuntime implements Runtime {
  readonly traits: RuntimeTraits;
  readonly #client: EngineClient;
  readonly #images: EngineImages;
  readonly #logs: ContainerLogs;
  readonly #options: DockerRuntimeOptions;
  readonly #isHere: boolean;
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  /** Why containers could not be started, by id, until they are removed: Podman does not keep it. */
  readonly #failedStarts = new Map<string, string>();
  #watch: ExitWatch | undefined;

  constructor(options: DockerRuntimeOptions, client: EngineClient, info: EngineInfo) {
    const { clock, log } = options;
    this.#options = options;
    this.#client = client;
    this.#images = new EngineImages(client);
    this.#logs = new ContainerLogs({ client, clock, log });
    this.#isHere = isHere(info);
    this.traits = {
      name: 'docker',
      files: true,
      images: true,
      podAddresses: true,
      lasting: true,
      owner: options.owner.id,
      cgroupParents: this.#isHere && info.CgroupDriver === 'cgroupfs',
      joinsCgroups: false,
      features: {
        supplementalGroupsPolicy: false,
        recursiveReadOnlyMounts: client.api >= 44,
        userNamespaces: [],
      },
      warnings: this.#isHere
        ? []
        : [
            `Docker runs on another machine than this server (${info.OperatingSystem}): only directories that it shares can be mounted, and probes do not reach pods over the network.`,
          ],
    };
  }

  /** Goes on with the logs of the containers that are there. */
  async adopt(): Promise<void> {
    const found = await translated(() => this.#list('container', {}));
    const places = (isRunning: boolean) =>
      found.flatMap(({ Id: id, State, Labels }) => {
        const record = containerRecord(this.#options.owner.id, Labels);
        const isWanted = record !== undefined && State !== 'created' && (State === 'running') === isRunning;
        return isWanted ? [{ id, tty: record.tty, logFile: record.logFile }] : [];
      });
    this.#logs.adopt(places(true), places(false));
  }

  async version(): Promise<RuntimeVersion> {
    const { version, isPodman } = this.#client;
    return { name: isPodman ? 'podman' : 'docker', version: version.Version, apiVersion: 'v1' };
  }

  status(): Promise<RuntimeStatus> {
    return translated(async () => {
      await this.#client.get('/version');
      return { ready: true, networkReady: true };
    });
  }

  runPodSandbox(config: SandboxConfig): Promise<string> {
    return translated(async () => {
      const body = dockerSandbox(config, SANDBOX_IMAGE, sandboxLabels(this.#options.owner, config));
      const id = await this.#create(['POD', nameOfPod(config), String(config.metadata.attempt)], body);
      try {
        await this.#client.post(`/containers/${id}/start`);
        return id;
      } catch (error) {
        await this.#remove(id);
        throw error;
      }
    });
  }

  stopPodSandbox(id: string): Promise<void> {
    return translated(async () => {
      const containers = await this.#list('container', { sandboxId: id }, { anyones: true });
      await Promise.all(containers.map(({ Id }) => this.#stop(Id, 0)));
      await this.#stop(id, 0);
    });
  }

  removePodSandbox(id: string): Promise<void> {
    return translated(async () => {
      const containers = await this.#list('container', { sandboxId: id }, { anyones: true });
      await Promise.all(containers.map(({ Id }) => this.#remove(Id)));
      await this.#remove(id);
    });
  }

  podSandboxStatus(id: string): Promise<SandboxStatus> {
    return translated(async () => {
      const found = await this.#client.get<EngineContainer>(`/containers/${id}/json`);
      const record = sandboxRecord(this.#options.owner.id, found.Config.Labels);
      if (record === undefined) throw new DockerError(404, `no such sandbox: ${id}`);
      return sandboxStatusOf(found, record);
    });
  }

  listPodSandboxes(filter: RuntimeFilter = {}): Promise<readonly Sandbox[]> {
    return translated(async () => {
      const { sandboxId, ...rest } = filter;
      const id = rest.id ?? sandboxId;
      const found = await this.#list('sandbox', { ...rest, ...(id === undefined ? {} : { id }) });
      return found.flatMap((listed) => {
        const record = sandboxRecord(this.#options.owner.id, listed.Labels);
        return record === undefined ? [] : [sandboxOf(listed, record)];
      });
    });
  }

  abandonedSandboxes(): Promise<readonly Sandbox[]> {
    return translated(async () => {
      const { owner } = this.#options;
      const found = await this.#list('sandbox', {}, { anyones: true });
      return found.flatMap((listed) => {
        const labels = listed.Labels ?? {};
        const theirs = labels[OWNER_LABEL];
        if (theirs === undefined || theirs === owner.id || !isAbandoned(labels)) return [];
        const record = sandboxRecord(theirs, labels);
        return record === undefined ? [] : [sandboxOf(listed, { ...record, labels })];
      });
    });
  }

  createContainer(sandboxId: string, config: ContainerConfig, sandbox: SandboxConfig): Promise<string> {
    return translated(async () => {
      const { state } = await this.podSandboxStatus(sandboxId);
      if (state !== 'ready') throw new RuntimeError('Failed', `sandbox ${sandboxId} is not running`);
      const { security, metadata, labels, annotations, image, tty } = config;
      const logFile = join(sandbox.logDirectory, config.logPath);
      const record: ContainerRecord = { metadata, labels, annotations, image, logFile, tty };
      const user = isGroupAlone(security) ? (await this.#images.find(config.imageRef))?.user : undefined;
      const body = dockerContainer(config, {
        sandboxId,
        sandbox: sandbox.linux,
        runtimeHandler: sandbox.runtimeHandler,
        labels: containerLabels(this.#options.owner, sandboxId, record),
        imageUser: user ?? '',
        seccompProfile: seccompProfile(config),
        api: this.#client.api,
        sharesHostname: !this.#client.isPodman,
      });
      return this.#create([metadata.name, nameOfPod(sandbox), String(metadata.attempt)], body);
    });
  }

  startContainer(id: string): Promise<void> {
    return translated(async () => {
      const { found, record } = await this.#container(id);
      if (stateOf(found.State) !== 'created') {
        throw new RuntimeError('Failed', `container ${id} was started before`);
      }
      // Asked for first, so that an exit that follows at once is not told before the log is whole.
      const started = this.#client.post(`/containers/${id}/start`);
      this.#logs.begin({ id, tty: record.tty, logFile: record.logFile }, started);
      try {
        await started;
      } catch (error) {
        if (error instanceof DockerError && error.code !== 0) this.#failedStarts.set(id, error.message);
        throw error;
      }
      this.#watch?.started();
    });
  }

  stopContainer(id: string, timeoutSeconds: number): Promise<void> {
    return translated(async () => {
      await this.#stop(id, timeoutSeconds);
      await this.#logs.whole(id);
    });
  }

  removeContainer(id: string): Promise<void> {
    return translated(() => this.#remove(id));
  }

  containerStatus(id: string): Promise<ContainerStatus> {
    return translated(async () => {
      const { found, record } = await this.#container(id);
      return containerStatusOf(found, record);
    });
  }

  listContainers(filter: RuntimeFilter = {}): Promise<readonly Container[]> {
    return translated(async () =>
      (await this.#list('container', filter)).flatMap((listed) => {
        const record = containerRecord(this.#options.owner.id, listed.Labels);
        return record === undefined ? [] : [containerOf(listed, record)];
      }),
    );
  }

  execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    const order = { container: id, command, timeoutSeconds };
    return translated(() => execToEnd(this.#client, this.#options.clock, order));
  }

  exec(id: string, command: readonly string[], wanted: WantedStreams): Promise<RemoteProcess> {
    return translated(async () => {
      await this.#demandRunning(id);
      return runCommand(this.#client, this.#options.clock, { container: id, command, wanted });
    });
  }

  attach(id: string, wanted: WantedStreams): Promise<RemoteProcess> {
    return translated(async () => {
      await this.#demandRunning(id);
      return joinContainer(this.#client, id, wanted);
    });
  }

  portForward(sandboxId: string, port: number): Promise<PortConnection> {
    return translated(async () => {
      const { ips } = await this.podSandboxStatus(sandboxId);
      const [address] = ips;
      if (this.#isHere && address !== undefined) {
        try {
          return await connectPort(address, port, this.#options.clock);
        } catch (error) {
          if (!(error instanceof RuntimeError)) throw error;
        }
      }
      // What listens within the pod alone, or in another machine than this, is reached from within the pod.
      const command = [PAUSE_PROGRAM, 'connect', String(port)];
      const wanted = { stdin: true, stdout: true, stderr: false, tty: false };
      const order = { container: sandboxId, command, wanted };
      return portConnection(await runCommand(this.#client, this.#options.clock, order), port);
    });
  }

  updateContainerResources(id: string, resources: LinuxResources): Promise<void> {
    return translated(async () => {
      await this.#client.post(`/containers/${id}/update`, {}, limitsOf(resources));
    });
  }

  async reopenContainerLog(id: string): Promise<void> {
    this.#logs.reopen(id);
  }

  imageStatus(reference: string): Promise<Image | undefined> {
    return translated(() => this.#images.find(reference));
  }

  pullImage(reference: string, auth?: RegistryAuth): Promise<string> {
    return translated(
      () => this.#images.pull(reference, auth),
      (words) => `Error response from daemon: ${words}`,
    );
  }

  listImages(): Promise<readonly Image[]> {
    return translated(() => this.#images.list());
  }

  imagesInUse(): Promise<ReadonlySet<string>> {
    return translated(async () => {
      const all = await this.#client.get<readonly EngineListedContainer[]>('/containers/json', { all: true });
      return new Set(all.map(({ ImageID }) => ImageID));
    });
  }

  removeImage(reference: string): Promise<void> {
    return translated(() => ifThere(this.#images.remove(reference)));
  }

  async imageDirectory(): Promise<undefined> {
    return undefined; // The engine's own affair, and maybe on another machine.
  }

  writtenBytes(sandboxId: string): Promise<ReadonlyMap<string, number>> {
    return translated(async () => {
      const found = await this.#list('container', { sandboxId }, { size: true });
      return new Map(found.map(({ Id, SizeRw = 0 }) => [Id, SizeRw]));
    });
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    this.#watch ??= new ExitWatch({
      client: this.#client,
      ...this.#options,
      needsLooks: this.#client.isPodman,
      isAnyRunning: async () => (await this.#list('container', {}, { status: ['running'] })).length > 0,
      exitedContainers: async () => {
        // Podman knows no dead containers, and refuses the word.
        const over = this.#client.isPodman ? ['exited'] : ['exited', 'dead'];
        const found = await this.#list('container', {}, { status: over });
        return found.map(({ Id }) => Id);
      },
      report: (id) => this.#report(id),
    });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#watch?.stop();
      this.#watch = undefined;
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#watch?.stop();
    this.#watch = undefined;
    await this.#logs.close();
    this.#client.close();
  }

  /** Tells of an exit, once all that the container printed is in its log. Rejects with {@link DockerError}. */
  async #report(id: string): Promise<void> {
    await this.#logs.whole(id);
    const { found, record } = await this.#container(id);
    const status = containerStatusOf(found, record);
    const podUid = status.labels[POD_UID_LABEL];
    if (status.state !== 'exited' || podUid === undefined) return;
    for (const listener of this.#listeners) listener({ podUid, containerId: id, status });
  }

  async #container(id: string) {
    const found = await this.#client.get<EngineContainer>(`/containers/${id}/json`);
    const record = containerRecord(this.#options.owner.id, found.Config.Labels);
    if (record === undefined) throw new DockerError(404, `no such container: ${id}`);
    const why = this.#failedStarts.get(id);
    if (why === undefined || stateOf(found.State) !== 'created') return { found, record };
    return { found: { ...found, State: { ...found.State, Status: 'created', Error: why } }, record };
  }

  async #demandRunning(id: string): Promise<void> {
    const { found } = await this.#container(id);
    const state = stateOf(found.State);
    if (state === 'running') return;
    throw new RuntimeError('Failed', `container is in CONTAINER_${state.toUpperCase()} state`);
  }

  /** A name is for those who look at the engine; where somebody has it already, the engine invents one. */
  async #create(parts: readonly string[], body: object): Promise<string> {
    const create = async (name?: string): Promise<string> =>
      (await this.#client.post<{ readonly Id: string }>('/containers/create', { name }, body)).Id;
    try {
      return await create(['longshore', ...parts].join('_'));
    } catch (error) {
      if (!(error instanceof DockerError && error.code === 409)) throw error;
      return create();
    }
  }

  #stop(id: string, timeoutSeconds: number): Promise<void> {
    return ifThere(this.#client.post(`/containers/${id}/stop`, { t: Math.ceil(timeoutSeconds) }));
  }

  async #remove(id: string): Promise<void> {
    await ifThere(this.#client.delete(`/containers/${id}`, { force: true, v: true }));
    this.#failedStarts.delete(id);
    this.#logs.forget(id);
  }

  async #list(
    role: 'sandbox' | 'container',
    { id, sandboxId, labels = {} }: RuntimeFilter,
    { size = false, status, anyones = false }: ListOptions = {},
  ): Promise<readonly EngineListedContainer[]> {
    const wanted = {
      ...labels,
      ...(anyones ? {} : { [OWNER_LABEL]: this.#options.owner.id }),
      [ROLE_LABEL]: role,
      ...(sandboxId === undefined ? {} : { [SANDBOX_LABEL]: sandboxId }),
    };
    const filters = {
      label: Object.entries(wanted).map(([name, value]) => `${name}=${value}`),
      ...(status === undefined ? {} : { status }),
      ...(id === undefined ? {} : { id: [id] }),
    };
    const query = { all: true, filters, ...(size ? { size } : {}) };
    const found = await this.#client.get<readonly EngineListedContainer[]>('/containers/json', query);
    // The engine takes the beginning of an id for the whole.
    return found.filter(({ Id }) => id === undefined || id === Id);
  }
}

/** What of a list is wanted beside what fits the filter. */
interface ListOptions {
  /** The bytes that containers wrote, which takes the engine a while. */
  readonly size?: boolean;
  /** In one of these states alone. */
  readonly status?: readonly string[];
  /** Other servers' too. */
  readonly anyones?: boolean;
}

const nameOfPod = ({ metadata: { name, namespace, uid } }: SandboxConfig): string =>
  `${name}_${namespace}_${uid}`;

/** The engine wants the text of a profile, not its place. */
function seccompProfile({ security: { seccomp } }: ContainerConfig): string | undefined {
  if (seccomp?.type !== 'Localhost') return undefined;
  try {
    return readFileSync(seccomp.localhostRef ?? '', 'utf8');
  } catch (error) {
    const why = `cannot load seccomp profile "${seccomp.localhostRef}": no such file or directory`;
    throw new RuntimeError('Failed', why, { cause: error });
  }
}

/** Stopping and removing succeed for what is not there, or is being removed already. */
async function ifThere(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof DockerError && (error.code === 404 || error.code === 409))) throw error;
  }
}

async function translated<Value>(
  act: () => Promise<Value>,
  worded: (words: string) => string = (words) => words,
): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof StatusError) throw new RuntimeError('Failed', error.message, { cause: error });
    if (!(error instanceof DockerError)) throw error;
    const kind = kindOf(error.code);
    // The codes that the kubelet sees when Docker is behind CRI.
    const code = kind === 'Unavailable' ? kind : 'Unknown';
    throw new RuntimeError(kind, worded(error.message), { cause: error, code });
  }
}

function kindOf(code: number): RuntimeError['kind'] {
  switch (code) {
    case 404:
      return 'NotFound';
    case 0:
      return 'Unavailable';
    case 501:
      return 'Unsupported';
    default:
      return 'Failed';
  }
}
