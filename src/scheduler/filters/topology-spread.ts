/** Topology spread constraints that must hold. Upstream: plugins/podtopologyspread/filtering. */
import type { SpreadConstraint } from '../affinity-term.ts';
import type { ClusterState } from '../cluster-state.ts';
import type { PodFacts } from '../pod-facts.ts';
import { hasTopology, isIncluded, spreadCountByNode } from '../spread-counts.ts';
import { type Filter, final, resolvable } from './filter.ts';

const TOO_SKEWED = resolvable("node(s) didn't match pod topology spread constraints");
const NO_LABEL = final("node(s) didn't match pod topology spread constraints (missing required label)");

/** Turns down nodes where the pod would make the spread more uneven than `maxSkew`. */
export const topologySpread: Filter = (pod, cluster) => {
  const constraints = pod.spreadHard;
  if (constraints.length === 0) return undefined;
  const domains = constraints.map((constraint) => domainsOf(constraint, constraints, pod, cluster));
  return (state) => {
    for (const [at, constraint] of constraints.entries()) {
      const value = state.labels[constraint.topologyKey];
      if (value === undefined) return NO_LABEL;
      const { countOf, least } = domains[at] ?? { countOf: new Map<string, number>(), least: 0 };
      const itself = constraint.match(pod.labels) ? 1 : 0;
      if ((countOf.get(value) ?? 0) + itself - least > constraint.maxSkew) return TOO_SKEWED;
    }
    return undefined;
  };
};

interface Domains {
  readonly countOf: ReadonlyMap<string, number>;
  /** Pods in the domain that has fewest; none while there are fewer domains than `minDomains`. */
  readonly least: number;
}

function domainsOf(
  constraint: SpreadConstraint,
  all: readonly SpreadConstraint[],
  pod: PodFacts,
  cluster: ClusterState,
): Domains {
  const byNode = spreadCountByNode(constraint, cluster);
  const countOf = new Map<string, number>();
  for (const state of cluster.nodes) {
    if (!hasTopology(all, state) || !isIncluded(constraint, pod, state)) continue;
    const value = state.labels[constraint.topologyKey] ?? '';
    countOf.set(value, (countOf.get(value) ?? 0) + (byNode.get(state.name) ?? 0));
  }
  let least = Number.POSITIVE_INFINITY;
  for (const count of countOf.values()) least = Math.min(least, count);
  return { countOf, least: countOf.size < constraint.minDomains ? 0 : least };
}
