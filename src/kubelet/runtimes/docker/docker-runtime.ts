/** A Docker Engine as the node agent's runtime: a translation, which decides nothing about pods. */
import { readFileSync } from 'node:fs';
import { hostname, release } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../apimachinery/clock.ts';
import type { PortConnection, RemoteProcess, WantedStreams } from '../../../apimachinery/streaming/index.ts';
import type { Logger } from '../../../client/index.ts';
import type { Container, ContainerConfig, ContainerStatus, LinuxResources } from '../container.ts';
import { demandRunning } from '../demand-running.ts';
import type { ImageService } from '../image.ts';
import { POD_UID_LABEL } from '../labels.ts';
import { RuntimeListeners } from '../listeners.ts';
import { connectPort } from '../local-port.ts';
import { seesMountsBelow, unseenMounts } from '../mount-reach.ts';
import { isAbandoned, OWNER_LABEL, type Owner, placeOf } from '../owner.ts';
import type {
  CgroupParents,
  ExecResult,
  Runtime,
  RuntimeEvent,
  RuntimeFilter,
  RuntimeStatus,
  RuntimeTraits,
  RuntimeVersion,
  WrittenFiles,
} from '../runtime.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { Sandbox, SandboxConfig, SandboxStatus } from '../sandbox.ts';
import { translated } from './as-runtime-error.ts';
import { ContainerLogs } from './container-logs.ts';
import { DockerError } from './docker-error.ts';
import { EngineClient } from './engine-client.ts';
import { EngineImages } from './engine-images.ts';
import type { EngineContainer, EngineInfo } from './engine-types.ts';
import { execToEnd } from './exec-sync.ts';
import { ExitWatch } from './exit-watch.ts';
import { containerOf, containerStatusOf, sandboxOf, sandboxStatusOf, stateOf } from './from-docker.ts';
import { imageService } from './image-service.ts';
import { OwnContainers } from './own-containers.ts';
import {
  type ContainerRecord,
  containerLabels,
  containerRecord,
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
  readonly images: ImageService;
  readonly #client: EngineClient;
  readonly #containers: OwnContainers;
  readonly #engineImages: EngineImages;
  readonly #logs: ContainerLogs;
  readonly #options: DockerRuntimeOptions;
  readonly #isHere: boolean;
  readonly #listeners = new RuntimeListeners(() => this.#watchExits());

  constructor(options: DockerRuntimeOptions, client: EngineClient, info: EngineInfo) {
    const { clock, log } = options;
    this.#options = options;
    this.#client = client;
    this.#engineImages = new EngineImages(client);
    this.#containers = new OwnContainers(client, options.owner);
    this.#logs = new ContainerLogs({ client, clock, log });
    this.#isHere = isHere(info);
    this.images = imageService(client, this.#engineImages, this.#isHere ? info.DockerRootDir : undefined);
    const seesMounts = seesMountsBelow(placeOf(options.owner), client.endpoint);
    this.traits = {
      name: 'docker',
      files: true,
      images: true,
      podAddresses: true,
      lasting: true,
      owner: options.owner.id,
      cgroupParents: this.#isHere ? cgroupParentsOf(info) : 'none',
      notesStarts: false,
      joinsCgroups: false,
      seesMounts,
      features: {
        supplementalGroupsPolicy: false,
        recursiveReadOnlyMounts: client.api >= 44,
        userNamespaces: [],
      },
      warnings: [
        ...(this.#isHere
          ? []
          : [
              `Docker runs on another machine than this server (${info.OperatingSystem}): only directories that it shares can be mounted, and probes do not reach pods over the network.`,
            ]),
        ...(seesMounts ? [] : [unseenMounts(client.isPodman ? 'Podman' : 'Docker')]),
      ],
    };
  }

  /** Goes on with the logs of the containers that are there. */
  async adopt(): Promise<void> {
    const found = await translated(() => this.#containers.list('container', {}));
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
      const id = await this.#containers.create(
        ['POD', nameOfPod(config), String(config.metadata.attempt)],
        body,
      );
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
      const containers = await this.#containers.list('container', { sandboxId: id }, { anyones: true });
      await Promise.all(containers.map(({ Id }) => this.#containers.stop(Id, 0)));
      await this.#containers.stop(id, 0);
    });
  }

  removePodSandbox(id: string): Promise<void> {
    return translated(async () => {
      const containers = await this.#containers.list('container', { sandboxId: id }, { anyones: true });
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
      const found = await this.#containers.list('sandbox', { ...rest, ...(id === undefined ? {} : { id }) });
      return found.flatMap((listed) => {
        const record = sandboxRecord(this.#options.owner.id, listed.Labels);
        return record === undefined ? [] : [sandboxOf(listed, record)];
      });
    });
  }

  abandonedSandboxes(): Promise<readonly Sandbox[]> {
    return translated(async () => {
      const { owner } = this.#options;
      const found = await this.#containers.list('sandbox', {}, { anyones: true });
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
      const user = isGroupAlone(security)
        ? (await this.#engineImages.find(config.imageRef))?.user
        : undefined;
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
      return this.#containers.create([metadata.name, nameOfPod(sandbox), String(metadata.attempt)], body);
    });
  }

  startContainer(id: string): Promise<void> {
    return translated(async () => {
      const { found, record } = await this.#containers.find(id);
      if (stateOf(found.State) !== 'created') {
        throw new RuntimeError('Failed', `container ${id} was started before`);
      }
      // Asked for first, so that an exit that follows at once is not told before the log is whole.
      const started = this.#client.post(`/containers/${id}/start`);
      this.#logs.begin({ id, tty: record.tty, logFile: record.logFile }, started);
      try {
        await started;
      } catch (error) {
        if (error instanceof DockerError && error.code !== 0)
          this.#containers.noteFailedStart(id, error.message);
        throw error;
      }
      this.#listeners.watch?.started();
    });
  }

  stopContainer(id: string, timeoutSeconds: number): Promise<void> {
    return translated(async () => {
      await this.#containers.stop(id, timeoutSeconds);
      await this.#logs.whole(id);
    });
  }

  removeContainer(id: string): Promise<void> {
    return translated(() => this.#remove(id));
  }

  containerStatus(id: string): Promise<ContainerStatus> {
    return translated(async () => {
      const { found, record } = await this.#containers.find(id);
      return containerStatusOf(found, record);
    });
  }

  listContainers(filter: RuntimeFilter = {}): Promise<readonly Container[]> {
    return translated(async () =>
      (await this.#containers.list('container', filter)).flatMap((listed) => {
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
      demandRunning(stateOf((await this.#containers.find(id)).found.State));
      return runCommand(this.#client, this.#options.clock, { container: id, command, wanted });
    });
  }

  attach(id: string, wanted: WantedStreams): Promise<RemoteProcess> {
    return translated(async () => {
      demandRunning(stateOf((await this.#containers.find(id)).found.State));
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

  written(sandboxId: string): Promise<ReadonlyMap<string, WrittenFiles>> {
    return translated(async () => {
      const found = await this.#containers.list('container', { sandboxId }, { size: true });
      return new Map(found.map(({ Id, SizeRw = 0 }) => [Id, { bytes: SizeRw, inodes: 0 }]));
    });
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#listeners.close();
    await this.#logs.close();
    this.#client.close();
  }

  async #remove(id: string): Promise<void> {
    await this.#containers.remove(id);
    this.#logs.forget(id);
  }

  #watchExits(): ExitWatch {
    return new ExitWatch({
      client: this.#client,
      ...this.#options,
      needsLooks: this.#client.isPodman,
      isAnyRunning: async () =>
        (await this.#containers.list('container', {}, { status: ['running'] })).length > 0,
      exitedContainers: async () => {
        // Podman knows no dead containers, and refuses the word.
        const over = this.#client.isPodman ? ['exited'] : ['exited', 'dead'];
        const found = await this.#containers.list('container', {}, { status: over });
        return found.map(({ Id }) => Id);
      },
      report: (id) => this.#report(id),
    });
  }

  /** Tells of an exit, once all that the container printed is in its log. Rejects with {@link DockerError}. */
  async #report(id: string): Promise<void> {
    await this.#logs.whole(id);
    const { found, record } = await this.#containers.find(id);
    const status = containerStatusOf(found, record);
    const podUid = status.labels[POD_UID_LABEL];
    if (status.state !== 'exited' || podUid === undefined) return;
    this.#listeners.tell({ podUid, containerId: id, status });
  }
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

/** An engine without root has groups of its user alone, which are named otherwise. */
function cgroupParentsOf({ CgroupDriver, SecurityOptions }: EngineInfo): CgroupParents {
  if (SecurityOptions?.some((option) => option.includes('rootless'))) return 'none';
  return { cgroupfs: 'path' as const, systemd: 'slice' as const }[CgroupDriver] ?? 'none';
}
