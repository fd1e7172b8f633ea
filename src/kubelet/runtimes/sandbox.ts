/** A pod's place to run: what the node agent asks for, and what a runtime tells of it (CRI: PodSandbox). */
import type { SecurityProfile, SeLinuxLabel } from './security-profile.ts';
import type { TextMap } from './text-map.ts';

/** A sandbox can hold containers only while it is ready. */
export type SandboxState = 'ready' | 'notready';
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
  readonly seccomp?: SecurityProfile;
  /** Absent: the runtime chooses one. */
  readonly seLinux?: SeLinuxLabel;
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
