/** The scheduler's picture: nodes, the pods bound (or about to be bound) to them, and what is counted over these. */
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Labels } from '../apis/core/label-match.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../apis/core/types.ts';
import type { PodDisruptionBudget } from '../apis/policy/index.ts';
import type { StorageClass } from '../apis/storage/index.ts';
import type { AffinityTerm } from './affinity-term.ts';
import { changeCount, NodeState } from './node-state.ts';
import { PodCounts } from './pod-counts.ts';
import type { PodFacts } from './pod-facts.ts';

/** A required anti-affinity term of bound pods, with how many of them lie on each node. */
export interface HeldTerm {
  readonly term: AffinityTerm;
  readonly byNode: Map<string, number>;
}

/** Objects beside nodes and pods that a decision looks at. */
export interface Surroundings {
  /** Labels of a namespace, for affinity terms with a namespaceSelector. */
  namespaceLabels(namespace: string): Labels;
  claim(namespace: string, name: string): DeepReadonly<PersistentVolumeClaim> | undefined;
  volume(name: string): DeepReadonly<PersistentVolume> | undefined;
  volumes(): readonly DeepReadonly<PersistentVolume>[];
  storageClass(name: string): DeepReadonly<StorageClass> | undefined;
  budgets(namespace: string): readonly DeepReadonly<PodDisruptionBudget>[];
}

const NO_SURROUNDINGS: Surroundings = {
  namespaceLabels: () => ({}),
  claim: () => undefined,
  volume: () => undefined,
  volumes: () => [],
  storageClass: () => undefined,
  budgets: () => [],
};

/** See the file's head. Changed by its owner alone; deciding only reads it. */
export class ClusterState {
  readonly #nodes = new Map<string, NodeState>();
  readonly #bound = new Map<string, { readonly facts: PodFacts; readonly node: string }>();
  readonly #held = new Map<string, HeldTerm>();
  readonly #surroundings: Surroundings;
  /** Pods for which room was made on a node, by node name. */
  readonly #nominated = new Map<string, Map<string, PodFacts>>();
  #present: readonly NodeState[] | undefined;
  readonly counts = new PodCounts(() => this.#bound.values());

  constructor(surroundings: Surroundings = NO_SURROUNDINGS) {
    this.#surroundings = surroundings;
  }

  /** The nodes that are there, in the order of their coming. */
  get nodes(): readonly NodeState[] {
    this.#present ??= [...this.#nodes.values()].filter(({ node }) => node !== undefined);
    return this.#present;
  }

  /** Anti-affinity of bound pods, each different term once. */
  get heldTerms(): Iterable<HeldTerm> {
    return this.#held.values();
  }

  namespaceLabels(namespace: string): Labels {
    return this.#surroundings.namespaceLabels(namespace);
  }

  claim(namespace: string, name: string): DeepReadonly<PersistentVolumeClaim> | undefined {
    return this.#surroundings.claim(namespace, name);
  }

  volume(name: string): DeepReadonly<PersistentVolume> | undefined {
    return this.#surroundings.volume(name);
  }

  volumes(): readonly DeepReadonly<PersistentVolume>[] {
    return this.#surroundings.volumes();
  }

  storageClass(name: string): DeepReadonly<StorageClass> | undefined {
    return this.#surroundings.storageClass(name);
  }

  budgets(namespace: string): readonly DeepReadonly<PodDisruptionBudget>[] {
    return this.#surroundings.budgets(namespace);
  }

  node(name: string): NodeState | undefined {
    return this.#nodes.get(name);
  }

  setNode(name: string, node: DeepReadonly<Node> | undefined): void {
    const state = this.#stateOf(name);
    const wasThere = state.node !== undefined;
    state.set(node);
    if (wasThere !== (node !== undefined)) this.#present = undefined;
    if (node === undefined && state.pods.size === 0) this.#nodes.delete(name);
  }

  /** Where a pod is bound, if it is. */
  nodeOf(uid: string): string | undefined {
    return this.#bound.get(uid)?.node;
  }

  factsOf(uid: string): PodFacts | undefined {
    return this.#bound.get(uid)?.facts;
  }

  /** Binds a pod to a node in this picture; a pod that is there already is replaced. */
  addPod(facts: PodFacts, node: string): void {
    this.removePod(facts.uid);
    this.#bound.set(facts.uid, { facts, node });
    this.#stateOf(node).add(facts);
    this.#count(facts, node, 1);
  }

  removePod(uid: string): void {
    const bound = this.#bound.get(uid);
    if (bound === undefined) return;
    const { facts, node } = bound;
    this.#bound.delete(uid);
    const state = this.#stateOf(node);
    state.remove(facts);
    if (state.node === undefined && state.pods.size === 0) this.#nodes.delete(node);
    this.#count(facts, node, -1);
  }

  /** Keeps room on a node for a pod that waits for others to end there. */
  nominate(facts: PodFacts, node: string): void {
    this.forgetNomination(facts.uid);
    const pods = this.#nominated.get(node) ?? new Map<string, PodFacts>();
    this.#nominated.set(node, pods.set(facts.uid, facts));
  }

  /** Keeps no room for a pod any longer; answers whether any was kept. */
  forgetNomination(uid: string): boolean {
    for (const [name, pods] of this.#nominated) {
      if (!pods.delete(uid)) continue;
      if (pods.size === 0) this.#nominated.delete(name);
      return true;
    }
    return false;
  }

  /** Pods for which room is kept on a node and to which `pod` must give way. */
  nominatedOn(node: string, pod: PodFacts): readonly PodFacts[] {
    const pods = this.#nominated.get(node);
    if (pods === undefined) return [];
    return [...pods.values()].filter((each) => each.uid !== pod.uid && each.priority >= pod.priority);
  }

  #stateOf(name: string): NodeState {
    let state = this.#nodes.get(name);
    if (state === undefined) {
      state = new NodeState(name);
      this.#nodes.set(name, state);
    }
    return state;
  }

  #count(facts: PodFacts, node: string, by: 1 | -1): void {
    this.counts.change(facts, node, by);
    for (const term of facts.antiAffinity) {
      const id = `${term.topologyKey} ${term.selects}`;
      const held = this.#held.get(id) ?? { term, byNode: new Map<string, number>() };
      changeCount(held.byNode, node, by);
      if (held.byNode.size === 0) this.#held.delete(id);
      else this.#held.set(id, held);
    }
  }
}
