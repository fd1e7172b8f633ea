/** What the scheduler needs to know of a pod, worked out once. */
import { type DeepReadonly, objectKey } from '../apimachinery/meta/object.ts';
import { type Labels, nodeTermMatch } from '../apis/core/label-match.ts';
import {
  type HostPort,
  hostPorts,
  type NodeMatch,
  requiredNodes,
  requiredTerms,
} from '../apis/core/pod/scheduling/node-demands.ts';
import type { Pod, PodSpec, Toleration } from '../apis/core/types.ts';
import {
  type AffinityTerm,
  affinityTerm,
  type SpreadConstraint,
  spreadConstraints,
} from './affinity-term.ts';
import type { Amounts } from './amounts.ts';
import { podRequests } from './pod-requests.ts';

/** A preference with its weight. */
interface Weighted<T> {
  readonly weight: number;
  readonly term: T;
}

/** See the file's head. */
export interface PodFacts {
  /** The pod as last seen; its owner keeps it up to date, the facts below stay as they are. */
  pod: DeepReadonly<Pod>;
  readonly key: string;
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly priority: number;
  /** Being deleted: it still takes its room, but counts no longer where pods are spread. */
  readonly terminating: boolean;
  readonly asked: Amounts;
  readonly scored: Amounts;
  readonly ports: readonly HostPort[];
  readonly tolerations: readonly DeepReadonly<Toleration>[];
  /** From nodeSelector and required node affinity; absent when any node will do. */
  readonly nodeMatch: NodeMatch | undefined;
  /** The nodes that required affinity names, if it names nodes in every term. */
  readonly nodeNames: ReadonlySet<string> | undefined;
  readonly preferredNodes: readonly Weighted<NodeMatch>[];
  readonly spreadHard: readonly SpreadConstraint[];
  readonly spreadSoft: readonly SpreadConstraint[];
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  /** Preferred pod affinity; a negative weight for anti-affinity. */
  readonly preferredPods: readonly Weighted<AffinityTerm>[];
}

/** The facts of a pod. */
export function podFacts(pod: DeepReadonly<Pod>): PodFacts {
  const { spec, metadata } = pod;
  const namespace = metadata.namespace ?? '';
  const { podAffinity, podAntiAffinity, nodeAffinity } = spec.affinity ?? {};
  const termOf = (term: Parameters<typeof affinityTerm>[0]): AffinityTerm => affinityTerm(term, namespace);
  const weighted = (
    terms: NonNullable<typeof podAffinity>['preferredDuringSchedulingIgnoredDuringExecution'],
    sign: number,
  ): Weighted<AffinityTerm>[] =>
    (terms ?? []).map(({ weight, podAffinityTerm }) => ({
      weight: sign * weight,
      term: termOf(podAffinityTerm),
    }));
  return {
    pod,
    key: objectKey({ metadata: { namespace, name: metadata.name } }),
    uid: metadata.uid,
    namespace,
    labels: metadata.labels ?? {},
    priority: spec.priority ?? 0,
    terminating: metadata.deletionTimestamp !== undefined,
    ...podRequests(spec),
    ports: hostPorts(spec),
    tolerations: spec.tolerations ?? [],
    nodeMatch: requiredNodes(spec),
    nodeNames: namedNodes(spec),
    preferredNodes: (nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ weight, preference }) => ({ weight, term: nodeTermMatch(preference) }),
    ),
    spreadHard: spreadConstraints(pod, 'DoNotSchedule'),
    spreadSoft: spreadConstraints(pod, 'ScheduleAnyway'),
    affinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(termOf),
    antiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(termOf),
    preferredPods: [
      ...weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, 1),
      ...weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1),
    ],
  };
}

/**
 * Pods with the same class are alike to the scheduler: where one finds no node, neither does the other. Labels count
 * only where the pod's own affinity or spread looks at them, so that all pods of an Indexed Job are one class.
 */
export function schedulingClass({ pod, namespace }: PodFacts): string {
  const { spec, metadata } = pod;
  const { affinity, topologySpreadConstraints: spread } = spec;
  const looksAtPods =
    spread !== undefined || affinity?.podAffinity !== undefined || affinity?.podAntiAffinity;
  return JSON.stringify([
    spec.priority,
    spec.preemptionPolicy,
    spec.nodeSelector,
    spec.tolerations,
    affinity,
    spread,
    spec.overhead,
    spec.resources,
    looksAtPods ? [namespace, metadata.labels] : 0,
    spec.containers.map(({ resources, ports }) => [resources?.requests, ports]),
    spec.initContainers?.map(({ resources, ports, restartPolicy }) => [
      resources?.requests,
      ports,
      restartPolicy,
    ]),
    spec.volumes?.flatMap(({ persistentVolumeClaim, ephemeral }) => {
      if (ephemeral !== undefined) return [namespace, metadata.name];
      return persistentVolumeClaim === undefined ? [] : [namespace, persistentVolumeClaim.claimName];
    }),
  ]);
}

/** The union over the terms of the intersection of the names in each; undefined as soon as one term names none. */
function namedNodes(spec: DeepReadonly<PodSpec>): ReadonlySet<string> | undefined {
  const terms = requiredTerms(spec);
  if (terms === undefined || terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const lists = matchFields
      .filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
      .map(({ values }) => values ?? []);
    const [first, ...rest] = lists;
    if (first === undefined) return undefined;
    for (const name of first) if (rest.every((list) => list.includes(name))) names.add(name);
  }
  return names;
}
