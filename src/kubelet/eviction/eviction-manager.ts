/**
 * Watches what the node has left, and evicts pods before it runs out: one at a time, so that the next look sees what that
 * gave. Pods that use more of the node's disk than they may are evicted too. Source: pkg/kubelet/eviction.
 */
import type { Clock, Timer } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { qosClassOf } from '../../apis/core/pod/qos.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { EventRecorder, Logger } from '../../client/index.ts';
import type { Refusal } from '../pod/refusal.ts';
import { added, type Disk, type DiskUse, takenOf } from './disk-use.ts';
import { brokenLimit, hasLocalLimits } from './local-limits.ts';
import { evictionMessage, isCritical, type PodUse, ranked } from './rank.ts';
import {
  diskOf,
  metThresholds,
  type Observations,
  PRESSURES,
  type Pressure,
  pressureOf,
  resourceOf,
  type ScarceResource,
  type Threshold,
} from './thresholds.ts';

/** Milliseconds between two looks (the kubelet's housekeeping). */
const LOOK_MS = 10_000;
const REASON = 'Evicted';

/** A pod that runs here, and what the manager may do with it. */
export interface EvictablePod {
  readonly pod: DeepReadonly<Pod>;
  memoryUse(): Promise<PodUse>;
  diskUse(): Promise<DiskUse>;
  /** How many tasks there are in it. */
  taskCount(): Promise<number>;
  /**
   * Ends it at once, as failed with that reason and message; with the condition DisruptionTarget where the node needs what it
   * has, and without where the pod itself broke its limits.
   */
  evict(reason: string, message: string, isDisruption: boolean): void;
}

/** What the manager depends on. */
export interface EvictionOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly thresholds: readonly Threshold[];
  /** Milliseconds for which a pressure is told after it was last seen. */
  readonly transitionMs: number;
  readonly observe: () => Promise<Observations>;
  /** Whether images, and what containers write beside volumes, lie on another disk than the node agent's files. */
  readonly imagesApart: () => Promise<boolean>;
  pods(): Iterable<EvictablePod>;
  /** Frees space of the images' disk that no pod needs; it may free nothing. */
  readonly reclaim: () => Promise<void>;
  /** Tells of the node that it has begun to free that resource. */
  readonly attempting: (resource: ScarceResource) => void;
  /** The node's conditions have changed. */
  readonly changed: () => void;
}

/** See the file's head. */
export class EvictionManager {
  readonly #options: EvictionOptions;
  /** When each pressure was last seen, monotonic milliseconds: a clock that is set must not keep it. */
  readonly #seen = new Map<Pressure, number>();
  #pressures: ReadonlySet<Pressure> = new Set();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: EvictionOptions) {
    this.#options = options;
  }

  /** What the node is short of. */
  get pressures(): ReadonlySet<Pressure> {
    return this.#pressures;
  }

  /** Resolves when the machine was looked at once. */
  async start(): Promise<void> {
    await this.#look();
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Why a pod cannot be taken on now, undefined for one that can. */
  admit(pod: DeepReadonly<Pod>): Refusal | undefined {
    if (this.#pressures.size === 0 || isCritical(pod)) return undefined;
    if (this.#pressures.has('MemoryPressure') && this.#pressures.size === 1) {
      // Short of memory alone, a node takes pods that say how much they need, and those that accept the risk.
      if ((pod.status.qosClass ?? qosClassOf(pod.spec)) !== 'BestEffort') return undefined;
      if (toleratesMemoryPressure(pod)) return undefined;
    }
    const message = `The node had condition: [${[...this.#pressures].join(' ')}]. `;
    return { reason: REASON, message };
  }

  #schedule(): void {
    if (this.#stopped) return;
    const look = (): void => void this.#look().then(() => this.#schedule());
    this.#timer = this.#options.clock.after(LOOK_MS, look, { background: true });
  }

  async #look(): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#endOverLimits();
      await this.#relieve();
    } catch (error) {
      log.warn({ error }, 'the node could not be looked at for want of memory or disk, trying again');
    }
  }

  async #relieve(): Promise<void> {
    const { thresholds, observe, reclaim, attempting, imagesApart } = this.#options;
    let observed = await observe();
    let [met] = metThresholds(thresholds, observed);
    this.#note(metThresholds(thresholds, observed));
    if (met === undefined) return;
    attempting(resourceOf(met));
    const disks = disksOf(met, await imagesApart());
    if (disks.has('imagefs')) {
      await reclaim();
      observed = await observe();
      [met] = metThresholds(thresholds, observed);
    }
    if (met === undefined || this.#stopped) return;
    const resource = resourceOf(met);
    const pods = [...this.#options.pods()];
    const uses = await Promise.all(pods.map((each) => useOf(each, resource, disks)));
    const [first] = ranked(uses, resource);
    if (first === undefined) return;
    this.#evict(pods[uses.indexOf(first)], evictionMessage(first, met, observed), true);
  }

  /** Takes in what is met now, and tells the node's owner when its conditions are others than before. */
  #note(met: readonly Threshold[]): void {
    const { clock, transitionMs, changed } = this.#options;
    const now = clock.monotonic();
    for (const threshold of met) this.#seen.set(pressureOf(threshold), now);
    const present = PRESSURES.filter((pressure) => {
      const last = this.#seen.get(pressure);
      return last !== undefined && (last === now || now - last < transitionMs);
    });
    const before = this.#pressures;
    this.#pressures = new Set(present);
    if (before.size !== present.length || present.some((pressure) => !before.has(pressure))) changed();
  }

  async #endOverLimits(): Promise<void> {
    for (const each of this.#options.pods()) {
      if (!hasLocalLimits(each.pod) || isCritical(each.pod)) continue;
      const apart = await this.#options.imagesApart();
      const message = brokenLimit(each.pod, await each.diskUse(), apart);
      if (message !== undefined) this.#evict(each, message, false);
    }
  }

  #evict(evictable: EvictablePod | undefined, message: string, isDisruption: boolean): void {
    if (evictable === undefined) return;
    this.#options.events.event(evictable.pod, 'Warning', REASON, message);
    evictable.evict(REASON, message, isDisruption);
  }
}

/** What has to be freed for that signal to rise: one disk or, where all is on the same, both. */
function disksOf(threshold: Threshold, imagesApart: boolean): ReadonlySet<Disk> {
  const disk = diskOf(threshold);
  if (disk === undefined) return new Set();
  return new Set(imagesApart ? [disk] : (['nodefs', 'imagefs'] as const));
}

async function useOf(
  each: EvictablePod,
  resource: ScarceResource,
  disks: ReadonlySet<Disk>,
): Promise<PodUse> {
  const { pod } = each;
  switch (resource) {
    case 'memory':
      return each.memoryUse();
    case 'pids':
      return { pod, containers: new Map(), total: await each.taskCount() };
    case 'inodes':
      return { pod, containers: new Map(), total: takenOf(pod, await each.diskUse(), disks).inodes };
    case 'ephemeral-storage': {
      const use = await each.diskUse();
      const containers = [...use.containers].map(
        ([name, { logs, written }]) => [name, added(logs, written).bytes] as const,
      );
      return { pod, containers: new Map(containers), total: takenOf(pod, use, disks).bytes };
    }
  }
}

function toleratesMemoryPressure({ spec: { tolerations = [] } }: DeepReadonly<Pod>): boolean {
  return tolerations.some(
    ({ key, effect, operator, value = '' }) =>
      (effect === undefined || effect === 'NoSchedule') &&
      (operator === 'Exists'
        ? key === undefined || key === 'node.kubernetes.io/memory-pressure'
        : key === 'node.kubernetes.io/memory-pressure' && value === ''),
  );
}
