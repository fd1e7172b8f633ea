import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { AbsentOwners } from './absent-owners.ts';
import { describe, type Identity, names, type Reference, textOf } from './identity.ts';

/** The finalizer by which an owner waits for its dependents to be deleted. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion';
/** The finalizer by which an owner waits for its dependents to be set free. */
export const ORPHAN_FINALIZER = 'orphan';

/** An object in the graph. */
export interface GraphNode {
  readonly identity: Identity;
  /** Whether an informer has shown the object; else it is known from references alone, and may not exist. */
  readonly observed: boolean;
  readonly owners: readonly Reference[];
  readonly beingDeleted: boolean;
  /** Whether it is being deleted and waits for its dependents to go. */
  readonly deletingDependents: boolean;
  /** Whether it is being deleted and waits for its dependents to be set free. */
  readonly orphaningDependents: boolean;
  readonly dependents: ReadonlySet<GraphNode>;
  /** The dependents that must be gone before this object may go. */
  readonly blockers: ReadonlySet<GraphNode>;
}

interface MutableNode extends GraphNode {
  identity: Identity;
  observed: boolean;
  owners: readonly Reference[];
  beingDeleted: boolean;
  deletingDependents: boolean;
  orphaningDependents: boolean;
  dependents: Set<MutableNode>;
  blockers: Set<MutableNode>;
  /** How often the uid has come to mean something else, while nobody has seen what it means. */
  turns: number;
}

/** What most objects have, shared by them all: two sets of its own would cost each pod more than half a kilobyte. */
const NONE: Set<MutableNode> = new Set();

function adding(nodes: Set<MutableNode>, node: MutableNode): Set<MutableNode> {
  return nodes === NONE ? new Set([node]) : nodes.add(node);
}

/** What the graph asks of its surroundings. */
export interface GraphObserver {
  /** Which object is meant by a reference in an object of `namespace`. */
  resolve(reference: Reference, namespace: string): Identity;
  /** The object's owners or dependents have changed so that it should be looked at. */
  look(uid: string): void;
  /** An object refers to an owner in a namespace in which that cannot be. */
  invalidNamespace(dependent: Identity, message: string): void;
}

/** Who owns whom, by uid. An owner that no informer has shown is in it as long as somebody refers to it. */
export class Graph {
  readonly #nodes = new Map<string, MutableNode>();
  readonly #absent: AbsentOwners;
  readonly #observer: GraphObserver;

  constructor(absent: AbsentOwners, observer: GraphObserver) {
    this.#absent = absent;
    this.#observer = observer;
  }

  /** The node of that uid. */
  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  /** Takes in the newest state of an object that an informer has shown. */
  put(identity: Identity, object: DeepReadonly<ApiObject>): void {
    const { ownerReferences = [], deletionTimestamp, finalizers = [] } = object.metadata;
    const node = this.#nodes.get(identity.uid) ?? this.#insert(identity, true);
    if (!node.observed) this.#observe(node, identity);
    this.#setOwners(node, ownerReferences);
    if (deletionTimestamp === undefined) return;
    node.beingDeleted = true;
    const orphaning = finalizers.includes(ORPHAN_FINALIZER);
    const waiting = !orphaning && finalizers.includes(FOREGROUND_FINALIZER);
    if (orphaning && !node.orphaningDependents) this.#observer.look(identity.uid);
    if (waiting && !node.deletingDependents) {
      for (const dependent of node.dependents) this.#observer.look(dependent.identity.uid);
      this.#observer.look(identity.uid);
    }
    node.orphaningDependents = orphaning;
    node.deletingDependents = waiting;
  }

  /** Takes in that an informer has shown an object's end. */
  remove(identity: Identity): void {
    const node = this.#nodes.get(identity.uid);
    if (node !== undefined) this.#drop(node, identity);
  }

  /**
   * Takes in that the API server knows no object of that identity, whatever the informers have shown. Where its uid then
   * comes to mean something else, that is to be looked at as well: the answer says how often that has happened, so that
   * dependents who disagree for ever are asked about less and less often.
   */
  removeAbsent(identity: Identity): number | undefined {
    const node = this.#nodes.get(identity.uid);
    if (node === undefined) return undefined;
    const meant = [...node.dependents].filter((each) => means(each, identity));
    const otherwise = [...node.dependents].filter((each) => meansOtherwise(each, identity));
    const sameIdentity = textOf(node.identity) === textOf(identity);
    if (node.observed ? sameIdentity : otherwise.length === 0) {
      this.#drop(node, identity);
      return undefined;
    }
    // The dependents disagree on who the owner is: those who meant the absent one are looked at, the others wait.
    if (meant.length > 0) {
      this.#absent.add(identity);
      for (const dependent of meant) this.#observer.look(dependent.identity.uid);
    }
    if (node.observed || !sameIdentity) return undefined;
    const next = this.#nextMeaning(otherwise, identity);
    if (next === undefined) return undefined;
    node.identity = next;
    node.turns += 1;
    return node.turns;
  }

  /** What else the dependents mean by the absent owner's uid: the next meaning in order, the first one after the last. */
  #nextMeaning(dependents: readonly MutableNode[], absent: Identity): Identity | undefined {
    const meanings = new Map<string, Identity>();
    for (const { identity, owners } of dependents) {
      for (const reference of owners) {
        if (reference.uid !== absent.uid) continue;
        const meaning = this.#observer.resolve(reference, identity.namespace);
        meanings.set(textOf(meaning), meaning);
      }
    }
    meanings.delete(textOf(absent));
    const ordered = [...meanings].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const following = ordered.find(([text]) => text > textOf(absent));
    return (following ?? ordered[0])?.[1];
  }

  #insert(identity: Identity, observed: boolean): MutableNode {
    const node: MutableNode = {
      identity,
      observed,
      owners: [],
      beingDeleted: false,
      deletingDependents: false,
      orphaningDependents: false,
      dependents: NONE,
      blockers: NONE,
      turns: 0,
    };
    this.#nodes.set(identity.uid, node);
    return node;
  }

  /** A node known from references turns out to exist; references that do not fit what it is are looked at. */
  #observe(node: MutableNode, identity: Identity): void {
    node.observed = true;
    if (textOf(node.identity) === textOf(identity)) return;
    node.identity = identity;
    for (const dependent of node.dependents) {
      if (!meansOtherwise(dependent, identity)) continue;
      if (!mayOwn(identity, dependent.identity)) this.#reportNamespace(dependent, identity.uid);
      this.#observer.look(dependent.identity.uid);
    }
  }

  #setOwners(node: MutableNode, owners: readonly Reference[]): void {
    const before = node.owners;
    if (before === owners || (before.length === 0 && owners.length === 0)) return;
    node.owners = owners;
    for (const old of before) {
      const now = owners.find(({ uid }) => uid === old.uid);
      const owner = this.#nodes.get(old.uid);
      if (owner === undefined) continue;
      if (!now?.blockOwnerDeletion) this.#unblock(owner, node);
      if (now === undefined) this.#detach(owner, node);
    }
    let doubtful = false;
    for (const now of owners) {
      const isNew = !before.some(({ uid }) => uid === now.uid);
      const owner = this.#nodes.get(now.uid);
      if (isNew && this.#addOwner(node, now)) doubtful = true;
      else if (!isNew && owner !== undefined && now.blockOwnerDeletion) {
        owner.blockers = adding(owner.blockers, node);
      }
    }
    if (doubtful) this.#observer.look(node.identity.uid);
  }

  /** Answers whether the reference may be wrong, so that the dependent should be looked at. */
  #addOwner(node: MutableNode, reference: Reference): boolean {
    const known = this.#nodes.get(reference.uid);
    const owner = known ?? this.#insert(this.#observer.resolve(reference, node.identity.namespace), false);
    owner.dependents = adding(owner.dependents, node);
    if (reference.blockOwnerDeletion) owner.blockers = adding(owner.blockers, node);
    if (known === undefined) {
      this.#observer.look(reference.uid);
      return false;
    }
    if (owner.identity.namespace !== '' && !mayOwn(owner.identity, node.identity)) {
      if (owner.observed) this.#reportNamespace(node, reference.uid);
      return true;
    }
    if (!names(reference, owner.identity)) return true;
    // An owner that goes in the foreground takes dependents along that come late.
    if (owner.deletingDependents) return true;
    return !owner.observed && owner.identity.namespace === '' && node.identity.namespace !== '';
  }

  #unblock(owner: MutableNode, dependent: MutableNode): void {
    if (!owner.blockers.delete(dependent)) return;
    if (owner.deletingDependents && owner.blockers.size === 0) this.#observer.look(owner.identity.uid);
  }

  #detach(owner: MutableNode, dependent: MutableNode): void {
    owner.dependents.delete(dependent);
    if (!owner.observed && owner.dependents.size === 0) this.#nodes.delete(owner.identity.uid);
  }

  #drop(node: MutableNode, identity: Identity): void {
    this.#nodes.delete(node.identity.uid);
    for (const { uid } of node.owners) {
      const owner = this.#nodes.get(uid);
      if (owner === undefined) continue;
      this.#unblock(owner, node);
      this.#detach(owner, node);
    }
    if (node.dependents.size === 0) return;
    this.#absent.add(identity);
    for (const dependent of node.dependents) this.#observer.look(dependent.identity.uid);
  }

  #reportNamespace(dependent: MutableNode, ownerUid: string): void {
    const reference = dependent.owners.find(({ uid }) => uid === ownerUid);
    if (reference === undefined) return;
    const { namespace } = dependent.identity;
    const meant = describe({ ...this.#observer.resolve(reference, namespace), namespace });
    this.#observer.invalidNamespace(
      dependent.identity,
      `ownerRef ${meant} does not exist in namespace ${JSON.stringify(namespace)}`,
    );
  }
}

/** Whether an object may have that owner as far as namespaces go: cluster-scoped ones may own everything. */
function mayOwn(owner: Identity, dependent: Identity): boolean {
  return owner.namespace === '' || owner.namespace === dependent.namespace;
}

/** Whether the dependent refers to exactly that owner. */
function means(dependent: MutableNode, owner: Identity): boolean {
  return mayOwn(owner, dependent.identity) && dependent.owners.some((each) => names(each, owner));
}

/** Whether the dependent refers to that uid as to something else. */
function meansOtherwise(dependent: MutableNode, owner: Identity): boolean {
  if (!mayOwn(owner, dependent.identity)) return true;
  return dependent.owners.some((each) => each.uid === owner.uid && !names(each, owner));
}
