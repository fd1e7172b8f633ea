/** What a node, its pods and their containers use at one time, as its agent measures it. Times are wall milliseconds. */

/** Processor time and memory. */
export interface Consumption {
  /** When it was measured. */
  readonly time: number;
  /** Since the node booted, or since the container or the first container of the pod began. */
  readonly cpuSeconds: number;
  /** Processors used on average over the `windowMs` before `time`; absent while nobody has looked twice. */
  readonly rate?: { readonly cpus: number; readonly windowMs: number };
  /** Bytes in use that the kernel could not give up. */
  readonly workingSetBytes: number;
  /** Bytes in use. */
  readonly memoryBytes: number;
  /** The control group in which it is counted. */
  readonly group?: string;
}

/** A file system, or the part of it that somebody takes. Bytes. */
export interface DiskRoom {
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly usedBytes: number;
  /** Absent where the file system has no fixed number of them. */
  readonly inodes?: number;
  readonly inodesFree?: number;
}

/** What a container that runs uses. */
export interface ContainerConsumption {
  readonly name: string;
  readonly startedAt: number;
  /** The runtime's id of it, and its image as the pod names it. */
  readonly id: string;
  readonly image: string;
  /** Absent where it cannot be measured. */
  readonly use?: Consumption;
  /** What its log takes, and what it has written outside of volumes. Bytes; absent unless asked for. */
  readonly disk?: { readonly logBytes: number; readonly writtenBytes: number };
}

/** What a pod of which something runs uses. */
export interface PodConsumption {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly startedAt: number;
  /** All its containers together. Absent where it cannot be measured. */
  readonly use?: Consumption;
  readonly containers: readonly ContainerConsumption[];
  /** Bytes that each `emptyDir` takes, by the volume's name; absent unless asked for. */
  readonly volumes?: Readonly<Record<string, number>>;
}

/** What a node uses, and each of its pods. */
export interface NodeConsumption {
  readonly name: string;
  readonly bootedAt: number;
  readonly use: Consumption;
  /** Bytes of memory that are left. */
  readonly memoryAvailableBytes: number;
  /** The file system of pods' files, and that of images; absent unless asked for. */
  readonly disk?: { readonly pods: DiskRoom; readonly images?: DiskRoom };
  readonly pods: readonly PodConsumption[];
}
