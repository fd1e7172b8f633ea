/** Puts the Job controller together: informers that mark keys, a queue for Jobs and one for orphaned pods. */
import { controllerOf } from '../../apimachinery/meta/controller-ref.ts';
import { type DeepReadonly, objectKey } from '../../apimachinery/meta/object.ts';
import { labelSelectorMatches } from '../../apimachinery/selectors/index.ts';
import { CONTROLLER_UID_LABEL, isJobFinished, JOB_NAME_LABEL, type Job } from '../../apis/batch/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import {
  type Component,
  type ComponentContext,
  type Informer,
  JOBS,
  newController,
  newWorkqueue,
  PODS,
  type Workqueue,
} from '../../client/index.ts';
import { Book } from './book.ts';
import { JobEvents } from './events.ts';
import { jobPodsKey, OrphanReconciler, podKey } from './orphans.ts';
import { isTracked } from './pod-view.ts';
import { JobReconciler } from './reconciler.ts';

/**
 * Jobs worked on at the same time. Upstream's ConcurrentJobSyncs is 5; a sync mostly waits for its writes, and what many
 * small Jobs write at the same time shares the store's commits.
 */
const WORKERS = 50;

/**
 * How long pod events are gathered in milliseconds before a sync. Pods of one commit of the store come together anyway;
 * this lets the few commits after it join, and costs a single pod's Job next to nothing. (Upstream gathers for a second.)
 */
const GATHER_MS = 2;

/** Delays after a failed sync (upstream's DefaultJobApiBackOff and MaxJobApiBackOff). */
const RETRY = { baseMs: 1_000, maxMs: 60_000 };

/** Index of the Jobs whose selector a user wrote, by namespace: those that may adopt any pod. */
const MANUAL_SELECTOR_INDEX = 'job-controller/manual-selector';

/** The Job controller as a component. */
export function newJobController(context: ComponentContext): Component {
  return new JobController(context);
}

class JobController implements Component {
  readonly name = 'job-controller';
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #book = new Book();
  readonly #queue: Workqueue;
  readonly #orphans: Workqueue;
  readonly #parts: readonly Component[];
  #stopped = false;

  constructor(context: ComponentContext) {
    const { client, clock, random, log, metrics } = context;
    this.#jobs = context.informer(JOBS);
    this.#pods = context.informer(PODS);
    this.#queue = newWorkqueue({ name: 'job', clock, retry: RETRY, metrics });
    this.#orphans = newWorkqueue({ name: 'job_orphan_pod', clock, retry: RETRY, metrics });
    const [jobs, pods, book] = [this.#jobs.lister, this.#pods.lister, this.#book];
    const events = new JobEvents(context.recorder(this.name));
    const informers = [this.#jobs, this.#pods];
    this.#parts = [
      newController({
        name: this.name,
        reconciler: new JobReconciler({
          client,
          clock,
          random,
          events,
          jobs,
          book,
          wake: (key, delayMs) => this.#queue.addAfter(key, delayMs),
        }),
        queue: this.#queue,
        log,
        informers,
        workers: WORKERS,
      }),
      newController({
        name: 'job-controller-orphans',
        reconciler: new OrphanReconciler({ client, jobs, pods, book }),
        queue: this.#orphans,
        log,
        informers,
        workers: 1,
      }),
    ];
  }

  async start(): Promise<void> {
    this.#jobs.addIndex(MANUAL_SELECTOR_INDEX, manualSelectorNamespace);
    this.#jobs.onChange({
      added: (job) => this.#jobChanged(job),
      updated: (job) => this.#jobChanged(job),
      deleted: (job) => this.#jobGone(job),
    });
    this.#pods.onChange({
      added: (pod) => this.#podChanged(pod, undefined),
      updated: (pod, before) => this.#podChanged(pod, before),
      deleted: (pod) => this.#podGone(pod),
    });
    await Promise.all(this.#parts.map((part) => part.start()));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#parts.map((part) => part.stop()));
  }

  #jobChanged(job: DeepReadonly<Job>): void {
    if (this.#stopped) return;
    const { namespace = '', uid } = job.metadata;
    const entry = this.#book.find(uid);
    if (isJobFinished(job) && entry !== undefined && entry.ledger.tracked.size > 0) {
      this.#orphans.add(jobPodsKey(namespace, uid));
    }
    // What we have written ourselves tells us nothing new.
    if (entry === undefined || entry.hears(job)) this.#queue.add(objectKey(job));
    else if (isJobFinished(job)) this.#book.forget(uid);
  }

  #jobGone(job: DeepReadonly<Job>): void {
    if (this.#stopped) return;
    const { namespace = '', uid } = job.metadata;
    this.#orphans.add(jobPodsKey(namespace, uid));
    this.#book.forget(uid);
  }

  #podChanged(pod: DeepReadonly<Pod>, before: DeepReadonly<Pod> | undefined): void {
    if (this.#stopped) return;
    const owner = controllerOf(pod);
    const ownerBefore = before === undefined ? undefined : controllerOf(before);
    if (ownerBefore !== undefined && ownerBefore.uid !== owner?.uid) this.#left(pod, ownerBefore);
    if (owner === undefined) {
      this.#orphaned(pod, before);
      return;
    }
    if (before !== undefined && ownerBefore === undefined) this.#book.notOrphan(pod);
    if (owner.kind !== 'Job' || owner.apiVersion !== 'batch/v1') return;
    const { ledger } = this.#book.entry(owner.uid);
    if (ledger.observe(pod)) this.#mark(pod, owner);
    if (ledger.empty && !this.#isRunning(pod, owner)) this.#book.forget(owner.uid);
  }

  #podGone(pod: DeepReadonly<Pod>): void {
    if (this.#stopped) return;
    this.#book.notOrphan(pod);
    const owner = controllerOf(pod);
    if (owner?.kind === 'Job') this.#left(pod, owner);
  }

  /** A pod is no longer its owner's: gone, or released. */
  #left(pod: DeepReadonly<Pod>, owner: { readonly uid: string; readonly name: string }): void {
    if (this.#book.find(owner.uid)?.ledger.observeGone(pod.metadata.uid)) this.#mark(pod, owner);
    if (!this.#isRunning(pod, owner)) this.#book.forget(owner.uid);
  }

  /** Marks the owner's key, or the pod's Job as gone or finished. */
  #mark(pod: DeepReadonly<Pod>, owner: { readonly uid: string; readonly name: string }): void {
    const { namespace = '' } = pod.metadata;
    if (this.#isRunning(pod, owner)) this.#queue.addAfter(`${namespace}/${owner.name}`, GATHER_MS);
    else if (isTracked(pod)) this.#orphans.add(jobPodsKey(namespace, owner.uid));
  }

  #isRunning(pod: DeepReadonly<Pod>, owner: { readonly uid: string; readonly name: string }): boolean {
    const job = this.#jobs.lister.get(pod.metadata.namespace ?? '', owner.name);
    return job !== undefined && job.metadata.uid === owner.uid && !isJobFinished(job);
  }

  #orphaned(pod: DeepReadonly<Pod>, before: DeepReadonly<Pod> | undefined): void {
    const { namespace = '', name, labels = {} } = pod.metadata;
    if (isTracked(pod)) this.#orphans.add(podKey(namespace, name));
    if (!this.#book.orphan(pod, before)) return;
    const generated = labels[CONTROLLER_UID_LABEL] === undefined ? undefined : labels[JOB_NAME_LABEL];
    if (generated !== undefined) this.#queue.add(`${namespace}/${generated}`);
    for (const job of this.#jobs.lister.byIndex(MANUAL_SELECTOR_INDEX, namespace)) {
      if (labelSelectorMatches(job.spec.selector, labels)) this.#queue.add(objectKey(job));
    }
  }
}

function manualSelectorNamespace(job: DeepReadonly<Job>): readonly string[] {
  return job.spec.manualSelector === true && !isJobFinished(job) ? [job.metadata.namespace ?? ''] : [];
}
