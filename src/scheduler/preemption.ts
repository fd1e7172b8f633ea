/**
 * Chooses pods of lower priority that make way for one that found no node.
 * Source: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/; upstream: defaultpreemption.
 */

import { labelMatch } from '../apis/core/label-match.ts';
import type { ClusterState } from './cluster-state.ts';
import { type Failure, firstRejection, prepare } from './decide.ts';
import { histogram } from './failure-message.ts';
import type { Rejection } from './filters/index.ts';
import type { NodeState } from './node-state.ts';
import type { PodFacts } from './pod-facts.ts';

/** Nodes tried out for one pod; upstream's own minimum. */
const CANDIDATES_MAX = 100;
const NO_VICTIMS = 'No preemption victims found for incoming pod';
const NOT_HELPFUL = 'Preemption is not helpful for scheduling';

/** The node on which room is made and who goes, or why nothing can be done (a part of the pod's message). */
export type Preemption =
  | { readonly node: string; readonly victims: readonly PodFacts[] }
  | {
      readonly why: string;
      /** Whether the pod goes on waiting for the room that it was promised. */
      readonly waits: boolean;
    };

interface Candidate {
  readonly node: NodeState;
  /** From the most important on. */
  readonly victims: readonly PodFacts[];
  /** Victims whose disruption budgets do not allow it. */
  readonly violations: number;
}

/** What preemption can do for a pod. Takes pods out of the state and puts them back: afterwards it is as before. */
export function preempt(pod: PodFacts, failure: Failure, cluster: ClusterState): Preemption {
  if (pod.pod.spec.preemptionPolicy === 'Never')
    return { why: 'not eligible due to preemptionPolicy=Never.', waits: true };
  const nominated = pod.pod.status.nominatedNodeName;
  if (nominated !== undefined && isMakingWay(pod, cluster.node(nominated))) {
    return { why: 'not eligible due to a terminating pod on the nominated node.', waits: true };
  }
  const candidates: Candidate[] = [];
  const reasons: string[] = [];
  for (const [node, rejection] of failure.rejections) {
    if (!rejection.resolvable) continue;
    const found = victimsOn(node, pod, cluster);
    if (typeof found === 'object' && 'victims' in found) candidates.push(found);
    else reasons.push(...found.reasons);
    if (candidates.length === CANDIDATES_MAX) break;
  }
  const [first, ...rest] = candidates;
  if (first !== undefined) {
    const { node, victims } = rest.reduce((best, each) => (isBetter(each, best) ? each : best), first);
    return { node: node.name, victims };
  }
  const tried = failure.rejections.filter(([, { resolvable }]) => resolvable).length;
  const others = Array.from({ length: failure.total - tried }, () => NOT_HELPFUL);
  return {
    why: `0/${failure.total} nodes are available: ${histogram([...reasons, ...others])}.`,
    waits: false,
  };
}

/** Whether pods that were told to make way for this one are still ending on its node. */
function isMakingWay(pod: PodFacts, node: NodeState | undefined): boolean {
  if (node?.node === undefined) return false;
  return [...node.pods.values()].some(
    (each) =>
      each.terminating &&
      each.priority < pod.priority &&
      each.pod.status.conditions?.some(
        ({ type, status, reason }) =>
          type === 'DisruptionTarget' && status === 'True' && reason === 'PreemptionByScheduler',
      ),
  );
}

/** The fewest and least important pods whose going makes room on a node, or why none do. */
function victimsOn(node: NodeState, pod: PodFacts, cluster: ClusterState): Candidate | Rejection {
  const removed = new Map<string, PodFacts>();
  for (const each of node.pods.values()) if (each.priority < pod.priority) removed.set(each.uid, each);
  if (removed.size === 0) return { reasons: [NO_VICTIMS], resolvable: false };
  for (const uid of removed.keys()) cluster.removePod(uid);
  try {
    const rejection = tryOut(node, pod, cluster);
    if (rejection !== undefined) return rejection;
    const { protectedPods, others } = splitByBudgets([...removed.values()].sort(byImportance), cluster);
    // Whoever a budget protects is spared first.
    for (const each of [...protectedPods, ...others]) {
      cluster.addPod(each, node.name);
      if (tryOut(node, pod, cluster) === undefined) removed.delete(each.uid);
      else cluster.removePod(each.uid);
    }
    const violations = protectedPods.filter(({ uid }) => removed.has(uid)).length;
    return { node, victims: [...removed.values()].sort(byImportance), violations };
  } finally {
    for (const each of removed.values()) cluster.addPod(each, node.name);
  }
}

/** Tells pods that budgets protect from others, each budget letting go as many as it allows, in the order given. */
function splitByBudgets(
  pods: readonly PodFacts[],
  cluster: ClusterState,
): { readonly protectedPods: readonly PodFacts[]; readonly others: readonly PodFacts[] } {
  const left = new Map<string, number>();
  const isProtected = ({ namespace, labels, pod }: PodFacts): boolean => {
    if (Object.keys(labels).length === 0) return false;
    let violated = false;
    for (const { metadata, spec, status } of cluster.budgets(namespace)) {
      if (!labelMatch(spec.selector)(labels)) continue;
      if (Object.hasOwn(status.disruptedPods ?? {}, pod.metadata.name)) continue;
      const allowed = (left.get(metadata.uid) ?? status.disruptionsAllowed ?? 0) - 1;
      left.set(metadata.uid, allowed);
      if (allowed < 0) violated = true;
    }
    return violated;
  };
  const protectedPods: PodFacts[] = [];
  const others: PodFacts[] = [];
  for (const each of pods) (isProtected(each) ? protectedPods : others).push(each);
  return { protectedPods, others };
}

function tryOut(node: NodeState, pod: PodFacts, cluster: ClusterState): Rejection | undefined {
  const checks = prepare(pod, cluster);
  if (typeof checks === 'string') return { reasons: [checks], resolvable: false };
  return firstRejection(node, checks);
}

/** Higher priority first, then whoever runs for longest. */
function byImportance(a: PodFacts, b: PodFacts): number {
  return b.priority - a.priority || (startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0);
}

/** A pod that has not started counts as starting now: after all that have. */
function startOf({ pod }: PodFacts): string {
  return pod.status.startTime ?? '9999';
}

/** Fewer broken budgets, then lower highest priority, then lower sum of priorities, then fewer victims, then the later start of the most important. */
function isBetter(a: Candidate, b: Candidate): boolean {
  const [mostOfA, mostOfB] = [a.victims[0], b.victims[0]];
  // Without a victim the node does already, as when a pod ended meanwhile: nothing is better.
  if (mostOfA === undefined || mostOfB === undefined) return mostOfA === undefined && mostOfB !== undefined;
  if (a.violations !== b.violations) return a.violations < b.violations;
  if (mostOfA.priority !== mostOfB.priority) return mostOfA.priority < mostOfB.priority;
  const sum = ({ victims }: Candidate): number =>
    victims.reduce((all, { priority }) => all + priority + 2 ** 31, 0);
  if (sum(a) !== sum(b)) return sum(a) < sum(b);
  if (a.victims.length !== b.victims.length) return a.victims.length < b.victims.length;
  return startOf(mostOfA) > startOf(mostOfB);
}
