/** Keeps the node from running out of memory, disk and tasks: evicts pods, and clears images away. */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../apimachinery/clock.ts';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Pod } from '../apis/core/types.ts';
import type { EventRecorder, Logger } from '../client/index.ts';
import type { PodGroups } from './cgroups/index.ts';
import {
  bytesBelow,
  type DiskUse,
  type EvictablePod,
  EvictionManager,
  observe,
  type PodUse,
  type Pressure,
} from './eviction/index.ts';
import { type DiskFill, ImageGc } from './images/image-gc.ts';
import type { NodeSettings } from './node-settings.ts';
import { isLive } from './pod/pod-view.ts';
import type { PodWorker } from './pod/pod-worker.ts';
import type { Refusal } from './pod/refusal.ts';
import type { PodDirectories } from './pod-directories.ts';
import type { Runtime } from './runtimes/runtime.ts';

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
}

/** See the file's head. */
export class NodeGuard {
  readonly #options: NodeGuardOptions;
  readonly #evictions: EvictionManager;
  readonly #images: ImageGc;

  constructor(options: NodeGuardOptions) {
    this.#options = options;
    const { clock, log, events, runtime, settings, directories, changed } = options;
    this.#images = new ImageGc({
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
      observe: () => observe(directories.files),
      pods: () => this.#evictable(),
      reclaim: () => this.#images.collectAll(),
      changed,
    });
  }

  /** What the node is short of. */
  get pressures(): ReadonlySet<Pressure> {
    return this.#evictions.pressures;
  }

  /** Resolves when it is known what the node is short of now. */
  async start(): Promise<void> {
    await Promise.all([this.#images.start(), this.#evictions.start()]);
  }

  stop(): void {
    this.#images.stop();
    this.#evictions.stop();
  }

  /** Why a pod cannot be taken on now, undefined for one that can. */
  admit(pod: DeepReadonly<Pod>): Refusal | undefined {
    return this.#evictions.admit(pod);
  }

  *#evictable(): Generator<EvictablePod> {
    for (const worker of this.#options.workers()) {
      if (!worker.running) continue;
      yield {
        pod: worker.pod,
        memoryUse: () => this.#memoryUse(worker),
        diskUse: () => this.#diskUse(worker),
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

  async #diskUse({ pod, view }: PodWorker): Promise<DiskUse> {
    const { directories, runtime } = this.#options;
    const { name, namespace = '', uid } = pod.metadata;
    const volumes = new Map<string, number>();
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.emptyDir === undefined) continue;
      volumes.set(volume.name, await bytesBelow(join(directories.volumesOf(uid), volume.name)));
    }
    const written = view.sandbox === undefined ? new Map() : await runtime.writtenBytes(view.sandbox.id);
    const containers = new Map<string, number>();
    for (const { run, spec } of view.containers) {
      const logs = await bytesBelow(join(directories.logsOf({ name, namespace, uid }), spec.name));
      containers.set(spec.name, logs + ((written.get(run?.id ?? '') as number | undefined) ?? 0));
    }
    return { volumes, containers };
  }

  async #fill(): Promise<DiskFill> {
    const { runtime, directories } = this.#options;
    const { bsize, blocks, bavail } = await statfs((await runtime.images.directory()) ?? directories.files);
    return { capacityBytes: blocks * bsize, usedBytes: (blocks - bavail) * bsize };
  }
}
