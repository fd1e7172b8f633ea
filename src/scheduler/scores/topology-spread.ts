/** Topology spread constraints that should hold. Upstream: plugins/podtopologyspread/scoring. */
import type { SpreadConstraint } from '../affinity-term.ts';
import type { ClusterState } from '../cluster-state.ts';
import type { NodeState } from '../node-state.ts';
import type { PodFacts } from '../pod-facts.ts';
import { hasTopology, isIncluded, spreadCountByNode } from '../spread-counts.ts';
import { SCORE_MAX, type Score } from './score.ts';

const HOSTNAME = 'kubernetes.io/hostname';

/** Prefers nodes in domains that have fewer of the pod's like. */
export const preferredSpread: Score = {
  weight: 2,
  marks: (pod, nodes, cluster) => {
    const constraints = pod.spreadSoft;
    if (constraints.length === 0) return undefined;
    const eligible = nodes.map((state) => hasTopology(constraints, state));
    const crowds = constraints.map((constraint) => crowdsOf(constraint, pod, nodes, eligible, cluster));
    const raw = nodes.map((state, at) =>
      eligible[at] ? Math.round(crowds.reduce((sum, crowd) => sum + crowd(state), 0)) : undefined,
    );
    const known = raw.filter((value) => value !== undefined);
    const most = Math.max(0, ...known);
    const least = Math.min(...known, most);
    return raw.map((value) => {
      if (value === undefined) return 0;
      return most === 0 ? SCORE_MAX : Math.floor((SCORE_MAX * (most + least - value)) / most);
    });
  },
};

/** How crowded a node's domain is for one constraint, weighed so that constraints with few domains do not drown. */
function crowdsOf(
  constraint: SpreadConstraint,
  pod: PodFacts,
  nodes: readonly NodeState[],
  eligible: readonly (boolean | undefined)[],
  cluster: ClusterState,
): (state: NodeState) => number {
  const { topologyKey, maxSkew } = constraint;
  const byNode = spreadCountByNode(constraint, cluster);
  const countOf = new Map<string, number>();
  nodes.forEach((state, at) => {
    if (eligible[at]) countOf.set(state.labels[topologyKey] ?? '', 0);
  });
  for (const state of cluster.nodes) {
    const value = state.labels[topologyKey] ?? '';
    const count = countOf.get(value);
    if (count === undefined || !hasTopology(pod.spreadSoft, state) || !isIncluded(constraint, pod, state))
      continue;
    countOf.set(value, count + (byNode.get(state.name) ?? 0));
  }
  const weight = Math.log(countOf.size + 2);
  return (state) => {
    const count =
      topologyKey === HOSTNAME
        ? (byNode.get(state.name) ?? 0)
        : (countOf.get(state.labels[topologyKey] ?? '') ?? 0);
    return count * weight + (maxSkew - 1);
  };
}
