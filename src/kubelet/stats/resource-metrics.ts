/** `/metrics/resource` of a node: what autoscalers, metrics-server and Prometheus read. Pure. Upstream: pkg/kubelet/metrics/collectors. */
import type { Consumption, NodeConsumption } from '../../apis/metrics/index.ts';
import { type MetricFamily, metricsText, type Sample } from './metrics-text.ts';

/** The text, in upstream's words and order. */
export function resourceMetrics({ use, pods }: NodeConsumption): string {
  const podSamples = (value: (use: Consumption) => number): Sample[] =>
    pods.flatMap(({ name, namespace, use: used }) => sampleOf({ namespace, pod: name }, used, value));
  const containers = pods.flatMap(({ name, namespace, containers: all }) =>
    all.map((each) => ({ labels: { container: each.name, namespace, pod: name }, ...each })),
  );
  const containerSamples = (value: (use: Consumption) => number): Sample[] =>
    containers.flatMap(({ labels, use: used }) => sampleOf(labels, used, value));
  const cpu = ({ cpuSeconds }: Consumption): number => cpuSeconds;
  const memory = ({ workingSetBytes }: Consumption): number => workingSetBytes;
  const counter = (name: string, help: string, samples: readonly Sample[]): MetricFamily => ({
    name,
    type: 'counter',
    help: `[STABLE] ${help}`,
    samples,
  });
  const gauge = (name: string, help: string, samples: readonly Sample[]): MetricFamily => ({
    name,
    type: 'gauge',
    help: `[STABLE] ${help}`,
    samples,
  });
  return metricsText([
    counter(
      'container_cpu_usage_seconds_total',
      'Cumulative cpu time consumed by the container in core-seconds',
      containerSamples(cpu),
    ),
    gauge(
      'container_memory_working_set_bytes',
      'Current working set of the container in bytes',
      containerSamples(memory),
    ),
    gauge(
      'container_start_time_seconds',
      'Start time of the container since unix epoch in seconds',
      containers.map(({ labels, startedAt }) => ({ labels, value: startedAt / 1000 })),
    ),
    counter(
      'node_cpu_usage_seconds_total',
      'Cumulative cpu time consumed by the node in core-seconds',
      sampleOf({}, use, cpu),
    ),
    gauge(
      'node_memory_working_set_bytes',
      'Current working set of the node in bytes',
      sampleOf({}, use, memory),
    ),
    counter(
      'pod_cpu_usage_seconds_total',
      'Cumulative cpu time consumed by the pod in core-seconds',
      podSamples(cpu),
    ),
    gauge('pod_memory_working_set_bytes', 'Current working set of the pod in bytes', podSamples(memory)),
    gauge('resource_scrape_error', '1 if there was an error while getting container metrics, 0 otherwise', [
      { labels: {}, value: 0 },
    ]),
  ]);
}

function sampleOf(
  labels: Readonly<Record<string, string>>,
  use: Consumption | undefined,
  value: (use: Consumption) => number,
): Sample[] {
  return use === undefined ? [] : [{ labels, value: value(use), time: use.time }];
}
