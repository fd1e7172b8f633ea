/**
 * Settles whose a pod is: a Job adopts pods that its selector matches and nobody controls, and releases pods that it
 * controls and its selector matches no more.
 */
import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { ObjectMeta } from '../../apimachinery/meta/types.ts';
import { labelSelectorMatches } from '../../apimachinery/selectors/index.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import { type Job, TRACKING_FINALIZER } from '../../apis/batch/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { type Client, JOBS, PODS } from '../../client/index.ts';
import type { Book, JobEntry } from './book.ts';
import { ownerReferenceTo } from './pod-template.ts';

/** What adoption is made of. */
export interface AdoptionParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly book: Book;
}

/** See the file's head. Throws what the API answers; the next sync tries again. */
export class Adoption {
  readonly #parts: AdoptionParts;

  constructor(parts: AdoptionParts) {
    this.#parts = parts;
  }

  /** Adopts and releases; a Job that is being deleted does neither. */
  async settle(job: DeepReadonly<Job>, entry: JobEntry): Promise<void> {
    if (job.metadata.deletionTimestamp !== undefined) return;
    await this.#releaseMismatched(job, entry);
    const { changes, pods } = this.#parts.book.orphansIn(job.metadata.namespace ?? '');
    if (changes === entry.orphansSeen) return;
    const own = [...pods].filter(
      (pod) =>
        pod.metadata.deletionTimestamp === undefined &&
        labelSelectorMatches(job.spec.selector, pod.metadata.labels),
    );
    if (own.length > 0) await this.#adopt(job, entry, own);
    entry.orphansSeen = changes;
  }

  async #adopt(job: DeepReadonly<Job>, entry: JobEntry, pods: readonly DeepReadonly<Pod>[]): Promise<void> {
    const { client } = this.#parts;
    const { namespace = '', name, uid } = job.metadata;
    // The copy may be behind: a Job that is being deleted or was replaced must not take pods.
    const present = await client.get(JOBS, namespace, name);
    if (present.metadata.uid !== uid || present.metadata.deletionTimestamp !== undefined) return;
    for (const pod of pods) {
      const { ownerReferences = [], finalizers = [] } = pod.metadata;
      await this.#patch(entry, pod, {
        ownerReferences: [...ownerReferences, ownerReferenceTo(job)],
        finalizers: [...finalizers, TRACKING_FINALIZER],
      });
    }
  }

  async #releaseMismatched(job: DeepReadonly<Job>, entry: JobEntry): Promise<void> {
    for (const { pod, uid } of entry.ledger.mismatched.values()) {
      const { ownerReferences = [], finalizers = [] } = pod.metadata;
      await this.#patch(entry, pod, {
        ownerReferences: ownerReferences.filter((owner) => owner.uid !== job.metadata.uid),
        finalizers: finalizers.filter((each) => each !== TRACKING_FINALIZER),
      });
      // It is nobody's now, and the watch tells the others so.
      entry.ledger.observeGone(uid);
    }
  }

  /** Changes a pod's metadata as long as the pod is what we know; a pod that is gone needs no change. */
  async #patch(
    entry: JobEntry,
    pod: DeepReadonly<Pod>,
    change: DeepReadonly<Pick<ObjectMeta, 'ownerReferences' | 'finalizers'>>,
  ): Promise<void> {
    const { client, clock } = this.#parts;
    const { namespace = '', name, resourceVersion } = pod.metadata;
    const patch = { metadata: { resourceVersion, ...change } };
    await entry.ledger.whileWriting(async () => {
      try {
        const changed = await client.patch(PODS, namespace, name, 'application/merge-patch+json', patch);
        entry.ledger.wrote(changed, clock.monotonic());
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    });
  }
}
