/**
 * The pods that wait for a node: by priority, then by age. Upstream: pkg/scheduler/backend/queue, with one difference.
 *
 * Pods that are alike (see schedulingClass) wait as one class: where its oldest finds no node the others would not either,
 * so that they are set aside together without being looked at, and when something changes only the oldest is tried. Ten
 * thousand pods of a Job that fill a machine cost, for each one that ends, one try and not ten thousand.
 */
import type { Clock, Timer } from '../apimachinery/clock.ts';
import { Heap } from '../client/index.ts';
import { type PodFacts, schedulingClass } from './pod-facts.ts';

/** Milliseconds before a class is tried again that was tried in vain; it doubles with each try in vain in a row. */
const BACKOFF_BASE_MS = 1;
/** Longest pause of a class after tries in vain, as upstream's for a pod. */
const BACKOFF_MAX_MS = 10_000;
/** Milliseconds after which a class set aside is tried again though nothing told that this would help; upstream's own. */
const FORGOTTEN_MS = 300_000;

interface Waiting {
  readonly facts: PodFacts;
  readonly order: number;
}

interface PodClass {
  readonly id: string;
  /** From the oldest on. */
  readonly pods: Map<string, Waiting>;
  state: 'ready' | 'trying' | 'aside';
  /** Tries in vain in a row. */
  failures: number;
  /** Monotonic milliseconds before which it is not tried again. */
  notBefore: number;
  /** When it was set aside; monotonic milliseconds. */
  asideAt: number;
  /** Whether something has changed since it was set aside. */
  woken: boolean;
  /** Why it was set aside. */
  message: string;
  /** Pods of which nobody was told yet why they wait. */
  readonly untold: Map<string, PodFacts>;
  /** Whether other pods' places matter to it (affinity, spread). */
  readonly watchesPods: boolean;
}

interface Turn {
  readonly of: PodClass;
  readonly priority: number;
  readonly created: string;
  readonly order: number;
}

/** See the file's head. */
export class PendingPods {
  readonly #clock: Clock;
  readonly #onReady: () => void;
  readonly #classes = new Map<string, PodClass>();
  /** The class of each pod, by uid. */
  readonly #classOf = new Map<string, PodClass>();
  readonly #turns = new Heap<Turn>(isBefore);
  #timer: { readonly handle: Timer; readonly at: number } | undefined;
  #order = 0;
  #stopped = false;
  /** Classes to which other pods' places matter. */
  #watching = 0;

  /** @param onReady called when time alone has made a pod ready. */
  constructor(clock: Clock, onReady: () => void) {
    this.#clock = clock;
    this.#onReady = onReady;
  }

  /** Pods that wait. */
  get size(): number {
    return this.#classOf.size;
  }

  /** Takes a pod in. Answers the message of its class when that was set aside: then the pod waits with it. */
  add(facts: PodFacts, id = schedulingClass(facts)): string | undefined {
    this.remove(facts.uid);
    let of = this.#classes.get(id);
    if (of === undefined) {
      of = {
        id,
        pods: new Map(),
        state: 'trying',
        failures: 0,
        notBefore: 0,
        asideAt: 0,
        woken: false,
        message: '',
        untold: new Map(),
        watchesPods: facts.affinity.length + facts.spreadHard.length > 0,
      };
      this.#classes.set(id, of);
      if (of.watchesPods) this.#watching += 1;
    }
    of.pods.set(facts.uid, { facts, order: ++this.#order });
    this.#classOf.set(facts.uid, of);
    if (of.state === 'aside') return of.message;
    of.untold.set(facts.uid, facts);
    if (of.state === 'trying' && of.pods.size === 1) this.#queue(of);
    return undefined;
  }

  remove(uid: string): void {
    const of = this.#classOf.get(uid);
    if (of === undefined) return;
    this.#classOf.delete(uid);
    of.pods.delete(uid);
    of.untold.delete(uid);
    if (of.pods.size > 0) return;
    this.#classes.delete(of.id);
    if (of.watchesPods) this.#watching -= 1;
  }

  /** A waiting pod's status has changed, and nothing that matters for its place. */
  seen(pod: PodFacts['pod']): void {
    const { uid } = pod.metadata;
    const waiting = this.#classOf.get(uid)?.pods.get(uid);
    if (waiting !== undefined) waiting.facts.pod = pod;
  }

  /** The pod whose turn it is. `placed`, `setAside` or `setAsideAlone` must follow. */
  next(): PodFacts | undefined {
    for (let turn = this.#turns.take(); turn !== undefined; turn = this.#turns.take()) {
      const { of } = turn;
      if (of.state !== 'ready' || this.#classes.get(of.id) !== of) continue;
      of.state = 'trying';
      return first(of)?.facts;
    }
    return undefined;
  }

  /** The pod has found its node; the next of its class has its turn. */
  placed(uid: string): void {
    const of = this.#classOf.get(uid);
    if (of === undefined) return;
    this.remove(uid);
    of.failures = 0;
    if (of.pods.size > 0) this.#queue(of);
  }

  /** The pod found no node: its class is set aside. Answers the pods to tell: this one, and those never told before. */
  setAside(uid: string, message: string): readonly PodFacts[] {
    const of = this.#classOf.get(uid);
    if (of === undefined) return [];
    of.state = 'aside';
    of.message = message;
    of.asideAt = this.#clock.monotonic();
    of.woken = false;
    of.notBefore = of.asideAt + Math.min(BACKOFF_BASE_MS * 2 ** of.failures, BACKOFF_MAX_MS);
    of.failures = Math.min(of.failures + 1, 30);
    this.#arm(of.asideAt + FORGOTTEN_MS);
    const tried = of.pods.get(uid);
    if (tried !== undefined) of.untold.set(uid, tried.facts);
    const told = [...of.untold.values()];
    of.untold.clear();
    return told;
  }

  /** The pod alone is set aside, in a class of its own; the others of its class may fare better. */
  setAsideAlone(facts: PodFacts, message: string): void {
    const of = this.#classOf.get(facts.uid);
    const id = `${of?.id ?? ''} ${facts.uid}`;
    this.remove(facts.uid);
    if (of !== undefined && of.id !== id && of.pods.size > 0) this.#queue(of);
    this.add(facts, id);
    this.setAside(facts.uid, message);
  }

  /** Something has changed that may help: every class set aside has its turn, unless it was tried in vain just before. */
  wake(): void {
    this.#wake(() => true);
  }

  /** A pod was placed, which may help those that want others beside them. */
  wakeWatching(): void {
    if (this.#watching > 0) this.#wake(({ watchesPods }) => watchesPods);
  }

  #wake(concerns: (of: PodClass) => boolean): void {
    const now = this.#clock.monotonic();
    for (const of of this.#classes.values()) {
      if (of.state !== 'aside' || of.woken || !concerns(of)) continue;
      if (of.notBefore <= now) this.#queue(of);
      else {
        of.woken = true;
        this.#arm(of.notBefore);
      }
    }
  }

  /** Stops the timer for good. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.handle.cancel();
    this.#timer = undefined;
  }

  #queue(of: PodClass): void {
    const oldest = first(of);
    if (oldest === undefined) return;
    of.state = 'ready';
    const { facts, order } = oldest;
    const created = facts.pod.metadata.creationTimestamp;
    this.#turns.add({ of, priority: facts.priority, created, order });
  }

  #arm(at: number): void {
    if (this.#stopped || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.handle.cancel();
    const handle = this.#clock.after(at - this.#clock.monotonic(), () => this.#due());
    this.#timer = { handle, at };
  }

  #due(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    let nextAt = Number.POSITIVE_INFINITY;
    for (const of of this.#classes.values()) {
      if (of.state !== 'aside') continue;
      const at = of.woken ? of.notBefore : of.asideAt + FORGOTTEN_MS;
      if (at <= now) this.#queue(of);
      else nextAt = Math.min(nextAt, at);
    }
    if (nextAt < Number.POSITIVE_INFINITY) this.#arm(nextAt);
    this.#onReady();
  }
}

function first(of: PodClass): Waiting | undefined {
  const next = of.pods.values().next();
  return next.done ? undefined : next.value;
}

function isBefore(a: Turn, b: Turn): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.created !== b.created) return a.created < b.created;
  return a.order < b.order;
}
