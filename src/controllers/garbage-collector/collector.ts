import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { Reconciler, Resource } from '../../client/index.ts';
import type { AbsentOwners } from './absent-owners.ts';
import { type Classified, decide } from './decide.ts';
import { FOREGROUND_FINALIZER, type Graph, type GraphNode, ORPHAN_FINALIZER } from './graph.ts';
import type { Reference } from './identity.ts';
import type { Writes } from './writes.ts';

/**
 * Milliseconds after which an object that exists but that no informer has shown is looked at again: it may have come and
 * gone while a watch was interrupted, and would stay in the graph for ever.
 */
const UNOBSERVED_MS = 10_000;

/**
 * Milliseconds after which an absent owner's uid is looked at by what else it may mean; twice as long each time, up to
 * {@link UNOBSERVED_MS}. Dependents that stay may disagree for ever.
 */
const OTHER_MEANING_MS = 5;

/** Dependents set free at the same time: a commit of the store takes as many. */
const ORPHANED_AT_ONCE = 64;

/** What becomes of a reference's owner: absent, being deleted with its dependents, or there. */
type OwnerState = 'dangling' | 'waiting' | 'solid';

/** Looks at one object, by uid, and does what its owners and dependents ask for. */
export class Collector implements Reconciler {
  readonly #graph: Graph;
  readonly #absent: AbsentOwners;
  readonly #writes: Writes;

  constructor(graph: Graph, absent: AbsentOwners, writes: Writes) {
    this.#graph = graph;
    this.#absent = absent;
    this.#writes = writes;
  }

  async sync(uid: string): Promise<number | undefined> {
    const node = this.#graph.get(uid);
    const of = node === undefined ? undefined : this.#writes.resourceOf(node.identity);
    // A kind that is not known here cannot be asked for, so nothing is ever concluded from it.
    if (node === undefined || of === undefined) return undefined;
    // Who is being deleted will be gone; its dependents are looked at then.
    if (node.beingDeleted && !node.deletingDependents && !node.orphaningDependents) return undefined;
    if (node.orphaningDependents) await this.#orphan(of, node);
    else if (node.observed && node.deletingDependents) await this.#awaitDependents(of, node);
    else return await this.#judge(of, node);
    return undefined;
  }

  /** Takes the owner's reference from its dependents, then lets the owner go. */
  async #orphan(of: Resource<ApiObject>, owner: GraphNode): Promise<void> {
    const dependents = [...owner.dependents];
    for (let at = 0; at < dependents.length; at += ORPHANED_AT_ONCE) {
      const group = dependents.slice(at, at + ORPHANED_AT_ONCE);
      await Promise.all(group.map((dependent) => this.#setFree(dependent, owner.identity.uid)));
    }
    await this.#writes.removeFinalizer(of, owner.identity, ORPHAN_FINALIZER);
  }

  async #setFree({ identity }: GraphNode, owner: string): Promise<void> {
    const of = this.#writes.resourceOf(identity);
    if (of === undefined) return;
    try {
      await this.#writes.unlink(of, identity, [owner]);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Lets an owner go that nothing blocks any more; what blocks it has been, or is here, marked to be looked at. */
  async #awaitDependents(of: Resource<ApiObject>, owner: GraphNode): Promise<void> {
    if (owner.blockers.size === 0) {
      await this.#writes.removeFinalizer(of, owner.identity, FOREGROUND_FINALIZER);
    }
  }

  /** Decides whether the object's owners still warrant it. */
  async #judge(of: Resource<ApiObject>, node: GraphNode): Promise<number | undefined> {
    const { identity } = node;
    if (of.namespaced && identity.namespace === '') return undefined;
    const latest = await this.#writes.get(of, identity);
    if (latest === undefined || latest.metadata.uid !== identity.uid) {
      const turns = this.#graph.removeAbsent(identity);
      return turns === undefined ? undefined : Math.min(OTHER_MEANING_MS * 2 ** turns, UNOBSERVED_MS);
    }
    const references = latest.metadata.ownerReferences ?? [];
    if (references.length > 0) await this.#apply(of, node, latest, references);
    return node.observed ? undefined : UNOBSERVED_MS;
  }

  async #apply(
    of: Resource<ApiObject>,
    node: GraphNode,
    latest: DeepReadonly<ApiObject>,
    references: readonly Reference[],
  ): Promise<void> {
    const classified = await this.#classify(references, node.identity.namespace);
    if (classified === undefined) return;
    const decision = decide(node, latest, classified);
    if (decision.action === 'unlink') await this.#writes.unlink(of, node.identity, decision.uids);
    if (decision.action !== 'delete') return;
    if (decision.unblock) {
      await this.#writes.unblock(of, node.identity, references);
      const unblocked = await this.#writes.get(of, node.identity);
      if (unblocked === undefined || unblocked.metadata.uid !== node.identity.uid) return;
      await this.#writes.delete(of, unblocked, decision.propagation);
      return;
    }
    const found = await this.#writes.delete(of, latest, decision.propagation);
    if (!found) this.#graph.removeAbsent(node.identity);
  }

  /** Sorts references by their owners; undefined when an owner cannot be asked for, so that nothing may be concluded. */
  async #classify(references: readonly Reference[], namespace: string): Promise<Classified | undefined> {
    const sorted: Record<OwnerState, Reference[]> = { solid: [], dangling: [], waiting: [] };
    for (const reference of references) {
      const state = await this.#ownerState(reference, namespace);
      if (state === undefined) return undefined;
      sorted[state].push(reference);
    }
    return sorted;
  }

  async #ownerState(reference: Reference, namespace: string): Promise<OwnerState | undefined> {
    const identity = this.#writes.resolve(reference, namespace);
    if (this.#absent.has(identity)) return 'dangling';
    const of = this.#writes.resourceOf(reference);
    // A cluster-scoped object cannot have an owner in a namespace, and asking again would not change that.
    if (of === undefined || (of.namespaced && namespace === '')) return undefined;
    const owner = await this.#writes.get(of, identity);
    if (owner === undefined || owner.metadata.uid !== reference.uid) {
      this.#absent.add(identity);
      return 'dangling';
    }
    const { deletionTimestamp, finalizers = [] } = owner.metadata;
    return deletionTimestamp !== undefined && finalizers.includes(FOREGROUND_FINALIZER) ? 'waiting' : 'solid';
  }
}
