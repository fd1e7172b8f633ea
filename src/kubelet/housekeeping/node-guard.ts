/** Keeps the node from running out of memory, disk and tasks: evicts pods, and clears images away. */
import { stat, statfs } from 'node:fs/promises';
import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { EventRecorder, Logger } from '../../client/index.ts';
import type { PodGroups } from '../cgroups/index.ts';
import {
  type EvictablePod,
  EvictionManager,
  observe,
  type PodUse,
  type Pressure,
  type ScarceResource,
} from '../eviction/index.ts';
import { type DiskFill, ImageGc } from '../images/image-gc.ts';
import type { NodeSettings } from '../node-settings.ts';
import { isLive } from '../pod/pod-view.ts';
import type { PodWorker } from '../pod/pod-worker.ts';
import type { Refusal } from '../pod/refusal.ts';
import type { PodDirectories } from '../pod-directories.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { podDiskUse } from '../stats/pod-disk-use.ts';

/** Seconds that an evicted pod gets: the node has no time to lose. */
const EVICTION_GRACE_SECONDS = 1;

/** What it depends on. */
export interface NodeGuardOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly runtime: Runtime;
  readonly settings: NodeSettings;
  readonly directories: PodDirectories;
  readonly groups: PodGroups | undefined;
  workers(): Iterable<PodWorker>;
  /** The node's conditions have changed. */
  readonly changed: () => void;
  /** Makes an event of the node. */
  readonly tell: (reason: string, message: string) => void;
}

/** See the file's head. */
export class NodeGuard {
  readonly #options: NodeGuardOptions;
  readonly #evictions: EvictionManager;
  /** Absent where containers are made from no images. */
  readonly #images: ImageGc | undefined;

  constructor(options: NodeGuardOptions) {
    this.#options = options;
    const { clock, log, events, runtime, settings, directories, changed, tell } = options;
    this.#images = !runtime.traits.images
      ? undefined
      : new ImageGc({
          clock,
          log,
          images: runtime.images,
          policy: settings.imageGc,
          fill: () => this.#fill(),
        });
    this.#evictions = new EvictionManager({
      clock,
      log,
      events,
      thresholds: settings.evictionHard,
      transitionMs: settings.evictionTransitionMs,
      observe: async () => observe(directories.files, await this.#imagesDirectory()),
      imagesApart: () => this.#imagesApart(),
      pods: () => this.#evictable(),
      reclaim: async () => this.#images?.collectAll(),
      changed,
      attempting: (resource: ScarceResource) =>
        tell('EvictionThresholdMet', `Attempting to reclaim ${resource}`),
    });
  }

  /** What the node is short of. */
  get pressures(): ReadonlySet<Pressure> {
    return this.#evictions.pressures;
  }

  /** Resolves when it is known what the node is short of now. */
  async start(): Promise<void> {
    await Promise.all([this.#images?.start(), this.#evictions.start()]);
  }

  stop(): void {
    this.#images?.stop();
    this.#evictions.stop();
  }

  /** Why a pod cannot be taken on now, undefined for one that can. */
  admit(pod: DeepReadonly<Pod>): Refusal | undefined {
    return this.#evictions.admit(pod);
  }

  *#evictable(): Generator<EvictablePod> {
    const { directories, runtime } = this.#options;
    for (const worker of this.#options.workers()) {
      if (!worker.running) continue;
      yield {
        pod: worker.pod,
        memoryUse: () => this.#memoryUse(worker),
        diskUse: () => podDiskUse(worker, directories, runtime),
        taskCount: async () => (await this.#options.groups?.taskCount(worker.pod)) ?? 0,
        evict: (reason, message, disruption) =>
          worker.fail({ reason, message, disruption, graceSeconds: EVICTION_GRACE_SECONDS }),
      };
    }
  }

  async #memoryUse({ pod, view }: PodWorker): Promise<PodUse> {
    const { groups } = this.#options;
    const containers = new Map<string, number>();
    if (groups === undefined) return { pod, containers, total: 0 };
    for (const { run, spec } of view.containers) {
      if (run === undefined || !isLive(run)) continue;
      const { attempt } = run;
      containers.set(spec.name, await groups.workingSet(pod, { container: spec.name, attempt }));
    }
    return { pod, containers, total: await groups.workingSet(pod) };
  }

  async #imagesApart(): Promise<boolean> {
    const images = await this.#imagesDirectory();
    if (images === undefined) return false;
    return (await stat(images)).dev !== (await stat(this.#options.directories.files)).dev;
  }

  /** Undefined where there are none, or where that is on no disk that is seen from here. */
  async #imagesDirectory(): Promise<string | undefined> {
    const { runtime } = this.#options;
    if (!runtime.traits.images) return undefined;
    const directory = await runtime.images.directory().catch(() => undefined); // The runtime is away, and will be asked again.
    const isSeen = directory !== undefined && (await stat(directory).catch(() => undefined)) !== undefined;
    return isSeen ? directory : undefined;
  }

  async #fill(): Promise<DiskFill> {
    const place = (await this.#imagesDirectory()) ?? this.#options.directories.files;
    const { bsize, blocks, bavail } = await statfs(place);
    return { capacityBytes: blocks * bsize, usedBytes: (blocks - bavail) * bsize };
  }
}
