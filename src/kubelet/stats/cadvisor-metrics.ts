/**
 * `/metrics/cadvisor` of a node, as far as it can be told: what dashboards of pods read. A pod as a whole has empty `container` and
 * `image`, as cAdvisor has it. Pure. Upstream: cAdvisor's metrics package.
 */
import type { Consumption, NodeConsumption } from '../../apis/metrics/index.ts';
import { metricsText, type Sample } from './metrics-text.ts';

/** A machine, as far as it is told. */
export interface MachineSize {
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
}

interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  readonly use: Consumption;
  readonly startedAt: number;
}

/** What a node and its pods use, in the text format of Prometheus. */
export function cadvisorMetrics({ use, bootedAt, pods }: NodeConsumption, machine: MachineSize): string {
  const all = [counted({}, '/', use, bootedAt), ...pods.flatMap(countedOf)];
  const samples = (value: (each: Counted) => number, more: Readonly<Record<string, string>> = {}): Sample[] =>
    all.map((each) => ({
      labels: { ...each.labels, ...more },
      value: value(each),
      time: each.use.time,
    }));
  return metricsText([
    {
      name: 'container_cpu_usage_seconds_total',
      type: 'counter',
      help: 'Cumulative cpu time consumed in seconds.',
      samples: samples((each) => each.use.cpuSeconds, { cpu: 'total' }),
    },
    {
      name: 'container_last_seen',
      type: 'gauge',
      help: 'Last time a container was seen by the exporter',
      samples: samples((each) => Math.floor(each.use.time / 1000)),
    },
    {
      name: 'container_memory_usage_bytes',
      type: 'gauge',
      help: 'Current memory usage in bytes, including all memory regardless of when it was accessed',
      samples: samples((each) => each.use.memoryBytes),
    },
    {
      name: 'container_memory_working_set_bytes',
      type: 'gauge',
      help: 'Current working set in bytes.',
      samples: samples((each) => each.use.workingSetBytes),
    },
    {
      name: 'container_start_time_seconds',
      type: 'gauge',
      help: 'Start time of the container since unix epoch in seconds.',
      samples: samples((each) => Math.floor(each.startedAt / 1000)),
    },
    {
      name: 'machine_cpu_cores',
      type: 'gauge',
      help: 'Number of logical CPU cores.',
      samples: [{ labels: {}, value: machine.cpus }],
    },
    {
      name: 'machine_memory_bytes',
      type: 'gauge',
      help: 'Amount of memory installed on the machine.',
      samples: [{ labels: {}, value: machine.memory }],
    },
  ]);
}

function countedOf({
  namespace,
  name,
  use,
  startedAt,
  containers,
}: NodeConsumption['pods'][number]): Counted[] {
  const pod = { namespace, pod: name };
  return [
    ...(use === undefined ? [] : [counted(pod, use.group ?? '', use, startedAt)]),
    ...containers.flatMap((each) => {
      if (each.use === undefined) return [];
      const labels = { ...pod, container: each.name, image: each.image, name: each.id };
      return [counted(labels, each.use.group ?? '', each.use, each.startedAt)];
    }),
  ];
}

function counted(
  labels: Readonly<Record<string, string>>,
  id: string,
  use: Consumption,
  startedAt: number,
): Counted {
  const none = { container: '', image: '', name: '', namespace: '', pod: '' };
  return { labels: { ...none, ...labels, id }, use, startedAt };
}
