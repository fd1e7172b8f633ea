/** A container: what the node agent asks for, and what a runtime tells of it (CRI: Container). */
import type { HugePages } from '../huge-pages.ts';
import type { SecurityProfile, SeLinuxLabel } from './security-profile.ts';
import type { TextMap } from './text-map.ts';

/** Where a container is in its life; it only moves forward, `unknown` when the runtime lost sight of it. */
export type ContainerState = 'created' | 'running' | 'exited' | 'unknown';

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
  /** Bytes of memory and swap together; 0 is no limit, or one that {@link unified} sets. */
  readonly swapLimit: number;
  /** -1000 (never) to 1000 (first), to choose whom the kernel kills when memory runs out. */
  readonly oomScoreAdj: number;
  /** Of each size that the kernel knows; no entry leaves it unlimited. */
  readonly hugePages: readonly HugePages[];
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
  readonly seccomp?: SecurityProfile;
  /** Absent: the runtime's own, where the machine has AppArmor. */
  readonly appArmor?: SecurityProfile;
  /** Absent: the runtime chooses one. */
  readonly seLinux?: SeLinuxLabel;
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
