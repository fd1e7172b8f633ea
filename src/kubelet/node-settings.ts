/** What a node's owner may choose: the kubelet's flags of the same names, with the kubelet's defaults unless it says so. */
import type { ExtendedResource } from './devices/index.ts';
import { parseThresholds, type Threshold } from './eviction/thresholds.ts';
import type { ImageGcPolicy } from './images/image-gc.ts';
import type { LogLimits } from './logs/index.ts';

/** See the file's head. */
export interface NodeSettings {
  /** Milliseconds after which ConfigMaps, Secrets and the like that are mounted are looked at again (sync-frequency). */
  readonly syncMs: number;
  /** How many tasks a pod may have (pod-max-pids); undefined is no limit. */
  readonly podTasksMax: number | undefined;
  /** When a container's log is set aside (container-log-max-size, container-log-max-files). */
  readonly logs: LogLimits;
  /** How little the node may have left before it evicts pods (eviction-hard). */
  readonly evictionHard: readonly Threshold[];
  /** Milliseconds for which a pressure is told after it was last seen (eviction-pressure-transition-period). */
  readonly evictionTransitionMs: number;
  /** When images are removed (image-gc-high-threshold, image-gc-low-threshold, minimum-image-ttl-duration). */
  readonly imageGc: ImageGcPolicy;
  /** What pods may not have, by resource (system-reserved). */
  readonly reserved: Readonly<Record<string, string>>;
  /** Devices that pods may ask for. */
  readonly extendedResources: readonly ExtendedResource[];
}

/**
 * What holds where nothing is chosen. The kubelet evicts when a tenth of its disk is left, or 15 % of the images', which
 * on a large disk is more than all of a developer's pods use; here it is a twentieth of either. Images are removed before that.
 */
export const DEFAULT_NODE_SETTINGS: NodeSettings = {
  syncMs: 60_000,
  podTasksMax: undefined,
  logs: { bytesMax: 10 * 1024 * 1024, filesMax: 5 },
  evictionHard: parseThresholds(
    'memory.available<100Mi,nodefs.available<5%,nodefs.inodesFree<5%,imagefs.available<5%,imagefs.inodesFree<5%',
  ),
  evictionTransitionMs: 5 * 60_000,
  imageGc: { highPercent: 85, lowPercent: 80, minAgeMs: 2 * 60_000 },
  reserved: {},
  extendedResources: [],
};
