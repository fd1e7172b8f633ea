/** What a filter is: a rule that says of each node whether a pod may go there. */
import type { ClusterState } from '../cluster-state.ts';
import type { NodeState } from '../node-state.ts';
import type { PodFacts } from '../pod-facts.ts';

/** Why a node was turned down, in upstream's words. */
export interface Rejection {
  readonly reasons: readonly string[];
  /** Whether the node might do if pods of lower priority made way. */
  readonly resolvable: boolean;
}

/** Answers undefined when the node will do. */
export type NodeCheck = (node: NodeState) => Rejection | undefined;

/** Looks at the pod once; undefined when the rule does not concern it, a text when no node at all can do. Pure. */
export type Filter = (pod: PodFacts, cluster: ClusterState) => NodeCheck | string | undefined;

/** A rejection for one reason that no pod's making way changes. */
export function final(reason: string): Rejection {
  return { reasons: [reason], resolvable: false };
}

/** A rejection for one reason that goes away when pods do. */
export function resolvable(reason: string): Rejection {
  return { reasons: [reason], resolvable: true };
}
