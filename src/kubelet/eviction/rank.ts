/** Which pod goes first when a node is short of something, and what it is told. Pure. Source: pkg/kubelet/eviction (order and wording). */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import type { Pod } from '../../apis/core/types.ts';
import {
  binaryText,
  type Observations,
  resourceOf,
  type ScarceResource,
  type Threshold,
  thresholdTexts,
} from './thresholds.ts';

/** A pod and what it uses now. */
export interface PodUse {
  readonly pod: DeepReadonly<Pod>;
  /** Bytes by container; empty for what is not counted by container. */
  readonly containers: ReadonlyMap<string, number>;
  /** Of the pod as a whole: bytes of its containers and its volumes, or tasks. */
  readonly total: number;
}

/** Pods of this priority and above are never evicted by their node: the cluster needs them (system-cluster-critical). */
const CRITICAL_PRIORITY = 2_000_000_000;

/**
 * The pods that may be evicted, first the one to go first: over its request, of low priority, far over its request. Tasks nobody can
 * request, so that of these the priority alone comes before how many they are.
 */
export function ranked(uses: readonly PodUse[], resource: ScarceResource): readonly PodUse[] {
  const over = ({ pod, total }: PodUse): number => total - requestOf(pod, resource);
  return uses
    .filter(({ pod }) => !isCritical(pod))
    .toSorted(
      (a, b) =>
        (resource === 'pids' ? 0 : Number(over(b) > 0) - Number(over(a) > 0)) ||
        (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0) ||
        over(b) - over(a),
    );
}

/** Whether the cluster needs the pod more than the node needs what it uses. */
export function isCritical({ spec }: DeepReadonly<Pod>): boolean {
  return (spec.priority ?? 0) >= CRITICAL_PRIORITY;
}

function requestOf({ spec }: DeepReadonly<Pod>, resource: string): number {
  const all = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)];
  return all.reduce((sum, { resources }) => sum + amountIn(resources?.requests, resource), 0);
}

function isSidecar({ restartPolicy }: { readonly restartPolicy?: string }): boolean {
  return restartPolicy === 'Always';
}

function amountIn(list: Readonly<Record<string, string>> | undefined, resource: string): number {
  const text = list?.[resource];
  return text === undefined ? 0 : parseQuantity(text).value();
}

/** What the pod's status and event say. */
export function evictionMessage(
  { pod, containers }: PodUse,
  threshold: Threshold,
  observed: Observations,
): string {
  const resource = resourceOf(threshold);
  const seen = observed.get(threshold.signal) ?? { available: 0, capacity: 0 };
  const { limit, available } = thresholdTexts(threshold, seen);
  const parts = [
    `The node was low on resource: ${resource}. `,
    `Threshold quantity: ${limit}, available: ${available}. `,
  ];
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    const used = containers.get(container.name) ?? 0;
    const requested = container.resources?.requests?.[resource] ?? '0';
    if (used <= parseQuantity(requested).value()) continue;
    const how = `using ${binaryText(used)}, request is ${requested}, has larger consumption of ${resource}`;
    parts.push(`Container ${container.name} was ${how}. `);
  }
  return parts.join('');
}
