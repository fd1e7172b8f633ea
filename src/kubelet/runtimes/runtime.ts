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

/** A sandbox can hold containers only while it is ready. */
export type SandboxState = 'ready' | 'notready';
/** Where a container is in its life; it only moves forward, `unknown` when the runtime lost sight of it. */
export type ContainerState = 'created' | 'running' | 'exited' | 'unknown';

/** Text by name: labels, annotations. */
export type TextMap = Readonly<Record<string, string>>;

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
  /** Whether sandboxes and containers can be put below control groups that are named by their path. */
  readonly cgroupParents: boolean;
  /** Whether containers join control groups that the node agent made for them; what they use is then counted, not limited. */
  readonly joinsCgroups: boolean;
  /** What containers may ask for that not every runtime can do. */
  readonly features: RuntimeFeatures;
  /** Whose pods these are, of the servers that use the same runtime; absent where nobody else can. */
  readonly owner?: string;
  /** What a user must know before running pods here, one sentence each; told once, by event and notice. */
  readonly warnings: readonly string[];
}

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

/** A port of the node that leads into a sandbox. */
export interface PortMapping {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIP: string;
}

/** Resolver settings of a sandbox. */
export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** Which seccomp profile confines a container. */
export interface SeccompProfile {
  readonly type: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
  /** Path of the profile, for `Localhost`. */
  readonly localhostRef?: string;
}

/** Users (and groups, by the same numbers) of the node that stand for those of a pod, from its root on. */
export interface UserRange {
  readonly first: number;
  readonly length: number;
}

/** Linux settings of a sandbox. */
export interface LinuxSandboxConfig {
  readonly hostNetwork: boolean;
  readonly hostPid: boolean;
  readonly hostIpc: boolean;
  /** Containers of the pod see each other's processes. */
  readonly sharePid: boolean;
  readonly privileged: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups: readonly number[];
  readonly readonlyRootfs: boolean;
  readonly seccomp?: SeccompProfile;
  readonly sysctls: TextMap;
  readonly cgroupParent?: string;
  /** Its users are of its own; absent: they are the node's. */
  readonly users?: UserRange;
}

/** A pod's place to run. */
export interface SandboxConfig {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    /** Counts the sandboxes of one pod, from 0. */
    readonly attempt: number;
  };
  readonly hostname: string;
  /** Directory that container log paths are relative to; empty where the runtime has no files. */
  readonly logDirectory: string;
  readonly dns?: DnsConfig;
  readonly portMappings: readonly PortMapping[];
  readonly labels: TextMap;
  readonly annotations: TextMap;
  /** Which of the runtime's ways to run pods; absent: its default. */
  readonly runtimeHandler?: string;
  readonly linux: LinuxSandboxConfig;
}

/** Something of the node that a container sees. */
export interface Mount {
  /** Name of the volume; empty for what the node agent adds by itself. */
  readonly name: string;
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readonly: boolean;
  /** What is mounted below it is read-only too. */
  readonly recursiveReadOnly?: boolean;
  readonly propagation: 'private' | 'hostToContainer' | 'bidirectional';
  /** What is mounted is an image (as `pullImage` answered it) and nothing of the node, so that `hostPath` is empty. */
  readonly image?: { readonly ref: string; readonly reference: string; readonly subPath: string };
}

/** Limits of a container, in the units of the kernel. */
export interface LinuxResources {
  /** Microseconds; 0 leaves the kernel's default. */
  readonly cpuPeriod: number;
  /** Microseconds of CPU in each period; 0 is no limit. */
  readonly cpuQuota: number;
  /** Relative weight; 0 leaves the kernel's default. */
  readonly cpuShares: number;
  /** Bytes; 0 is no limit. */
  readonly memoryLimit: number;
  /** -1000 (never) to 1000 (first), to choose whom the kernel kills when memory runs out. */
  readonly oomScoreAdj: number;
  /** cgroup v2 settings, such as `memory.oom.group`. */
  readonly unified: TextMap;
}

/** What a container may do. */
export interface LinuxSecurity {
  readonly privileged: boolean;
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups: readonly number[];
  /** Whether the groups that the image gives the user count too (`Merge`). */
  readonly supplementalGroupsPolicy: 'Merge' | 'Strict';
  /** A container whose processes this one sees as its own (ephemeral containers). */
  readonly targetContainerId?: string;
  readonly readonlyRootfs: boolean;
  readonly noNewPrivileges: boolean;
  readonly seccomp?: SeccompProfile;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
}

/** A container to make. */
export interface ContainerConfig {
  readonly metadata: {
    readonly name: string;
    /** Counts the runs of one container, from 0. */
    readonly attempt: number;
  };
  /** What the runtime knows the image by (as `ensure` answered it). */
  readonly imageRef: string;
  /** What the pod calls it. */
  readonly image: string;
  /** Replaces the image's entrypoint; empty keeps it. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** Empty keeps the image's. */
  readonly workingDir: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly labels: TextMap;
  readonly annotations: TextMap;
  /** Relative to the sandbox's log directory. */
  readonly logPath: string;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  /** Name of the signal that asks it to end; absent: the image's, else SIGTERM. */
  readonly stopSignal?: string;
  /** Names of devices for the runtime's Container Device Interface. */
  readonly cdiDevices?: readonly string[];
  /** Devices of the node that are at the same path in the container. */
  readonly devicePaths?: readonly string[];
  readonly resources: LinuxResources;
  /** The control group below which its own is made; absent: its sandbox's. */
  readonly cgroupParent?: string;
  /** Where the runtime makes no control groups itself: files to whom its process tells its pid, to join one. */
  readonly cgroupFiles?: readonly string[];
  readonly security: LinuxSecurity;
}

/** A sandbox as listed. */
export interface Sandbox {
  readonly id: string;
  readonly metadata: SandboxConfig['metadata'];
  readonly state: SandboxState;
  readonly createdAt: number;
  readonly labels: TextMap;
  readonly annotations: TextMap;
}

/** A sandbox looked at closely. */
export interface SandboxStatus extends Sandbox {
  /** Addresses, the primary one first; empty where the node's own are used. */
  readonly ips: readonly string[];
}

/** A container as listed. */
export interface Container {
  readonly id: string;
  readonly sandboxId: string;
  readonly metadata: ContainerConfig['metadata'];
  readonly image: string;
  readonly imageRef: string;
  readonly state: ContainerState;
  readonly createdAt: number;
  readonly labels: TextMap;
  readonly annotations: TextMap;
}

/** Who the first process of a container is. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
  readonly supplementalGroups: readonly number[];
}

/** A container looked at closely. */
export interface ContainerStatus extends Container {
  /** Absent where the runtime does not tell. */
  readonly user?: ProcessUser;
  /** 0 when it has not started. */
  readonly startedAt: number;
  /** 0 when it has not ended. */
  readonly finishedAt: number;
  /** 128 + n when signal n ended it. Meaningful once it has exited. */
  readonly exitCode: number;
  /** `Completed`, `Error`, `OOMKilled`, `StartError`, `Unknown` or empty. */
  readonly reason: string;
  readonly message: string;
}

/** Chooses sandboxes or containers; every given part must match. */
export interface RuntimeFilter {
  readonly id?: string;
  readonly sandboxId?: string;
  readonly labels?: TextMap;
}

/** An image that is there. */
export interface Image {
  /** Digest of its configuration. */
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** Number or name of the user that the image asks for; absent when it asks for none. */
  readonly user?: string;
  /** Put here by `longshore image build` or `load`: this machine is its registry, so that it counts as pulled. */
  readonly local: boolean;
  /** The runtime itself needs it. */
  readonly pinned?: boolean;
}

/** Name and password for a registry. */
export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  readonly serverAddress: string;
}

/** A container's exit (or, from some runtimes, another change of it). */
export interface RuntimeEvent {
  readonly podUid: string;
  readonly containerId: string;
  /** Where the runtime knows it already, so that nobody has to ask. */
  readonly status?: ContainerStatus;
}

/** What a command run inside a container gave. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** Why a runtime could not do what it was asked, in words for the pod's status. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly kind: 'NotFound' | 'Unavailable' | 'Unsupported' | 'Failed' | 'TimedOut';

  /** The code of the call that failed, as Go names it (`NotFound`); empty where there was no call. */
  readonly code: string;

  constructor(
    kind: RuntimeError['kind'],
    message: string,
    options?: ErrorOptions & { readonly code?: string },
  ) {
    super(message, options);
    this.kind = kind;
    this.code = options?.code ?? '';
  }
}

/** An error as Go prints what a call to a runtime gave; the kubelet shows it so in some places and bare in others. */
export function callErrorText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof RuntimeError) || error.code === '') return message;
  return `rpc error: code = ${error.code} desc = ${message}`;
}

/** See the file's head. Every method rejects with a {@link RuntimeError}. */
export interface Runtime {
  readonly traits: RuntimeTraits;
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

  /** The image of that reference, undefined when it is not there. */
  imageStatus(reference: string): Promise<Image | undefined>;
  /** Fetches an image; answers what to pass as `imageRef`. */
  pullImage(reference: string, auth?: RegistryAuth): Promise<string>;
  listImages(): Promise<readonly Image[]>;
  removeImage(reference: string): Promise<void>;
  /** Names and ids of the images of all containers, whoever's they are. */
  imagesInUse(): Promise<ReadonlySet<string>>;
  /** Where images are kept on this machine; undefined where there are none. */
  imageDirectory(): Promise<string | undefined>;
  /** Bytes that each container of a sandbox wrote outside volumes, by id; may lag some seconds behind. */
  writtenBytes(sandboxId: string): Promise<ReadonlyMap<string, number>>;

  /** Tells of every container's exit from now on; answers how to stop that. */
  onEvent(listener: (event: RuntimeEvent) => void): () => void;
  /** Releases connections and timers; containers go on. Idempotent. */
  close(): Promise<void>;
}
