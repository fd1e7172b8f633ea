/** Carries out what a plan says through the API: creates, deletes and releases pods, each kind of write in one go. */
import { type Clock, rfc3339 } from '../../apimachinery/clock.ts';
import { controllerOf } from '../../apimachinery/meta/controller-ref.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Random } from '../../apimachinery/random.ts';
import {
  isAlreadyExists,
  isNamespaceTerminating,
  isNotFound,
  StatusError,
} from '../../apimachinery/status-error.ts';
import type { Job } from '../../apis/batch/index.ts';
import { type Client, PODS } from '../../client/index.ts';
import type { JobEntry } from './book.ts';
import type { JobEvents } from './events.ts';
import { isGone, removeTrackingFinalizer } from './finalizer.ts';
import { IMAGE_UNAVAILABLE, IMAGE_UNAVAILABLE_CONDITION, type StuckPod } from './image-pull.ts';
import type { IndexState } from './indexed.ts';
import { PodMaker } from './pod-template.ts';
import type { PodView } from './pod-view.ts';

/** Names tried for one pod; with five random letters the second is as good as certain to be free. */
const NAMES_TRIED_MAX = 8;

/** What effects are made of. */
export interface Effects {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: JobEvents;
}

/** Applies plans for one controller. Every method enters what it did in the ledger and throws its first failure last. */
export class Applier {
  readonly #effects: Effects;

  constructor(effects: Effects) {
    this.#effects = effects;
  }

  /** Deletes the active pods of a Job that ends; they keep their finalizer until they are counted. */
  async stopPods(job: DeepReadonly<Job>, entry: JobEntry, pods: readonly PodView[]): Promise<void> {
    if (pods.length > 0) await this.#all(entry, pods, (view) => this.#delete(job, entry, view));
  }

  /** Deletes active pods that are too many; without finalizer, since they are not to be counted. */
  async removePods(job: DeepReadonly<Job>, entry: JobEntry, pods: readonly PodView[]): Promise<void> {
    if (pods.length === 0) return;
    await this.#all(entry, pods, async (view) => {
      if (view.tracked) await this.#release(entry, view);
      await this.#delete(job, entry, view);
    });
  }

  /** Takes the tracking finalizer from pods that the status knows of. */
  async releasePods(entry: JobEntry, pods: readonly PodView[]): Promise<void> {
    if (pods.length > 0) await this.#all(entry, pods, (view) => this.#release(entry, view));
  }

  /**
   * Creates pods, in batches that grow as long as all goes well: when a quota refuses the first, the others are not even
   * tried.
   */
  async createPods(
    job: DeepReadonly<Job>,
    entry: JobEntry,
    indexes: readonly number[],
    state: IndexState | undefined,
  ): Promise<void> {
    if (indexes.length === 0) return;
    const maker = new PodMaker(job, this.#effects.random);
    const create = (index: number): Promise<void> =>
      this.#create(job, entry, () => maker.make(index, state?.awaitingReplacement.get(index)));
    for (let at = 0; at < indexes.length; ) {
      const batch = indexes.slice(at, at + entry.creationBatch);
      at += batch.length;
      try {
        await this.#all(entry, batch, create);
      } catch (error) {
        entry.creationBatch = 1;
        throw error;
      }
      if (batch.length === entry.creationBatch) entry.creationBatch *= 2;
    }
  }

  /** Fails pods that cannot get their image, with the reason in their status, so that they count like any failed pod. */
  async failPods(entry: JobEntry, pods: readonly StuckPod[]): Promise<void> {
    if (pods.length > 0) await this.#all(entry, pods, (stuck) => this.#fail(entry, stuck));
  }

  /** Finds out about pods whose creation may or may not have happened; throws while that cannot be told. */
  async resolveDoubts(entry: JobEntry, namespace: string, jobUid: string): Promise<void> {
    for (const name of entry.doubtfulPods) {
      await entry.ledger.whileWriting(() => this.#lookFor(entry, namespace, name, jobUid));
    }
  }

  /** Asks the server about a pod whose change by us the watch has not shown for long. */
  async resolveUnseen(entry: JobEntry, namespace: string, uid: string, name: string): Promise<void> {
    const { client, clock } = this.#effects;
    try {
      entry.ledger.settle(uid, await client.get(PODS, namespace, name), clock.monotonic());
    } catch (error) {
      if (!isNotFound(error)) throw error;
      entry.ledger.settle(uid, undefined, clock.monotonic());
    }
  }

  /** Does all at the same time and waits for all, so that the store commits them together; then throws the first failure. */
  async #all<T>(entry: JobEntry, items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
    const results = await entry.ledger.whileWriting(() => Promise.allSettled(items.map(act)));
    const failed = results.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #create(
    job: DeepReadonly<Job>,
    entry: JobEntry,
    make: () => ReturnType<PodMaker['make']>,
  ): Promise<void> {
    const { client, clock, events } = this.#effects;
    const { namespace = '', uid } = job.metadata;
    for (let tried = 1; ; tried++) {
      const draft = make();
      const name = draft.metadata.name ?? '';
      try {
        const pod = await client.create(PODS, namespace, draft);
        entry.ledger.wrote(pod, clock.monotonic());
        events.podCreated(job, name);
        return;
      } catch (error) {
        if (isAlreadyExists(error) && tried < NAMES_TRIED_MAX) continue;
        // A namespace that is being deleted takes the Job with it.
        if (isNamespaceTerminating(error)) return;
        if (isDoubtful(error)) {
          entry.doubtfulPods.add(name);
          if (await this.#lookFor(entry, namespace, name, uid).catch(() => false)) {
            events.podCreated(job, name);
            return;
          }
        }
        events.podNotCreated(job, error);
        throw error;
      }
    }
  }

  /** Looks for a pod of ours by name; answers whether it is there. */
  async #lookFor(entry: JobEntry, namespace: string, name: string, jobUid: string): Promise<boolean> {
    const { client, clock } = this.#effects;
    try {
      const pod = await client.get(PODS, namespace, name);
      entry.doubtfulPods.delete(name);
      if (controllerOf(pod)?.uid !== jobUid) return false;
      entry.ledger.wrote(pod, clock.monotonic());
      return true;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      entry.doubtfulPods.delete(name);
      return false;
    }
  }

  async #delete(job: DeepReadonly<Job>, entry: JobEntry, view: PodView): Promise<void> {
    const { client, clock, events } = this.#effects;
    const { namespace = '' } = job.metadata;
    try {
      await client.delete(PODS, namespace, view.name, { preconditions: { uid: view.uid } });
      events.podDeleted(job, view.name);
    } catch (error) {
      if (!(await isGone(client, view.pod, error))) {
        events.podNotDeleted(job, error);
        throw error;
      }
    }
    entry.ledger.deleted(view, clock.monotonic());
  }

  async #fail(entry: JobEntry, { view, message }: StuckPod): Promise<void> {
    const { client, clock } = this.#effects;
    const { namespace = '', resourceVersion } = view.pod.metadata;
    const condition = {
      type: IMAGE_UNAVAILABLE_CONDITION,
      status: 'True',
      reason: IMAGE_UNAVAILABLE,
      message,
      lastTransitionTime: rfc3339(clock.now()),
    };
    const conditions = [...(view.pod.status.conditions ?? []), condition];
    const status = { phase: 'Failed', reason: IMAGE_UNAVAILABLE, message, conditions };
    const patch = { metadata: { resourceVersion }, status };
    const failed = await client.patch(
      PODS,
      namespace,
      view.name,
      'application/merge-patch+json',
      patch,
      'status',
    );
    entry.ledger.wrote(failed, clock.monotonic());
  }

  async #release(entry: JobEntry, view: PodView): Promise<void> {
    const { client, clock } = this.#effects;
    const pod = await removeTrackingFinalizer(client, view.pod);
    if (pod === undefined) entry.ledger.observeGone(view.uid);
    else entry.ledger.wrote(pod, clock.monotonic());
  }
}

/** Whether a write may have happened although it was answered with an error. */
function isDoubtful(error: unknown): boolean {
  return !(error instanceof StatusError) || error.code >= 500;
}
