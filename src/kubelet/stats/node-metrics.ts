/** `/metrics` of a node: how many pods and containers it has, under the kubelet's names, and what its process uses. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { PodView } from '../pod/pod-view.ts';
import type { EndedContainers } from '../status/container-ends.ts';
import { metricsText, type Sample } from './metrics-text.ts';

/** What the kubelet calls the states of containers. */
const STATES = { created: 'created', running: 'running', exited: 'exited', unknown: 'unknown' } as const;

/** Counts. Pure. @param views of all pods that the node looks after. */
export function podCounts(
  nodeName: string,
  views: readonly DeepReadonly<PodView>[],
  ended: Iterable<EndedContainers>,
): string {
  const containers = new Map<string, number>();
  for (const { containers: all } of views) {
    for (const { run } of all) {
      if (run === undefined) continue;
      const state = STATES[run.state];
      containers.set(state, (containers.get(state) ?? 0) + 1);
    }
  }
  const byState: Sample[] = [...containers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([state, value]) => ({
      labels: { container_state: state },
      value,
    }));
  const running = views.filter(({ sandbox }) => sandbox?.ready === true).length;
  return metricsText([
    {
      name: 'kubelet_node_name',
      type: 'gauge',
      help: "[ALPHA] The node's name. The count is always 1.",
      samples: [{ labels: { node: nodeName }, value: 1 }],
    },
    {
      name: 'kubelet_running_containers',
      type: 'gauge',
      help: '[ALPHA] Number of containers currently running',
      samples: byState,
    },
    {
      name: 'kubelet_running_pods',
      type: 'gauge',
      help: '[ALPHA] Number of pods that have a running pod sandbox',
      samples: [{ labels: {}, value: running }],
    },
    {
      name: 'kubelet_terminated_containers_total',
      type: 'counter',
      help: '[ALPHA] Cumulative number of container terminations.',
      samples: [...ended].map(({ kind, exitCode, reason, count }) => ({
        labels: { container_type: kind, exit_code: String(exitCode), reason },
        value: count,
      })),
    },
  ]);
}

/** Figures of this process, as every program in Prometheus' ways has them. */
export async function processMetrics(): Promise<() => Promise<string>> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return () => registry.metrics();
}
