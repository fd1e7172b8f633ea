/** How a pod's like are spread over the domains of a topology. Upstream: plugins/podtopologyspread. */
import type { SpreadConstraint } from './affinity-term.ts';
import type { ClusterState } from './cluster-state.ts';
import type { NodeState } from './node-state.ts';
import type { CountByNode } from './pod-counts.ts';
import type { PodFacts } from './pod-facts.ts';
import { keepsAway } from './tolerations.ts';

const NONE: CountByNode = new Map();

/** The pods that a constraint selects, by node. Pods being deleted count no more. */
export function spreadCountByNode(constraint: SpreadConstraint, cluster: ClusterState): CountByNode {
  const { selects, namespace, match } = constraint;
  if (selects === '') return NONE;
  return cluster.counts.of(
    `spread ${selects}`,
    (pod) => !pod.terminating && pod.namespace === namespace && match(pod.labels),
  );
}

/** Whether a node's pods count for a constraint of `pod` (nodeAffinityPolicy and nodeTaintsPolicy). */
export function isIncluded(constraint: SpreadConstraint, pod: PodFacts, state: NodeState): boolean {
  if (constraint.honorsAffinity && pod.nodeMatch?.(state.labels, state.name) === false) return false;
  return !constraint.honorsTaints || !keepsAway(state.taints, pod.tolerations);
}

/** Whether a node carries the topology labels of all the constraints. */
export function hasTopology(constraints: readonly SpreadConstraint[], state: NodeState): boolean {
  return constraints.every(({ topologyKey }) => state.labels[topologyKey] !== undefined);
}
