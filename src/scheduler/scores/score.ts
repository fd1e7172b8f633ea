/** What a score is: a rule that says of each node that will do how well it will. */
import type { ClusterState } from '../cluster-state.ts';
import type { NodeState } from '../node-state.ts';
import type { PodFacts } from '../pod-facts.ts';

/** The best mark that a rule gives; the worst is 0. */
export const SCORE_MAX = 100;

/** A rule with the weight of its marks. */
export interface Score {
  readonly weight: number;
  /** A mark for each of the nodes in their order; undefined when the rule has nothing to say of this pod. Pure. */
  readonly marks: (
    pod: PodFacts,
    nodes: readonly NodeState[],
    cluster: ClusterState,
  ) => readonly number[] | undefined;
}

/** Stretches raw numbers so that the greatest becomes {@link SCORE_MAX}; `reverse`: the greatest becomes 0. */
export function stretched(raw: readonly number[], reverse = false): readonly number[] {
  const most = Math.max(0, ...raw);
  if (most === 0) return raw.map(() => (reverse ? SCORE_MAX : 0));
  return raw.map((value) => {
    const mark = Math.floor((SCORE_MAX * value) / most);
    return reverse ? SCORE_MAX - mark : mark;
  });
}
