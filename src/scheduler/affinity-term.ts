/** Terms of pod affinity and topology spread, made ready for matching. */
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import { type LabelMatch, type Labels, labelMatch } from '../apis/core/label-match.ts';
import type { Pod, PodAffinityTerm, TopologySpreadConstraint } from '../apis/core/types.ts';

/** A pod as selectors see it. */
interface Selectable {
  readonly namespace: string;
  readonly labels: Labels;
}

/** One term of pod affinity or anti-affinity. */
export interface AffinityTerm {
  readonly topologyKey: string;
  /** The same for terms that select the same pods. */
  readonly selects: string;
  /** Whether it selects a pod, given the labels of that pod's namespace. */
  matches(pod: Selectable, namespaceLabels: Labels): boolean;
}

/** One topology spread constraint. */
export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
  /** The same for constraints that select the same pods; empty for a selector that counts none. */
  readonly selects: string;
  readonly namespace: string;
  readonly match: LabelMatch;
}

/** A term as the pod in `namespace` wrote it: without namespaces of its own it means that one. */
export function affinityTerm(term: DeepReadonly<PodAffinityTerm>, namespace: string): AffinityTerm {
  const { topologyKey, labelSelector, namespaceSelector } = term;
  const named = term.namespaces ?? [];
  const namespaces = named.length === 0 && namespaceSelector === undefined ? [namespace] : named;
  const selected = labelMatch(labelSelector);
  const inNamespace = labelMatch(namespaceSelector);
  return {
    topologyKey,
    selects: JSON.stringify([namespaces, namespaceSelector, labelSelector]),
    matches: (pod, namespaceLabels) =>
      (namespaces.includes(pod.namespace) || inNamespace(namespaceLabels)) && selected(pod.labels),
  };
}

/** The constraints of a pod with that answer to being unsatisfiable. */
export function spreadConstraints(
  pod: DeepReadonly<Pod>,
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway',
): readonly SpreadConstraint[] {
  const all = pod.spec.topologySpreadConstraints;
  if (all === undefined) return [];
  return all
    .filter((each) => each.whenUnsatisfiable === whenUnsatisfiable)
    .map((each) => spreadConstraint(each, pod));
}

function spreadConstraint(
  constraint: DeepReadonly<TopologySpreadConstraint>,
  pod: DeepReadonly<Pod>,
): SpreadConstraint {
  const { labels = {}, namespace = '' } = pod.metadata;
  const { labelSelector, matchLabelKeys = [] } = constraint;
  const own = matchLabelKeys.flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  const empty =
    own.length === 0 &&
    Object.keys(labelSelector?.matchLabels ?? {}).length + (labelSelector?.matchExpressions ?? []).length ===
      0;
  return {
    topologyKey: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    honorsAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
    honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
    selects: empty ? '' : JSON.stringify([namespace, labelSelector, own]),
    namespace,
    match: labelMatch(labelSelector, Object.fromEntries(own)),
  };
}
