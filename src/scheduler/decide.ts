/** Chooses a node for a pod, or says why there is none. Changes nothing but what it keeps room for while it looks. */
import type { Random } from '../apimachinery/random.ts';
import type { ClusterState } from './cluster-state.ts';
import { FILTERS, type NodeCheck, type Rejection, UNWELCOME } from './filters/index.ts';
import type { NodeState } from './node-state.ts';
import type { PodFacts } from './pod-facts.ts';
import { SCORES } from './scores/index.ts';

/** Nodes that will do after which no more are looked for; upstream's own minimum. */
const FEASIBLE_NODES_MIN = 100;

/** Why no node will do. */
export interface Failure {
  /** Nodes there are. */
  readonly total: number;
  /** A reason that holds for the pod whatever the node. */
  readonly everywhere: string | undefined;
  /** Each node with its reasons; empty when `everywhere` tells it all. */
  readonly rejections: readonly (readonly [NodeState, Rejection])[];
  /** Whether pods of the same scheduling class would fail in the same way. */
  readonly shared: boolean;
}

/** The node chosen, or the failure. */
export type Decision = { readonly node: string } | { readonly failure: Failure };

/** Decides, and remembers where to begin the next search, so that in a large cluster all nodes get their turn. */
export class Decider {
  readonly #random: Random;
  #start = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The best node for a pod in the cluster as it is. */
  decide(pod: PodFacts, cluster: ClusterState): Decision {
    const { nodes } = cluster;
    const checks = prepare(pod, cluster);
    if (typeof checks === 'string') {
      return { failure: { total: nodes.length, everywhere: checks, rejections: [], shared: true } };
    }
    const enough = feasibleEnough(nodes.length);
    const feasible: NodeState[] = [];
    const rejections: [NodeState, Rejection][] = [];
    for (let at = 0; at < nodes.length && feasible.length < enough; at++) {
      const node = nodes[(this.#start + at) % nodes.length] as NodeState;
      const rejection = checkNode(node, pod, checks, cluster);
      if (rejection === undefined) feasible.push(node);
      else rejections.push([node, rejection]);
    }
    if (nodes.length > enough)
      this.#start = (this.#start + feasible.length + rejections.length) % nodes.length;
    if (feasible.length === 0) {
      const shared = rejections.every(([, rejection]) => rejection !== UNWELCOME);
      return { failure: { total: nodes.length, everywhere: undefined, rejections, shared } };
    }
    return { node: this.#best(pod, feasible, cluster).name };
  }

  #best(pod: PodFacts, feasible: readonly NodeState[], cluster: ClusterState): NodeState {
    const [first] = feasible;
    if (feasible.length === 1 && first !== undefined) return first;
    const sums = new Float64Array(feasible.length);
    for (const { weight, marks } of SCORES) {
      const given = marks(pod, feasible, cluster);
      if (given === undefined) continue;
      for (let at = 0; at < sums.length; at++) sums[at] = (sums[at] ?? 0) + weight * (given[at] ?? 0);
    }
    let best = 0;
    let equals = 1;
    for (let at = 1; at < sums.length; at++) {
      const sum = sums[at] ?? 0;
      const most = sums[best] ?? 0;
      if (sum > most) {
        best = at;
        equals = 1;
      } else if (sum === most) {
        // Each of the equals is taken with the same chance, whatever their number.
        equals += 1;
        if (this.#random.fraction() * equals < 1) best = at;
      }
    }
    return feasible[best] as NodeState;
  }
}

/** The checks that concern a pod, or the reason for which no node can do. */
export function prepare(pod: PodFacts, cluster: ClusterState): readonly NodeCheck[] | string {
  const checks: NodeCheck[] = [];
  for (const filter of FILTERS) {
    const prepared = filter(pod, cluster);
    if (typeof prepared === 'string') return prepared;
    if (prepared !== undefined) checks.push(prepared);
  }
  return checks;
}

/** The first reason against a node, as if the pods for which room is kept there were on it already. */
function checkNode(
  node: NodeState,
  pod: PodFacts,
  checks: readonly NodeCheck[],
  cluster: ClusterState,
): Rejection | undefined {
  const nominated = cluster.nominatedOn(node.name, pod);
  if (nominated.length === 0) return firstRejection(node, checks);
  for (const each of nominated) node.add(each);
  const rejection = firstRejection(node, checks);
  for (const each of nominated) node.remove(each);
  return rejection ?? firstRejection(node, checks);
}

/** The rejection of the first check that the node does not pass. */
export function firstRejection(node: NodeState, checks: readonly NodeCheck[]): Rejection | undefined {
  for (const check of checks) {
    const rejection = check(node);
    if (rejection !== undefined) return rejection;
  }
  return undefined;
}

/** In large clusters a share of the nodes is enough: half, less as the cluster grows, never under a twentieth. */
function feasibleEnough(nodes: number): number {
  if (nodes < FEASIBLE_NODES_MIN) return nodes;
  const percent = Math.max(50 - Math.floor(nodes / 125), 5);
  return Math.max(FEASIBLE_NODES_MIN, Math.floor((nodes * percent) / 100));
}
