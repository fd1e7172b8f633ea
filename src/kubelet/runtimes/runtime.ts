/**
 * What the node agent asks of whatever runs containers. Shaped like the Container Runtime Interface (CRI v1: RuntimeService
 * and ImageService), so that `cri/` is a thin translation and the others know which rules they have to keep.
 *
 * Rules that every runtime keeps, shown by `testing/suite.ts`: a sandbox is a pod's place to run, containers live in it;
 * stopping and removing are idempotent and succeed for what is not there; removing a sandbox removes its containers;
 * times are wall milliseconds; every exit of a container is told once or more as an event, and the container's status
 * tells of the exit before the event does; what the runtime made is found again, with its labels and annotations, after
 * the process was started anew (unless the runtime's `traits` say that nothing survives).
 */

import type { PortConnection, RemoteProcess, WantedStreams } from '../../apimachinery/streaming/index.ts';

import type { Container, ContainerConfig, ContainerStatus, LinuxResources } from './container.ts';
import type { ImageService } from './image.ts';
import type { Sandbox, SandboxConfig, SandboxStatus } from './sandbox.ts';
import type { TextMap } from './text-map.ts';

/** What distinguishes the runtimes for the node agent. */
export interface RuntimeTraits {
  /** Name in container ids (`containerd://…`) and messages. */
  readonly name: string;
  /** Whether containers see files: without, no volume, log or directory is made. */
  readonly files: boolean;
  /** Whether the image matters: without, nothing is looked up or pulled. */
  readonly images: boolean;
  /** Whether pods have addresses of their own; otherwise theirs is the node's. */
  readonly podAddresses: boolean;
  /** Whether containers go on when this process ends, to be found again by the next. */
  readonly lasting: boolean;
  /**
   * Whether a container that is told as created has never run. Docker notes that one runs once it does, and knows nothing of it when
   * it is killed in between.
   */
  readonly notesStarts: boolean;
  /** How control groups are named that sandboxes and containers can be put below: by their path, as systemd's slices, or not at all. */
  readonly cgroupParents: CgroupParents;
  /** Whether containers join control groups that the node agent made for them, with their limits. */
  readonly joinsCgroups: boolean;
  /** Whether containers see what this process mounts below the node agent's directory: not so from a container beside its host's engine. */
  readonly seesMounts: boolean;
  /** What containers may ask for that not every runtime can do. */
  readonly features: RuntimeFeatures;
  /** Whose pods these are, of the servers that use the same runtime; absent where nobody else can. */
  readonly owner?: string;
  /** What a user must know before running pods here, one sentence each; told once, by event and notice. */
  readonly warnings: readonly string[];
}

/** See {@link RuntimeTraits.cgroupParents}. */
export type CgroupParents = 'path' | 'slice' | 'none';

/** What only some runtimes can do, and a pod that asks for it is told about where it is missing. */
export interface RuntimeFeatures {
  readonly supplementalGroupsPolicy: boolean;
  readonly recursiveReadOnlyMounts: boolean;
  /** Ways to run pods (`runtimeHandler`; the default is empty) that can give them users of their own. */
  readonly userNamespaces: readonly string[];
}

/** Who made the answers. */
export interface RuntimeVersion {
  readonly name: string;
  readonly version: string;
  /** Version of the interface: `v1`. */
  readonly apiVersion: string;
}

/** Whether pods can be run now. */
export interface RuntimeStatus {
  readonly ready: boolean;
  readonly networkReady: boolean;
  /** Why not, when one of the two is false. */
  readonly message?: string;
}

/** Chooses sandboxes or containers; every given part must match. */
export interface RuntimeFilter {
  readonly id?: string;
  readonly sandboxId?: string;
  readonly labels?: TextMap;
}

/** A container's exit (or, from some runtimes, another change of it). */
export interface RuntimeEvent {
  readonly podUid: string;
  readonly containerId: string;
  /** Where the runtime knows it already, so that nobody has to ask. */
  readonly status?: ContainerStatus;
}

/** What a container wrote. */
export interface WrittenFiles {
  readonly bytes: number;
  /** 0 where the runtime does not count them. */
  readonly inodes: number;
}

/** What a command run inside a container gave. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** See the file's head. Every method rejects with a {@link RuntimeError}. */
export interface Runtime {
  readonly traits: RuntimeTraits;
  readonly images: ImageService;
  version(): Promise<RuntimeVersion>;
  status(): Promise<RuntimeStatus>;

  /** Makes and starts a sandbox; answers its id. Another server's are neither listed nor told of. */
  runPodSandbox(config: SandboxConfig): Promise<string>;
  /** Ends everything in it and frees its network. */
  stopPodSandbox(id: string): Promise<void>;
  removePodSandbox(id: string): Promise<void>;
  podSandboxStatus(id: string): Promise<SandboxStatus>;
  listPodSandboxes(filter?: RuntimeFilter): Promise<readonly Sandbox[]>;

  /** Sandboxes of other servers that are gone for ever (see owner.ts), to be stopped and removed by whoever finds them. */
  abandonedSandboxes(): Promise<readonly Sandbox[]>;

  /** Makes a container in a sandbox; answers its id. Refuses with `Unsupported` what this runtime cannot honour. */
  createContainer(sandboxId: string, config: ContainerConfig, sandbox: SandboxConfig): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** Asks it to end, and kills it after `timeoutSeconds`. Resolves once it has ended. */
  stopContainer(id: string, timeoutSeconds: number): Promise<void>;
  removeContainer(id: string): Promise<void>;
  containerStatus(id: string): Promise<ContainerStatus>;
  listContainers(filter?: RuntimeFilter): Promise<readonly Container[]>;
  /** Runs a command in a container and waits for its end, or kills it after the time limit and rejects with `TimedOut`. */
  execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult>;
  /**
   * Runs a command in a running container, with its streams. What goes wrong before the command is run rejects; that it
   * cannot be run may also be told by the `exit` of the process. The command ends with its container at the latest.
   */
  exec(id: string, command: readonly string[], wanted: WantedStreams): Promise<RemoteProcess>;
  /**
   * Joins the streams of a running container's own process, from now on; several may. `tty` has to be what the container
   * was made with. Its exit is 0: the container's own end is told elsewhere.
   */
  attach(id: string, wanted: WantedStreams): Promise<RemoteProcess>;
  /** Opens a connection to a port within a ready sandbox. Rejects with words for the client when nobody listens there. */
  portForward(sandboxId: string, port: number): Promise<PortConnection>;
  /** Gives a running container other limits; a runtime that enforces none has nothing to do. */
  updateContainerResources(id: string, resources: LinuxResources): Promise<void>;
  /** Begins a new log file after the old one was renamed. */
  reopenContainerLog(id: string): Promise<void>;

  /** What each container of a sandbox wrote outside volumes, by id; may lag some seconds behind. */
  written(sandboxId: string): Promise<ReadonlyMap<string, WrittenFiles>>;

  /** Tells of every container's exit from now on; answers how to stop that. */
  onEvent(listener: (event: RuntimeEvent) => void): () => void;
  /** Releases connections and timers; containers go on. Idempotent. */
  close(): Promise<void>;
}
