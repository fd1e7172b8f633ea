/**
 * Takes the tracking finalizer from pods that no Job will count: their Job is gone or finished, or nobody controls them.
 * Otherwise they could never be deleted.
 */
import { controllerOf } from '../../apimachinery/meta/controller-ref.ts';
import { type DeepReadonly, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { isJobFinished, type Job } from '../../apis/batch/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { Client, Lister, Reconciler } from '../../client/index.ts';
import type { Book } from './book.ts';
import { removeTrackingFinalizer } from './finalizer.ts';
import { isManagedElsewhere } from './managed-by.ts';
import { isTracked } from './pod-view.ts';

/** What the reconciler is made of. */
export interface OrphanParts {
  readonly client: Client;
  readonly jobs: Lister<Job>;
  readonly pods: Lister<Pod>;
  readonly book: Book;
}

/** Key of all pods of a Job that is gone or finished. */
export function jobPodsKey(namespace: string, jobUid: string): string {
  return `job/${namespace}/${jobUid}`;
}

/** Key of one pod. */
export function podKey(namespace: string, name: string): string {
  return `pod/${namespace}/${name}`;
}

/** See the file's head. Its keys are those of {@link jobPodsKey} and {@link podKey}. */
export class OrphanReconciler implements Reconciler {
  readonly #parts: OrphanParts;

  constructor(parts: OrphanParts) {
    this.#parts = parts;
  }

  async sync(key: string): Promise<undefined> {
    const { pods, book } = this.#parts;
    const { namespace: kind, name: rest } = splitObjectKey(key);
    const { namespace, name } = splitObjectKey(rest);
    if (kind === 'pod') {
      const pod = pods.get(namespace, name);
      if (pod !== undefined) await this.#release(pod);
      return;
    }
    const ledger = book.find(name)?.ledger;
    if (ledger === undefined) return;
    const views = [...ledger.tracked.values(), ...ledger.mismatched.values()];
    const results = await Promise.allSettled(views.map((view) => this.#release(view.pod)));
    const failed = results.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #release(pod: DeepReadonly<Pod>): Promise<void> {
    if (isTracked(pod) && this.#isOrphan(pod)) await removeTrackingFinalizer(this.#parts.client, pod);
  }

  #isOrphan(pod: DeepReadonly<Pod>): boolean {
    const owner = controllerOf(pod);
    if (owner === undefined) return true;
    if (owner.kind !== 'Job' || owner.apiVersion !== 'batch/v1') return false;
    const job = this.#parts.jobs.get(pod.metadata.namespace ?? '', owner.name);
    if (job === undefined || job.metadata.uid !== owner.uid) return true;
    return isJobFinished(job) && !isManagedElsewhere(job);
  }
}
