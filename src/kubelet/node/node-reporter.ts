/** What a node tells of itself and its pods; loads what it takes for that when somebody asks. */
import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { NodeConsumption } from '../../apis/metrics/index.ts';
import type { PodGroups } from '../cgroups/index.ts';
import type { PodWorker } from '../pod/pod-worker.ts';
import type { PodDirectories } from '../pod-directories.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { ReportingNode } from '../server/index.ts';
import type { NodeStats } from '../stats/index.ts';
import type { EndedContainers } from '../status/container-ends.ts';
import type { Machine } from './machine.ts';

/** What it depends on. */
export interface NodeReporterOptions {
  readonly clock: Clock;
  readonly nodeName: string;
  readonly runtime: Runtime;
  readonly directories: PodDirectories;
  /** Known once the node has started. */
  machine(): Machine | undefined;
  groups(): PodGroups | undefined;
  workers(): Iterable<PodWorker>;
  /** Every pod that is bound to the node. */
  pods(): readonly DeepReadonly<Pod>[];
  configuration(): object;
  /** How containers have ended so far. */
  ended(): Iterable<EndedContainers>;
}

/** See the file's head. */
export class NodeReporter implements ReportingNode {
  readonly #options: NodeReporterOptions;
  #stats: Promise<NodeStats> | undefined;

  constructor(options: NodeReporterOptions) {
    this.#options = options;
  }

  pods(): readonly DeepReadonly<Pod>[] {
    return this.#options.pods();
  }

  configuration(): object {
    return this.#options.configuration();
  }

  async metrics(which: '' | 'cadvisor' | 'resource'): Promise<string> {
    return (await this.#loaded()).metrics(which);
  }

  async summary(wish: { readonly disk: boolean }): Promise<object> {
    return (await this.#loaded()).summary(wish);
  }

  async consumption(): Promise<NodeConsumption> {
    return (await this.#loaded()).consumption();
  }

  #loaded(): Promise<NodeStats> {
    this.#stats ??= this.#load();
    return this.#stats;
  }

  async #load(): Promise<NodeStats> {
    const { NodeStats: Stats } = await import('../stats/index.ts');
    const options = this.#options;
    const { clock, nodeName, runtime, directories } = options;
    return new Stats({
      clock,
      nodeName,
      runtime,
      directories,
      groups: () => options.groups(),
      // A list of its own: measuring takes its time, and pods come and go meanwhile.
      pods: () => [...options.workers()],
      ended: () => options.ended(),
      machine: () => options.machine() ?? { cpus: 0, memory: 0 },
    });
  }
}
