/** What a node lends to each of its pods' workers. */
import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod, ServiceAccountTokenProjection } from '../../apis/core/types.ts';
import type { Client, EventRecorder, Logger } from '../../client/index.ts';
import type { CgroupTraits, PodGroups } from '../cgroups/index.ts';
import type { ClusterDns, HostDns } from '../container/pod-network.ts';
import type { DeviceAllocator } from '../devices/index.ts';
import type { ConfigSource } from '../environment/config-source.ts';
import type { ServiceLinks } from '../environment/service-links.ts';
import type { ImagePuller } from '../images/image-puller.ts';
import type { NodeNames } from '../names/index.ts';
import type { NodeSettings } from '../node-settings.ts';
import type { PodDirectories } from '../pod-directories.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { ServerAccess } from '../server-access.ts';
import type { StatusContext } from '../status/pod-status.ts';
import type { StatusWriter } from '../status/status-writer.ts';
import type { MemoryDisk } from '../volumes/memory-disk.ts';
import type { IssuedToken } from '../volumes/payload.ts';
import type { Refusal } from './refusal.ts';
import type { UserRanges } from './user-ranges.ts';

/** See the file's head. */
export interface NodeServices {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly runtime: Runtime;
  readonly statuses: StatusWriter;
  readonly images: ImagePuller;
  readonly config: ConfigSource;
  readonly directories: PodDirectories;
  readonly memoryDisk: MemoryDisk;
  readonly userRanges: UserRanges;
  /** What every pod's status is made with. */
  readonly statusContext: StatusContext;
  readonly settings: NodeSettings;
  readonly devices: DeviceAllocator;
  /** Control groups of pods, where this node makes them. */
  readonly groups: PodGroups | undefined;
  readonly cgroupTraits: CgroupTraits;
  readonly hostname: string;
  /** Text of the node's own hosts file. */
  readonly hostHosts: string;
  readonly dns: ClusterDns;
  readonly hostDns: HostDns;
  /** Tells pods the names of the cluster, where this node does. */
  readonly names: NodeNames | undefined;
  /** What the node has for pods, by resource. */
  readonly allocatable: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly memoryCapacity: number;
  /** What the node lacks for the resources that a pod of its own asks for now, in the kubelet's words; undefined when nothing. */
  missingFor(pod: DeepReadonly<Pod>): string | undefined;
  /** Tells pods of the services of their namespace, where containers really run. */
  readonly links: ServiceLinks | undefined;
  /** Where pods reach the API server; undefined: they are not told. */
  readonly access: ServerAccess | undefined;
  token(
    pod: DeepReadonly<Pod>,
    projection: DeepReadonly<ServiceAccountTokenProjection>,
  ): Promise<IssuedToken>;
  /** Why a pod cannot be taken on now, for want of something on the node; undefined for one that can. */
  admit(pod: DeepReadonly<Pod>): Refusal | undefined;
  /** Nothing of the pod is left here: its worker can be forgotten. */
  finished(uid: string): void;
}
