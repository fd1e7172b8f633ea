/** A runtime that speaks CRI v1, as the node agent sees it: a translation, which decides nothing. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../../../apimachinery/clock.ts';
import type { PortConnection, RemoteProcess, WantedStreams } from '../../../apimachinery/streaming/index.ts';
import type { Logger } from '../../../client/index.ts';
import type { Container, ContainerConfig, ContainerStatus, LinuxResources } from '../container.ts';
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
import type { TextMap } from '../text-map.ts';
import { ifThere, translated } from './as-runtime-error.ts';
import { type CriClient, openCri } from './client.ts';
import { ContainerdClient } from './containerd-client.ts';
import { CriError } from './cri-error.ts';
import { CriImages } from './cri-images.ts';
import { ExitWatch } from './exit-watch.ts';
import {
  cgroupParentsOf,
  containerOf,
  containerStatusOf,
  featuresOf,
  imageOf,
  sandboxImageOf,
  sandboxOf,
  sandboxStatusOf,
  statusOf,
} from './from-cri.ts';
import {
  ContainerEventType,
  ContainerState,
  type StatusResponse,
  type VersionResponse,
} from './generated/runtime_pb.ts';
import {
  criContainer,
  criContainerFilter,
  criResources,
  criSandbox,
  criSandboxFilter,
  isGroupAlone,
} from './to-cri.ts';

/** What the runtime depends on. */
export interface CriRuntimeOptions {
  /** Path of the socket, with or without `unix://`. */
  readonly endpoint: string;
  /** Whose sandboxes and containers are made and seen. */
  readonly owner: Owner;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Opens the runtime that listens on that socket.
 *
 * @throws {CriError} within two seconds when none answers; the message says what to do.
 */
export async function newCriRuntime(options: CriRuntimeOptions): Promise<Runtime> {
  const cri = await openCri(options.endpoint);
  const [version, state, driver] = await Promise.all([cri.version(), cri.state(true), cri.cgroupDriver()]);
  return new CriRuntime(cri, version, state, cgroupParentsOf(state, driver), options);
}

class CriRuntime implements Runtime {
  readonly traits: RuntimeTraits;
  readonly images: ImageService;
  readonly #cri: CriClient;
  readonly #containerd: ContainerdClient;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #owner: Owner;
  readonly #listeners = new RuntimeListeners(() => this.#watchExits());
  /** Sandboxes of the containers that are there: CRI's status of a container does not name its own. */
  readonly #places = new Map<string, string>();
  /** Sandboxes that are there: their own processes end too, and nobody waits for it. */
  readonly #sandboxes = new Set<string>();
  /** Whether what is stopped or removed as a whole is killed at once; CRI-O grants it the time that the call may take. */
  readonly #killsAtOnce: boolean;

  constructor(
    cri: CriClient,
    version: VersionResponse,
    state: StatusResponse,
    cgroupParents: CgroupParents,
    { clock, log, owner }: CriRuntimeOptions,
  ) {
    this.#cri = cri;
    this.#clock = clock;
    this.#log = log;
    this.#owner = owner;
    this.#containerd = new ContainerdClient(cri.endpoint);
    this.images = new CriImages(cri, this.#containerd, sandboxImageOf(state));
    const { runtimeName } = version;
    this.#killsAtOnce = runtimeName === 'containerd';
    const seesMounts = seesMountsBelow(placeOf(owner), cri.endpoint);
    this.traits = {
      name: runtimeName,
      files: true,
      images: true,
      podAddresses: true,
      lasting: true,
      features: featuresOf(state),
      cgroupParents,
      notesStarts: true,
      joinsCgroups: false,
      seesMounts,
      owner: owner.id,
      warnings: seesMounts ? [] : [unseenMounts(runtimeName)],
    };
  }

  version(): Promise<RuntimeVersion> {
    return translated(async () => {
      const { runtimeName, runtimeVersion, runtimeApiVersion } = await this.#cri.version();
      return { name: runtimeName, version: runtimeVersion, apiVersion: runtimeApiVersion };
    });
  }

  status(): Promise<RuntimeStatus> {
    return translated(async () => statusOf(await this.#cri.status()));
  }

  runPodSandbox(config: SandboxConfig): Promise<string> {
    return translated(async () => {
      const id = await this.#cri.runPodSandbox(criSandbox(this.#marked(config)), config.runtimeHandler);
      this.#sandboxes.add(id);
      return id;
    });
  }

  stopPodSandbox(id: string): Promise<void> {
    return translated(async () => {
      if (!this.#killsAtOnce) await this.#killAll(id);
      await ifThere(this.#cri.stopPodSandbox(id));
    });
  }

  async removePodSandbox(id: string): Promise<void> {
    await translated(() => ifThere(this.#cri.removePodSandbox(id)));
    this.#sandboxes.delete(id);
    for (const [container, sandbox] of this.#places) if (sandbox === id) this.#places.delete(container);
  }

  podSandboxStatus(id: string): Promise<SandboxStatus> {
    return translated(async () => sandboxStatusOf(await this.#cri.podSandboxStatus(id)));
  }

  listPodSandboxes(filter: RuntimeFilter = {}): Promise<readonly Sandbox[]> {
    const own = this.#ownAlone(filter);
    return translated(async () => (await this.#cri.listPodSandbox(criSandboxFilter(own))).map(sandboxOf));
  }

  abandonedSandboxes(): Promise<readonly Sandbox[]> {
    return translated(async () => {
      const found = (await this.#cri.listPodSandbox()).map(sandboxOf);
      return found.filter(({ labels }) => labels[OWNER_LABEL] !== this.#owner.id && isAbandoned(labels));
    });
  }

  createContainer(sandboxId: string, config: ContainerConfig, sandbox: SandboxConfig): Promise<string> {
    return translated(async () => {
      const image = isGroupAlone(config.security) ? await this.#cri.imageStatus(config.imageRef) : undefined;
      const user = image === undefined ? undefined : imageOf(image, false).user;
      const request = criContainer(this.#marked(config), sandbox, user);
      // CRI-O writes the log into a directory that is there.
      const log = join(sandbox.logDirectory, config.logPath);
      await mkdir(dirname(log), { recursive: true, mode: 0o755 });
      const { cgroupParent } = config;
      const linux = cgroupParent === undefined ? sandbox.linux : { ...sandbox.linux, cgroupParent };
      const id = await this.#cri.createContainer(
        sandboxId,
        request,
        criSandbox(this.#marked({ ...sandbox, linux })),
      );
      this.#places.set(id, sandboxId);
      return id;
    });
  }

  startContainer(id: string): Promise<void> {
    return translated(() => this.#cri.startContainer(id));
  }

  stopContainer(id: string, timeoutSeconds: number): Promise<void> {
    return translated(() => ifThere(this.#cri.stopContainer(id, timeoutSeconds)));
  }

  async removeContainer(id: string): Promise<void> {
    await translated(async () => {
      if (!this.#killsAtOnce) await ifThere(this.#cri.stopContainer(id, 0));
      await ifThere(this.#cri.removeContainer(id));
    });
    this.#places.delete(id);
  }

  containerStatus(id: string): Promise<ContainerStatus> {
    return translated(() => this.#containerStatus(id));
  }

  listContainers(filter: RuntimeFilter = {}): Promise<readonly Container[]> {
    return translated(async () => {
      const own = criContainerFilter(this.#ownAlone(filter));
      const containers = (await this.#cri.listContainers(own)).map(containerOf);
      for (const { id, sandboxId } of containers) this.#places.set(id, sandboxId);
      return containers;
    });
  }

  execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    return translated(async () => {
      try {
        const { exitCode, stdout, stderr } = await this.#cri.execSync(id, command, timeoutSeconds);
        return { exitCode, stdout, stderr };
      } catch (error) {
        if (!(error instanceof CriError && error.code === 'DEADLINE_EXCEEDED')) throw error;
        throw new RuntimeError('TimedOut', error.message, { cause: error });
      }
    });
  }

  exec(id: string, command: readonly string[], wanted: WantedStreams): Promise<RemoteProcess> {
    return translated(async () => {
      const { openCommand } = await streamingServer();
      return openCommand(await this.#cri.exec(id, command, wanted), wanted);
    });
  }

  attach(id: string, wanted: WantedStreams): Promise<RemoteProcess> {
    return translated(async () => {
      const { openCommand } = await streamingServer();
      return openCommand(await this.#cri.attach(id, wanted), wanted);
    });
  }

  portForward(sandboxId: string, port: number): Promise<PortConnection> {
    return translated(async () => {
      // Runtimes close a connection a second after its client has sent all it has to say; a pod that is asked directly may
      // answer then. What listens within the pod alone can be reached through the runtime only.
      const [address = 'localhost'] = sandboxStatusOf(await this.#cri.podSandboxStatus(sandboxId)).ips;
      try {
        return await connectPort(address, port, this.#clock);
      } catch (error) {
        if (!(error instanceof RuntimeError)) throw error;
        const { openPort } = await streamingServer();
        return openPort(await this.#cri.portForward(sandboxId, [port]), port);
      }
    });
  }

  updateContainerResources(id: string, resources: LinuxResources): Promise<void> {
    return translated(() => this.#cri.updateContainerResources(id, criResources(resources)));
  }

  reopenContainerLog(id: string): Promise<void> {
    return translated(() => this.#cri.reopenContainerLog(id));
  }

  written(sandboxId: string): Promise<ReadonlyMap<string, WrittenFiles>> {
    return translated(async () => {
      const stats = await this.#cri.listContainerStats(sandboxId);
      return new Map(
        stats.map(({ attributes, writableLayer }) => [
          attributes?.id ?? '',
          {
            bytes: Number(writableLayer?.usedBytes?.value ?? 0),
            inodes: Number(writableLayer?.inodesUsed?.value ?? 0),
          },
        ]),
      );
    });
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#listeners.close();
    this.#cri.close();
    this.#containerd.close();
  }

  async #containerStatus(id: string): Promise<ContainerStatus> {
    const status = await this.#cri.containerStatus(id);
    const sandboxId = this.#places.get(id) ?? (await this.#cri.listContainers({ id }))[0]?.podSandboxId ?? '';
    this.#places.set(id, sandboxId);
    return containerStatusOf(status, sandboxId);
  }

  #watchExits(): ExitWatch {
    return new ExitWatch(
      {
        clock: this.#clock,
        log: this.#log,
        containerd: this.#containerd,
        isSandbox: (id) => this.#sandboxes.has(id),
        onCriExit: (exited, lost, untold) => this.#onCriExit(exited, lost, untold),
        containerStatus: (id) => this.#containerStatus(id),
        exitedContainers: () => this.#exitedContainers(),
      },
      (status) => this.#tell(status),
    );
  }

  async #killAll(podSandboxId: string): Promise<void> {
    const state = { state: ContainerState.CONTAINER_RUNNING };
    const running = await this.#cri.listContainers({ podSandboxId, state });
    await Promise.all(running.map(({ id }) => ifThere(this.#cri.stopContainer(id, 0))));
  }

  async #exitedContainers(): Promise<readonly string[]> {
    const state = { state: ContainerState.CONTAINER_EXITED };
    const labelSelector = { [OWNER_LABEL]: this.#owner.id };
    return (await this.#cri.listContainers({ state, labelSelector })).map(({ id }) => id);
  }

  #marked<Config extends { readonly labels: TextMap }>(config: Config): Config {
    return { ...config, labels: { ...config.labels, ...this.#owner.labels } };
  }

  #ownAlone(filter: RuntimeFilter): RuntimeFilter {
    return { ...filter, labels: { ...filter.labels, [OWNER_LABEL]: this.#owner.id } };
  }

  #onCriExit(exited: (id: string) => void, lost: (error: CriError) => void, untold: () => void): () => void {
    let stopped = false;
    let told = false;
    const cancel = this.#cri.getContainerEvents({
      next({ containerId, containerEventType }) {
        told = true;
        if (containerEventType === ContainerEventType.CONTAINER_STOPPED_EVENT) exited(containerId);
      },
      end(error) {
        if (stopped) return;
        if (error === undefined && !told) untold();
        else lost(error ?? new CriError('UNAVAILABLE', 'the runtime ended the stream of events'));
      },
    });
    return () => {
      stopped = true;
      cancel();
    };
  }

  #tell(status: ContainerStatus): void {
    const podUid = status.labels[POD_UID_LABEL];
    if (podUid === undefined || status.labels[OWNER_LABEL] !== this.#owner.id) return;
    this.#listeners.tell({ podUid, containerId: status.id, status });
  }
}

/** Loaded when the first stream is asked for. */
const streamingServer = () => import('./streaming-server.ts');
