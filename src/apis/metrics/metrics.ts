/** NodeMetrics and PodMetrics of metrics.k8s.io/v1beta1, made of what nodes measure. Pure. Upstream: kubernetes-sigs/metrics-server. */
import { rfc3339 } from '../../apimachinery/clock.ts';
import { formatGoDuration } from '../../apimachinery/go-duration.ts';
import type { DeepReadonly, Draft } from '../../apimachinery/meta/object.ts';
import { parseQuantity, wholeQuantity } from '../../apimachinery/quantity.ts';
import type { Node, Pod } from '../core/types.ts';
import type { Consumption, NodeConsumption, PodConsumption } from './consumption.ts';
import type { ContainerMetrics, NodeMetrics, PodMetrics } from './types.ts';

/** Group and version of what is made here. */
export const METRICS_VERSION = 'metrics.k8s.io/v1beta1';

/** A consumption with its average. */
type Averaged = Consumption & Required<Pick<Consumption, 'rate'>>;

/** What a node uses; undefined while no average is known. `now`: wall milliseconds. */
export function nodeMetrics(
  { metadata: { name, labels } }: DeepReadonly<Node>,
  { use }: NodeConsumption,
  now: number,
): Draft<NodeMetrics> | undefined {
  if (!isAveraged(use)) return undefined;
  return {
    kind: 'NodeMetrics',
    apiVersion: METRICS_VERSION,
    metadata: { name, creationTimestamp: rfc3339(now), ...(labels && { labels: { ...labels } }) },
    ...spanOf(use),
    usage: usageOf(use),
  };
}

/** What the containers of a pod use; undefined while there is one of which no average is known. */
export function podMetrics(
  { metadata: { name, namespace, labels } }: DeepReadonly<Pod>,
  { containers }: PodConsumption,
  now: number,
): Draft<PodMetrics> | undefined {
  const measured = containers.flatMap(({ name: container, use }) =>
    use !== undefined && isAveraged(use) ? [{ container, use }] : [],
  );
  const [first] = measured;
  if (first === undefined || measured.length < containers.length) return undefined;
  return {
    kind: 'PodMetrics',
    apiVersion: METRICS_VERSION,
    metadata: {
      name,
      namespace: namespace ?? '',
      creationTimestamp: rfc3339(now),
      ...(labels && { labels: { ...labels } }),
    },
    ...spanOf(first.use),
    containers: measured.map(({ container, use }) => ({ name: container, usage: usageOf(use) })),
  };
}

function isAveraged(use: Consumption): use is Averaged {
  return use.rate !== undefined;
}

function spanOf({ time, rate }: Averaged): Pick<NodeMetrics, 'timestamp' | 'window'> {
  return { timestamp: rfc3339(time), window: formatGoDuration(Math.round(rate.windowMs)) };
}

function usageOf({ rate, workingSetBytes }: Averaged): ContainerMetrics['usage'] {
  return {
    cpu: parseQuantity(`${Math.round(rate.cpus * 1e9)}n`).toString(),
    memory: wholeQuantity(Math.round(workingSetBytes), 'BinarySI').toString(),
  };
}
