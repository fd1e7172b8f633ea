/** What a node measures, in each of the forms in which it is told. */
import type { NodeConsumption } from '../../apis/metrics/index.ts';
import type { PodView } from '../pod/pod-view.ts';
import type { EndedContainers } from '../status/container-ends.ts';
import { cadvisorMetrics, type MachineSize } from './cadvisor-metrics.ts';
import { podCounts, processMetrics } from './node-metrics.ts';
import { resourceMetrics } from './resource-metrics.ts';
import { statsSummary } from './summary.ts';
import { UsageMeter, type UsageMeterOptions } from './usage-meter.ts';

/** What it depends on. */
export interface NodeStatsOptions extends UsageMeterOptions {
  machine(): MachineSize;
  /** How containers have ended so far. */
  ended(): Iterable<EndedContainers>;
}

/** See the file's head. */
export class NodeStats {
  readonly #options: NodeStatsOptions;
  readonly #meter: UsageMeter;
  #process: Promise<() => Promise<string>> | undefined;

  constructor(options: NodeStatsOptions) {
    this.#options = options;
    this.#meter = new UsageMeter(options);
  }

  /** Figures for Prometheus, by what follows `/metrics` in the path. */
  async metrics(which: '' | 'cadvisor' | 'resource'): Promise<string> {
    if (which === 'resource') return resourceMetrics(await this.#meter.read());
    if (which === 'cadvisor') return cadvisorMetrics(await this.#meter.read(), this.#options.machine());
    this.#process ??= processMetrics();
    const views: PodView[] = [...this.#options.pods()].map(({ view }) => view);
    const counts = podCounts(this.#options.nodeName, views, this.#options.ended());
    return counts + (await (await this.#process)());
  }

  /** The kubelet's summary. */
  async summary(wish: { readonly disk: boolean }): Promise<object> {
    return statsSummary(await this.#meter.read({ ...wish, rates: true }));
  }

  /** Processors and memory, with their averages. */
  consumption(): Promise<NodeConsumption> {
    return this.#meter.read({ rates: true });
  }
}
