/** What pod and node would rather have. Upstream: plugins/tainttoleration, nodeaffinity and interpodaffinity, scoring. */
import { countOfTerm } from '../filters/pod-affinity.ts';
import { isTolerated } from '../tolerations.ts';
import { SCORE_MAX, type Score, stretched } from './score.ts';

/** Prefers nodes with fewer taints of effect PreferNoSchedule that the pod does not bear. */
export const preferredTaints: Score = {
  weight: 3,
  marks: ({ tolerations }, nodes) => {
    const counts = nodes.map(
      ({ taints }) =>
        taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(tolerations, taint))
          .length,
    );
    return counts.some((count) => count > 0) ? stretched(counts, true) : undefined;
  },
};

/** Prefers nodes that match more of the pod's preferred node affinity, by weight. */
export const preferredNodes: Score = {
  weight: 2,
  marks: ({ preferredNodes: terms }, nodes) => {
    if (terms.length === 0) return undefined;
    return stretched(
      nodes.map(({ labels, name }) =>
        terms.reduce((sum, { weight, term }) => sum + (term(labels, name) ? weight : 0), 0),
      ),
    );
  },
};

/** Prefers nodes in domains with pods that the pod would like beside it, and without those that it would not. */
export const preferredPods: Score = {
  weight: 2,
  marks: ({ preferredPods: terms }, nodes, cluster) => {
    if (terms.length === 0) return undefined;
    const raw = nodes.map(() => 0);
    for (const { weight, term } of terms) {
      const byValue = new Map<string, number>();
      for (const [name, count] of countOfTerm(term, cluster)) {
        const value = cluster.node(name)?.labels[term.topologyKey];
        if (value !== undefined) byValue.set(value, (byValue.get(value) ?? 0) + count);
      }
      nodes.forEach(({ labels }, at) => {
        const value = labels[term.topologyKey];
        if (value !== undefined) raw[at] = (raw[at] ?? 0) + weight * (byValue.get(value) ?? 0);
      });
    }
    const least = Math.min(...raw);
    const span = Math.max(...raw) - least;
    return span === 0 ? undefined : raw.map((value) => Math.floor((SCORE_MAX * (value - least)) / span));
  },
};
