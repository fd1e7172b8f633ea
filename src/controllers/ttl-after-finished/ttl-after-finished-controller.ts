import type { Clock } from '../../apimachinery/clock.ts';
import { type DeepReadonly, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { Job } from '../../apis/batch/index.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  JOBS,
  type Lister,
  newController,
  newWorkqueue,
  type Reconciler,
} from '../../client/index.ts';
import { expiryOf } from './expiry.ts';

/** Jobs worked on at the same time (upstream's ConcurrentTTLSyncs). */
const WORKERS = 5;

/** The ttl-after-finished controller as a component. */
export function newTtlAfterFinishedController(context: ComponentContext): Component {
  const { client, clock, log, metrics } = context;
  const jobs = context.informer(JOBS);
  const queue = newWorkqueue({ name: 'ttl_jobs_to_delete', clock, metrics });
  const changed = (job: DeepReadonly<Job>): void => {
    if (expiryOf(job) !== undefined) queue.add(objectKey(job));
  };
  jobs.onChange({ added: changed, updated: changed });
  return newController({
    name: 'ttl-after-finished-controller',
    reconciler: new TtlReconciler(client, clock, jobs.lister),
    queue,
    log,
    informers: [jobs],
    workers: WORKERS,
  });
}

/** Deletes a Job whose time is over; comes back for one whose time will be. */
class TtlReconciler implements Reconciler {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #jobs: Lister<Job>;

  constructor(client: Client, clock: Clock, jobs: Lister<Job>) {
    this.#client = client;
    this.#clock = clock;
    this.#jobs = jobs;
  }

  async sync(key: string): Promise<number | undefined> {
    const { namespace, name } = splitObjectKey(key);
    const known = this.#jobs.get(namespace, name);
    const early = this.#leftMs(known);
    if (early === undefined || early > 0) return early;
    // The copy may be behind: whoever gives the Job more time last must win over it.
    const job = await this.#fresh(namespace, name);
    const left = this.#leftMs(job);
    if (job === undefined || left === undefined || left > 0) return left;
    const { uid } = job.metadata;
    try {
      await this.#client.delete(JOBS, namespace, name, {
        propagationPolicy: 'Foreground',
        preconditions: { uid },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return undefined;
  }

  /** Milliseconds until the Job is to go; undefined when it is to stay. */
  #leftMs(job: DeepReadonly<Job> | undefined): number | undefined {
    const expiry = job === undefined ? undefined : expiryOf(job);
    return expiry === undefined ? undefined : Math.max(0, expiry - this.#clock.now());
  }

  async #fresh(namespace: string, name: string): Promise<DeepReadonly<Job> | undefined> {
    try {
      return await this.#client.get(JOBS, namespace, name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}
