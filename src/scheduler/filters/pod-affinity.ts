/** Affinity and anti-affinity between pods. Upstream: plugins/interpodaffinity/filtering. */
import type { AffinityTerm } from '../affinity-term.ts';
import type { ClusterState } from '../cluster-state.ts';
import type { CountByNode } from '../pod-counts.ts';
import type { PodFacts } from '../pod-facts.ts';
import { type Filter, final, resolvable } from './filter.ts';

const NO_FRIENDS = final("node(s) didn't match pod affinity rules");
const FOES = resolvable("node(s) didn't match pod anti-affinity rules");
/** Told apart by the scheduler: pods with other labels may fare differently. */
export const UNWELCOME = resolvable("node(s) didn't satisfy existing pods anti-affinity rules");

/** Turns down nodes whose topology domain lacks the pods that the pod wants beside it. */
export const podAffinity: Filter = (pod, cluster) => {
  const terms = pod.affinity;
  if (terms.length === 0) return undefined;
  // Upstream counts a pod for each term only if it matches all of them.
  const all = (each: PodFacts): boolean =>
    terms.every((term) => term.matches(each, cluster.namespaceLabels(each.namespace)));
  const byNode = cluster.counts.of(`all ${JSON.stringify(terms.map(({ selects }) => selects))}`, all);
  const domains = terms.map((term) => domainsWith(term, byNode, cluster));
  // The first of a group that wants its own like beside it would otherwise wait for ever.
  const first = domains.every((values) => values.size === 0) && all(pod);
  return (state) => {
    for (const [at, term] of terms.entries()) {
      const value = state.labels[term.topologyKey];
      if (value === undefined || (!first && !domains[at]?.has(value))) return NO_FRIENDS;
    }
    return undefined;
  };
};

/** Turns down nodes whose topology domain has pods that the pod does not want beside it. */
export const podAntiAffinity: Filter = (pod, cluster) => {
  const terms = pod.antiAffinity;
  if (terms.length === 0) return undefined;
  const domains = terms.map((term) => domainsWith(term, countOfTerm(term, cluster), cluster));
  return (state) =>
    terms.some((term, at) => domains[at]?.has(state.labels[term.topologyKey] ?? '') === true)
      ? FOES
      : undefined;
};

/** Turns down nodes whose topology domain has pods that do not want this one beside them. */
export const heldAntiAffinity: Filter = (pod, cluster) => {
  const taken: { readonly key: string; readonly values: ReadonlySet<string> }[] = [];
  const own = cluster.namespaceLabels(pod.namespace);
  for (const { term, byNode } of cluster.heldTerms) {
    if (term.matches(pod, own)) {
      taken.push({ key: term.topologyKey, values: domainsWith(term, byNode, cluster) });
    }
  }
  if (taken.length === 0) return undefined;
  return (state) =>
    taken.some(({ key, values }) => values.has(state.labels[key] ?? '')) ? UNWELCOME : undefined;
};

/** The pods that a term selects, by node. */
export function countOfTerm(term: AffinityTerm, cluster: ClusterState): CountByNode {
  return cluster.counts.of(`term ${term.selects}`, (each) =>
    term.matches(each, cluster.namespaceLabels(each.namespace)),
  );
}

/** The values of the term's topology key on nodes that have such pods. */
function domainsWith(term: AffinityTerm, byNode: CountByNode, cluster: ClusterState): ReadonlySet<string> {
  const values = new Set<string>();
  for (const name of byNode.keys()) {
    const value = cluster.node(name)?.labels[term.topologyKey];
    if (value !== undefined) values.add(value);
  }
  return values;
}
