/** Brings one Job's pods and status to what they should be. */
import { type DeepReadonly, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { labelMatcherOf } from '../../apimachinery/selectors/index.ts';
import {
  isJobFinished,
  type Job,
  type JobStatus,
  jobExtras,
  KUBERNETES_RETRY_DELAY,
  type RetryDelay,
} from '../../apis/batch/index.ts';
import { JOBS, type Lister, type Reconciler } from '../../client/index.ts';
import { Adoption } from './adoption.ts';
import { Applier, type Effects } from './apply.ts';

import type { Book, JobEntry } from './book.ts';
import { stuckPods } from './image-pull.ts';
import { isManagedElsewhere } from './managed-by.ts';
import { type Plan, plan } from './plan.ts';
import { type Account, account, conclude, sameStatus } from './status.ts';

/**
 * After so many milliseconds a write of ours that the watch has not shown is looked up on the server: a pod that came and
 * went while the watch was down is never shown. Upstream's expectations end after the same time.
 */
const UNSEEN_WRITE_MS_MAX = 5 * 60_000;

/** What the reconciler is made of. */
export interface JobReconcilerParts extends Effects {
  readonly jobs: Lister<Job>;
  readonly book: Book;
  /** Has a Job looked at again after so many milliseconds, whatever comes of this sync. */
  readonly wake: (key: string, delayMs: number) => void;
}

/**
 * One sync does, in this order: settle whose the pods are; plan; delete pods; store what has ended; release ended pods
 * and create new ones at the same time; store the counts. It may stop after any of these writes: the next sync, or that of
 * another process, goes on from what is stored.
 */
export class JobReconciler implements Reconciler {
  readonly #parts: JobReconcilerParts;
  readonly #applier: Applier;
  readonly #adoption: Adoption;

  constructor(parts: JobReconcilerParts) {
    this.#parts = parts;
    this.#applier = new Applier(parts);
    this.#adoption = new Adoption(parts);
  }

  async sync(key: string): Promise<number | undefined> {
    const { jobs, book, events } = this.#parts;
    const { namespace, name } = splitObjectKey(key);
    const listed = jobs.get(namespace, name);
    if (listed === undefined || isManagedElsewhere(listed)) return undefined;
    const entry = book.entry(listed.metadata.uid);
    const job = entry.newest(listed);
    if (isJobFinished(job)) {
      // Not before the copy shows the end: until then only our own note keeps the Job from being started again.
      if (isJobFinished(listed)) book.forget(job.metadata.uid);
      return undefined;
    }
    const { completionMode = 'NonIndexed' } = job.spec;
    if (completionMode !== 'NonIndexed' && completionMode !== 'Indexed') {
      events.unknownCompletionMode(job);
      return undefined;
    }
    entry.ledger.bind(labelMatcherOf(job.spec.selector));
    const again = [
      await this.#clearUp(job, entry),
      await this.#failStuckPods(job, entry),
      await this.#bring(job, entry),
    ];
    const soonest = Math.min(...again.filter((each) => each !== undefined));
    return soonest === Number.POSITIVE_INFINITY ? undefined : soonest;
  }

  /** Gets certain about pods first; answers in how many milliseconds a write of ours will have been unseen for too long. */
  async #clearUp(job: DeepReadonly<Job>, entry: JobEntry): Promise<number | undefined> {
    const { namespace = '', uid } = job.metadata;
    await this.#adoption.settle(job, entry);
    if (entry.doubtfulPods.size > 0) await this.#applier.resolveDoubts(entry, namespace, uid);
    for (;;) {
      const unseen = entry.ledger.oldestUnseen;
      if (unseen === undefined) return undefined;
      const left = unseen.at + UNSEEN_WRITE_MS_MAX - this.#parts.clock.monotonic();
      if (left > 0) return left;
      await this.#applier.resolveUnseen(entry, namespace, unseen.uid, unseen.name);
    }
  }

  /** Answers in how many milliseconds the next pod will have waited too long for its image. */
  async #failStuckPods(job: DeepReadonly<Job>, entry: JobEntry): Promise<number | undefined> {
    const { failOnImagePull } = jobExtras(job.metadata.annotations);
    if (failOnImagePull === undefined) return undefined;
    const active = entry.ledger.active.values();
    const { stuck, againMs } = stuckPods(active, failOnImagePull, this.#parts.clock.now());
    await this.#applier.failPods(entry, stuck);
    return againMs;
  }

  async #bring(job: DeepReadonly<Job>, entry: JobEntry): Promise<number | undefined> {
    const decision = this.#plan(job, entry);
    const { againMs, heldBack } = decision;
    if (heldBack) return againMs;
    try {
      return await this.#carryOut(job, entry, decision);
    } catch (error) {
      // What is due by then is not put off by the waits between attempts, which may have grown longer.
      const { namespace, name } = job.metadata;
      if (againMs !== undefined) this.#parts.wake(`${namespace}/${name}`, againMs);
      throw error;
    }
  }

  async #carryOut(job: DeepReadonly<Job>, entry: JobEntry, decision: Plan): Promise<number | undefined> {
    const { ledger } = entry;
    const { endedSoFar, changedByUs } = ledger;
    const applier = this.#applier;

    const failures: unknown[] = [];
    const attempt = (work: Promise<void>): Promise<void> => work.catch((error) => void failures.push(error));
    await attempt(applier.stopPods(job, entry, decision.stop));
    await attempt(applier.removePods(job, entry, decision.remove));

    const step = account(job, ledger, decision, this.#parts.clock.now());
    let stored = job;
    // What is counted must be stored before its finalizers go; without finalizers to remove one write does for both steps.
    if (step.release.length > 0) stored = await this.#store(job, step.status, entry);
    else stored = { ...job, status: step.status as JobStatus };
    entry.backoff = decision.backoff;
    await Promise.all([
      attempt(applier.releasePods(entry, step.release)),
      attempt(applier.createPods(job, entry, decision.create, decision.indexes)),
    ]);
    // When more pods have ended meanwhile, the next sync's first write brings these counts too.
    const uncounted = step.full || (step.release.length > 0 && ledger.endedSoFar > endedSoFar);
    await this.#conclude(job, stored, entry, decision, step, uncounted);
    if (failures.length > 0) throw failures[0];
    const moreToDo = decision.more === true && ledger.changedByUs > changedByUs;
    return uncounted || moreToDo ? 0 : decision.againMs;
  }

  #plan(job: DeepReadonly<Job>, entry: JobEntry): Plan {
    const { clock } = this.#parts;
    const since = entry.endInSightSince ?? clock.monotonic();
    const decision = plan({
      job,
      pods: entry.ledger,
      backoff: entry.backoff,
      retryDelay: retryDelayOf(job),
      now: clock.now(),
      endInSightMs: clock.monotonic() - since,
    });
    entry.endInSightSince = decision.heldBack ? since : undefined;
    return decision;
  }

  async #conclude(
    before: DeepReadonly<Job>,
    stored: DeepReadonly<Job>,
    entry: JobEntry,
    decision: Plan,
    { end, turned, release }: Account,
    uncounted: boolean,
  ): Promise<void> {
    const { clock, events } = this.#parts;
    const status = conclude(stored, entry.ledger, decision, end, clock.now());
    const known = release.length > 0 ? stored : before;
    const finished = end !== undefined && status.conditions?.some((each) => each.type === end.type);
    const told = !entry.ledger.usage.pending;
    const skipped = (uncounted && !finished) || (sameStatus(known.status, status) && told);
    const written = skipped ? known : await this.#store(known, status, entry);
    if (turned !== undefined) events.turned(written, turned);
    if (finished) events.finished(written, end);
  }

  async #store(
    job: DeepReadonly<Job>,
    status: DeepReadonly<JobStatus>,
    entry: JobEntry,
  ): Promise<DeepReadonly<Job>> {
    const { usage } = entry.ledger;
    if (sameStatus(job.status, status) && !usage.pending) return job;
    const { job: telling, told } = usage.tellOn(job);
    const { client, wake } = this.#parts;
    const { namespace, name } = job.metadata;
    const write = client.updateStatus(JOBS, { ...telling, status });
    const stored = await entry.write(write, () => wake(`${namespace}/${name}`, 0));
    told();
    return stored;
  }
}

function retryDelayOf(job: DeepReadonly<Job>): RetryDelay {
  const { retryDelay } = jobExtras(job.metadata.annotations);
  return retryDelay === undefined
    ? KUBERNETES_RETRY_DELAY
    : { firstMs: retryDelay.first, greatestMs: retryDelay.greatest };
}
