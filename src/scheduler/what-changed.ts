/** Which changes of an object concern the scheduler: most are heartbeats and statuses, and cost nothing. Pure. */
import { findCondition } from '../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import { isPodTerminal } from '../apis/core/index.ts';
import type { Namespace, Node, Pod } from '../apis/core/types.ts';

/** Whether what changed of a bound pod is counted somewhere: its labels, that it is leaving, or (by a resize) its spec. */
export function isOtherForNodes(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>): boolean {
  return (
    pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    pod.metadata.generation !== old.metadata.generation ||
    !same(pod.metadata.labels, old.metadata.labels)
  );
}

/** Whether what changed of a waiting pod may change what the scheduler does with it. */
export function isOtherForScheduler(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>): boolean {
  return (
    isOtherForNodes(pod, old) ||
    isPodTerminal(pod) !== isPodTerminal(old) ||
    !same(pod.spec.schedulingGates, old.spec.schedulingGates)
  );
}

/** Whether what changed of a node may let pods in; heartbeats do not. */
export function isOtherForPods(node: DeepReadonly<Node>, old: DeepReadonly<Node>): boolean {
  const ready = ({ status }: DeepReadonly<Node>): string | undefined =>
    findCondition(status.conditions, 'Ready')?.status;
  return (
    ready(node) !== ready(old) ||
    node.spec.unschedulable !== old.spec.unschedulable ||
    !same(node.status.allocatable, old.status.allocatable) ||
    !same(node.metadata.labels, old.metadata.labels) ||
    !same(node.spec.taints, old.spec.taints)
  );
}

/** Whether terms with a namespaceSelector may select other pods now. */
export function selectsOtherPods(namespace: DeepReadonly<Namespace>, old: DeepReadonly<Namespace>): boolean {
  return !same(namespace.metadata.labels, old.metadata.labels);
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
