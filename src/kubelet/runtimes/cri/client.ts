/** The runtime's two CRI services as methods: deadlines, and errors as {@link CriError}. It decides nothing. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { socketTrouble } from '../socket-trouble.ts';
import { CriError } from './cri-error.ts';
import type {
  AuthConfigSchema,
  CgroupDriver,
  Container,
  ContainerConfigSchema,
  ContainerEventResponse,
  ContainerFilterSchema,
  ContainerStats,
  ContainerStatus,
  ExecSyncResponse,
  Image,
  LinuxContainerResourcesSchema,
  PodSandbox,
  PodSandboxConfigSchema,
  PodSandboxFilterSchema,
  PodSandboxStatus,
  RuntimeCondition,
  StatusResponse,
  VersionResponse,
} from './generated/runtime_pb.ts';
import { ImageService, RuntimeService } from './generated/runtime_pb.ts';
import { GrpcSocket, type StreamObserver } from './grpc-socket.ts';

/** Milliseconds for a call that does not wait for a container: what the kubelet allows. */
const CALL_MS_MAX = 2 * 60_000;
/** Milliseconds for making or ending a sandbox, which may wait for network plugins: twice as long, as in the kubelet. */
const SANDBOX_MS_MAX = 2 * CALL_MS_MAX;
/** Milliseconds within which a runtime that is there says so; a dead socket is told after this time at the latest. */
const HELLO_MS_MAX = 1900;

const runtime = RuntimeService.method;
const images = ImageService.method;

/** A connection to a runtime that has answered. Every method rejects with {@link CriError}. */
export class CriClient {
  /** Path of the socket. */
  readonly endpoint: string;
  readonly #socket: GrpcSocket;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
    this.#socket = new GrpcSocket(endpoint);
  }

  /** Who answers; `timeoutMs` bounds the wait. */
  version(timeoutMs = CALL_MS_MAX): Promise<VersionResponse> {
    return this.#socket.call(runtime.version, { version: 'v1' }, { timeoutMs });
  }

  /** What is ready (`RuntimeReady`, `NetworkReady`) and why not. */
  async status(): Promise<readonly RuntimeCondition[]> {
    return (await this.state()).status?.conditions ?? [];
  }

  /** All that the runtime tells of itself; its configuration too when `verbose`. */
  async state(verbose = false): Promise<StatusResponse> {
    return this.#socket.call(runtime.status, { verbose }, { timeoutMs: CALL_MS_MAX });
  }

  /** Tells the runtime the addresses of this node's pods, for runtimes that write their network's configuration from it. */
  async updateRuntimeConfig(podCidr: string): Promise<void> {
    const runtimeConfig = { networkConfig: { podCidr } };
    await this.#socket.call(runtime.updateRuntimeConfig, { runtimeConfig }, { timeoutMs: CALL_MS_MAX });
  }

  /** What manages control groups; undefined where the runtime does not tell (containerd before 2). */
  async cgroupDriver(): Promise<CgroupDriver | undefined> {
    try {
      const answer = await this.#socket.call(runtime.runtimeConfig, {}, { timeoutMs: CALL_MS_MAX });
      return answer.linux?.cgroupDriver;
    } catch (error) {
      if (error instanceof CriError && error.code === 'UNIMPLEMENTED') return undefined;
      throw error;
    }
  }

  /** Makes and starts a sandbox; answers its id. */
  async runPodSandbox(
    config: MessageInitShape<typeof PodSandboxConfigSchema>,
    runtimeHandler = '',
  ): Promise<string> {
    const request = { config, runtimeHandler };
    return (await this.#socket.call(runtime.runPodSandbox, request, { timeoutMs: SANDBOX_MS_MAX }))
      .podSandboxId;
  }

  /** Kills what runs in the sandbox and frees its network; what is not there counts as stopped. */
  async stopPodSandbox(podSandboxId: string): Promise<void> {
    await this.#socket.call(runtime.stopPodSandbox, { podSandboxId }, { timeoutMs: SANDBOX_MS_MAX });
  }

  /** Removes the sandbox and its containers; what is not there counts as removed. */
  async removePodSandbox(podSandboxId: string): Promise<void> {
    await this.#socket.call(runtime.removePodSandbox, { podSandboxId }, { timeoutMs: SANDBOX_MS_MAX });
  }

  /** Rejects with NOT_FOUND when it is not there. */
  async podSandboxStatus(podSandboxId: string): Promise<PodSandboxStatus> {
    const request = { podSandboxId };
    const answer = await this.#socket.call(runtime.podSandboxStatus, request, { timeoutMs: CALL_MS_MAX });
    return present(answer.status, 'PodSandboxStatus');
  }

  /** All sandboxes that pass the filter, dead ones too. */
  async listPodSandbox(
    filter: MessageInitShape<typeof PodSandboxFilterSchema> = {},
  ): Promise<readonly PodSandbox[]> {
    return (await this.#socket.call(runtime.listPodSandbox, { filter }, { timeoutMs: CALL_MS_MAX })).items;
  }

  /** Makes a container in a sandbox; answers its id. The sandbox's own configuration is given once more. */
  async createContainer(
    podSandboxId: string,
    config: MessageInitShape<typeof ContainerConfigSchema>,
    sandboxConfig: MessageInitShape<typeof PodSandboxConfigSchema>,
  ): Promise<string> {
    const request = { podSandboxId, config, sandboxConfig };
    return (await this.#socket.call(runtime.createContainer, request, { timeoutMs: CALL_MS_MAX }))
      .containerId;
  }

  /** Starts a container that was made and never started. */
  async startContainer(containerId: string): Promise<void> {
    await this.#socket.call(runtime.startContainer, { containerId }, { timeoutMs: CALL_MS_MAX });
  }

  /** Sends the stop signal, kills after that many seconds, and resolves once the container has ended. */
  async stopContainer(containerId: string, timeoutSeconds: number): Promise<void> {
    const request = { containerId, timeout: BigInt(timeoutSeconds) };
    const timeoutMs = timeoutSeconds * 1000 + CALL_MS_MAX;
    await this.#socket.call(runtime.stopContainer, request, { timeoutMs });
  }

  /** Kills it where it runs, and removes it; what is not there counts as removed. */
  async removeContainer(containerId: string): Promise<void> {
    await this.#socket.call(runtime.removeContainer, { containerId }, { timeoutMs: CALL_MS_MAX });
  }

  /** All containers that pass the filter, ended ones too. */
  async listContainers(
    filter: MessageInitShape<typeof ContainerFilterSchema> = {},
  ): Promise<readonly Container[]> {
    return (await this.#socket.call(runtime.listContainers, { filter }, { timeoutMs: CALL_MS_MAX }))
      .containers;
  }

  /** Rejects with NOT_FOUND when it is not there. */
  async containerStatus(containerId: string): Promise<ContainerStatus> {
    const request = { containerId };
    const answer = await this.#socket.call(runtime.containerStatus, request, { timeoutMs: CALL_MS_MAX });
    return present(answer.status, 'ContainerStatus');
  }

  /** Sets other limits for a container that runs. */
  async updateContainerResources(
    containerId: string,
    linux: MessageInitShape<typeof LinuxContainerResourcesSchema>,
  ): Promise<void> {
    const request = { containerId, linux };
    await this.#socket.call(runtime.updateContainerResources, request, { timeoutMs: CALL_MS_MAX });
  }

  /** Opens the container's log path anew, after the old file was renamed. */
  async reopenContainerLog(containerId: string): Promise<void> {
    await this.#socket.call(runtime.reopenContainerLog, { containerId }, { timeoutMs: CALL_MS_MAX });
  }

  /** Runs a command in a container to its end; 0 seconds is no limit. */
  execSync(containerId: string, cmd: readonly string[], timeoutSeconds: number): Promise<ExecSyncResponse> {
    const request = { containerId, cmd: [...cmd], timeout: BigInt(timeoutSeconds) };
    const limits = timeoutSeconds === 0 ? {} : { timeoutMs: timeoutSeconds * 1000 + CALL_MS_MAX };
    return this.#socket.call(runtime.execSync, request, limits);
  }

  /** Prepares a command whose streams are had at the answered address. */
  async exec(
    containerId: string,
    cmd: readonly string[],
    streams: {
      readonly tty: boolean;
      readonly stdin: boolean;
      readonly stdout: boolean;
      readonly stderr: boolean;
    },
  ): Promise<string> {
    const request = { containerId, cmd: [...cmd], ...streams };
    return (await this.#socket.call(runtime.exec, request, { timeoutMs: CALL_MS_MAX })).url;
  }

  /** Prepares the streams of the container's own process, had at the answered address. */
  async attach(
    containerId: string,
    streams: {
      readonly tty: boolean;
      readonly stdin: boolean;
      readonly stdout: boolean;
      readonly stderr: boolean;
    },
  ): Promise<string> {
    return (await this.#socket.call(runtime.attach, { containerId, ...streams }, { timeoutMs: CALL_MS_MAX }))
      .url;
  }

  /** Prepares connections into the sandbox, had at the answered address. */
  async portForward(podSandboxId: string, ports: readonly number[]): Promise<string> {
    const request = { podSandboxId, port: [...ports] };
    return (await this.#socket.call(runtime.portForward, request, { timeoutMs: CALL_MS_MAX })).url;
  }

  /**
   * Tells what happens to containers from now on; answers how to stop that. A runtime that cannot (containerd before
   * 1.7) ends the stream with UNIMPLEMENTED.
   */
  getContainerEvents(observer: StreamObserver<ContainerEventResponse>): () => void {
    return this.#socket.stream(runtime.getContainerEvents, {}, observer);
  }

  /** Every image that is there. */
  async listImages(): Promise<readonly Image[]> {
    return (await this.#socket.call(images.listImages, {}, { timeoutMs: CALL_MS_MAX })).images;
  }

  /** The image of that name, digest or id; undefined when it is not there. */
  async imageStatus(image: string): Promise<Image | undefined> {
    return (await this.#socket.call(images.imageStatus, { image: { image } }, { timeoutMs: CALL_MS_MAX }))
      .image;
  }

  /** Fetches an image; answers the reference to make containers with. It may take for ever: give a signal. */
  async pullImage(
    image: string,
    auth?: MessageInitShape<typeof AuthConfigSchema>,
    signal?: AbortSignal,
  ): Promise<string> {
    const request = { image: { image }, ...(auth === undefined ? {} : { auth }) };
    return (await this.#socket.call(images.pullImage, request, signal === undefined ? {} : { signal }))
      .imageRef;
  }

  /** Forgets an image; what is not there counts as removed. */
  async removeImage(image: string): Promise<void> {
    await this.#socket.call(images.removeImage, { image: { image } }, { timeoutMs: CALL_MS_MAX });
  }

  /** Where images are kept, as paths of this machine. */
  async imageDirectories(): Promise<readonly string[]> {
    const answer = await this.#socket.call(images.imageFsInfo, {}, { timeoutMs: CALL_MS_MAX });
    return answer.imageFilesystems.flatMap(({ fsId }) => (fsId?.mountpoint ? [fsId.mountpoint] : []));
  }

  /** Figures of the containers of a sandbox. */
  async listContainerStats(podSandboxId: string): Promise<readonly ContainerStats[]> {
    const request = { filter: { podSandboxId } };
    return (await this.#socket.call(runtime.listContainerStats, request, { timeoutMs: CALL_MS_MAX })).stats;
  }

  /** Ends the connection. Idempotent. */
  close(): void {
    this.#socket.close();
  }
}

/**
 * Connects to the runtime that listens on that socket (`/run/containerd/containerd.sock`, with or without `unix://`).
 *
 * @throws {CriError} within two seconds when nobody answers CRI v1 there; the message names the socket and what is wrong with it.
 */
export async function openCri(endpoint: string): Promise<CriClient> {
  const path = endpoint.replace(/^unix:(\/\/)?/, '');
  const client = new CriClient(path);
  try {
    await client.version(HELLO_MS_MAX);
    return client;
  } catch (error) {
    client.close();
    if (!(error instanceof CriError)) throw error;
    const message = `no container runtime answers on ${path} (${reasonOf(path, error)})`;
    throw new CriError(error.code, message, { cause: error });
  }
}

function reasonOf(path: string, { code, message }: CriError): string {
  const trouble = socketTrouble(path, /\b(ENOENT|ECONNREFUSED|EACCES|ENOTSOCK)\b/.exec(message)?.[1]);
  if (trouble !== undefined) return trouble;
  if (code === 'DEADLINE_EXCEEDED') return `no answer in ${HELLO_MS_MAX / 1000} s`;
  return code === 'UNIMPLEMENTED' ? 'it does not speak CRI v1' : message;
}

function present<Value>(value: Value | undefined, call: string): Value {
  if (value === undefined) throw new CriError('INTERNAL', `${call} was answered without a status`);
  return value;
}
