/**
 * What is known of one Job's pods, kept current pod by pod, so that a sync costs what has changed and not what there is:
 * pods that are ended and counted are not in it. Built from an informer's events, or anew from a lister at any time, with
 * the same result.
 *
 * A write of ours is entered at once, before the watch shows it; until the watch does, older states of that pod are
 * passed over. So a late watch makes nobody create a pod twice or count it twice.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { labelMatcherOf } from '../../apimachinery/selectors/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { isActive, isTerminating, NO_INDEX, type PodView, viewOf } from './pod-view.ts';
import { UsageLedger } from './usage-ledger.ts';

/** A write of ours that the watch has not shown yet. */
export interface UnseenWrite {
  readonly uid: string;
  readonly name: string;
  /** Monotonic milliseconds. */
  readonly at: number;
}

interface Unseen extends UnseenWrite {
  /** States with a lower resource version are older than what we wrote. */
  readonly version: number;
  /** We deleted the pod, and no state that we know of shows it yet. */
  readonly deletion: boolean;
}

/** A label selector, ready to be asked. */
type LabelMatcher = ReturnType<typeof labelMatcherOf>;

/** The pods of a Job as the plan reads them. */
export interface PodLedger {
  readonly active: ReadonlyMap<string, PodView>;
  readonly terminating: ReadonlyMap<string, PodView>;
  /** Pods with the tracking finalizer, whatever their state. */
  readonly tracked: ReadonlyMap<string, PodView>;
  /** Those of them that are ended or being deleted: what there is to count. */
  readonly ended: ReadonlyMap<string, PodView>;
  /** Number of active pods by completion index, {@link NO_INDEX} included. */
  readonly activeByIndex: ReadonlyMap<number, number>;
  /** No active pod has an index above this one. */
  readonly highestActiveIndex: number;
  readonly ready: number;
  /** Sum of container restarts of pods that are Pending or Running. */
  readonly restarts: number;
}

/** See the file's head. */
export class Ledger implements PodLedger {
  readonly active = new Map<string, PodView>();
  readonly terminating = new Map<string, PodView>();
  readonly tracked = new Map<string, PodView>();
  readonly ended = new Map<string, PodView>();
  readonly activeByIndex = new Map<number, number>();
  /** Pods that the Job owns but its selector does not match: to be released. */
  readonly mismatched = new Map<string, PodView>();
  highestActiveIndex = NO_INDEX;
  ready = 0;
  restarts = 0;
  /** What pods used and the Job does not tell yet. */
  readonly usage = new UsageLedger();
  /** How many pods have entered `ended` so far. */
  endedSoFar = 0;
  /** How many writes of ours have been entered so far. */
  changedByUs = 0;
  /** Every pod that some map above holds. */
  readonly #views = new Map<string, PodView>();
  readonly #unseen = new Map<string, Unseen>();
  /** What the watch showed since writes were begun whose answers are not in yet: uid to version, infinite for a pod gone. */
  readonly #shown = new Map<string, number>();
  #writing = 0;
  #selector: LabelMatcher | undefined;

  /** Whether nothing is known of any pod, and no write waits to be seen. */
  get empty(): boolean {
    return this.#views.size === 0 && this.#unseen.size === 0 && this.mismatched.size === 0;
  }

  /** Names the Job's selector once the Job is known; pods it does not match are set apart. */
  bind(selector: LabelMatcher): void {
    if (this.#selector !== undefined) return;
    this.#selector = selector;
    for (const view of this.#views.values().toArray()) this.#enter(view);
  }

  /**
   * Must enclose every write, since the watch may be faster than the answer: what was shown meanwhile is then known to be
   * newer than what `wrote` and `deleted` are told.
   */
  async whileWriting<T>(write: () => Promise<T>): Promise<T> {
    this.#writing += 1;
    try {
      return await write();
    } finally {
      this.#writing -= 1;
      if (this.#writing === 0) this.#shown.clear();
    }
  }

  /** Takes in what the watch (or a list) says of a pod; answers whether that matters to the Job. */
  observe(pod: DeepReadonly<Pod>): boolean {
    const { uid } = pod.metadata;
    if (this.#writing > 0) this.#shown.set(uid, versionOf(pod));
    const unseen = this.#unseen.get(uid);
    if (unseen !== undefined) {
      if (versionOf(pod) < unseen.version) return false;
      if (unseen.deletion && pod.metadata.deletionTimestamp === undefined) return false;
      this.#unseen.delete(uid);
    }
    const [before, mismatched] = [this.#views.get(uid), this.mismatched.has(uid)];
    const view = viewOf(pod);
    this.usage.observe(before, view);
    this.#enter(view);
    return mismatched !== this.mismatched.has(uid) || !sameToTheJob(before, this.#views.get(uid));
  }

  /** Takes in that a pod is gone; answers whether that matters to the Job. */
  observeGone(uid: string): boolean {
    if (this.#writing > 0) this.#shown.set(uid, Number.POSITIVE_INFINITY);
    this.#unseen.delete(uid);
    this.mismatched.delete(uid);
    return this.#leave(uid);
  }

  /** Enters the pod as one of our writes left it. */
  wrote(pod: DeepReadonly<Pod>, at: number): void {
    const { uid, name } = pod.metadata;
    this.changedByUs += 1;
    if ((this.#shown.get(uid) ?? 0) >= versionOf(pod)) return;
    const view = viewOf(pod);
    const deletion = !view.deleting && this.#unseen.get(uid)?.deletion === true;
    this.#unseen.set(uid, { uid, name, at, version: versionOf(pod), deletion });
    this.#enter(deletion ? { ...view, deleting: true } : view);
  }

  /** Enters that the server has accepted the deletion of a pod. */
  deleted(view: PodView, at: number): void {
    this.changedByUs += 1;
    const known = this.#views.get(view.uid);
    if (known === undefined || known.pod.metadata.deletionTimestamp !== undefined) return;
    const version = this.#unseen.get(view.uid)?.version ?? 0;
    this.#unseen.set(view.uid, { uid: view.uid, name: view.name, at, version, deletion: true });
    this.#enter({ ...known, deleting: true });
  }

  /** The oldest of our writes that the watch has not shown yet. */
  get oldestUnseen(): UnseenWrite | undefined {
    return this.#unseen.values().next().value;
  }

  /** Takes in what a get of the pod has answered, after the watch has not shown a write of ours for long. */
  settle(uid: string, pod: DeepReadonly<Pod> | undefined, at: number): void {
    this.#unseen.delete(uid);
    if (pod?.metadata.uid === uid) this.wrote(pod, at);
    else this.observeGone(uid);
  }

  #enter(view: PodView): void {
    const { uid } = view;
    this.#leave(uid);
    this.mismatched.delete(uid);
    if (this.#selector?.matches(view.pod.metadata.labels) === false) {
      this.mismatched.set(uid, view);
      return;
    }
    const active = isActive(view);
    const terminating = isTerminating(view);
    if (!active && !terminating && !view.tracked) return;
    this.#views.set(uid, view);
    if (active) {
      this.active.set(uid, view);
      this.activeByIndex.set(view.index, (this.activeByIndex.get(view.index) ?? 0) + 1);
      if (view.index > this.highestActiveIndex) this.highestActiveIndex = view.index;
      if (view.ready) this.ready += 1;
    }
    if (terminating) this.terminating.set(uid, view);
    if (view.tracked) {
      this.tracked.set(uid, view);
      if (!active) {
        this.ended.set(uid, view);
        this.endedSoFar += 1;
      }
    }
    this.restarts += view.restarts;
  }

  #leave(uid: string): boolean {
    const view = this.#views.get(uid);
    if (view === undefined) return false;
    this.#views.delete(uid);
    if (this.active.delete(uid)) {
      const others = (this.activeByIndex.get(view.index) ?? 0) - 1;
      if (others > 0) this.activeByIndex.set(view.index, others);
      else this.activeByIndex.delete(view.index);
      if (view.ready) this.ready -= 1;
    }
    this.terminating.delete(uid);
    this.tracked.delete(uid);
    this.ended.delete(uid);
    this.restarts -= view.restarts;
    return true;
  }
}

/** Whether two states of a pod say the same for everything that a plan looks at. */
function sameToTheJob(before: PodView | undefined, after: PodView | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return (
    before.phase === after.phase &&
    before.deleting === after.deleting &&
    before.tracked === after.tracked &&
    before.ready === after.ready &&
    before.restarts === after.restarts &&
    before.index === after.index &&
    before.usage === after.usage &&
    before.waiting === after.waiting
  );
}

function versionOf(pod: DeepReadonly<Pod>): number {
  return Number(pod.metadata.resourceVersion);
}
