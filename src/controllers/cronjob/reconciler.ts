/** Brings one CronJob's Jobs and status to what they should be. */

import type { Clock } from '../../apimachinery/clock.ts';
import { rfc3339 } from '../../apimachinery/clock.ts';
import { isControlledBy } from '../../apimachinery/meta/controller-ref.ts';
import { type DeepReadonly, type Draft, splitObjectKey } from '../../apimachinery/meta/object.ts';
import {
  isAlreadyExists,
  isConflict,
  isNamespaceTerminating,
  isNotFound,
} from '../../apimachinery/status-error.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import {
  type CronJob,
  type CronJobStatus,
  cronJobExtras,
  type Job,
  type TimeZone,
} from '../../apis/batch/index.ts';
import {
  type Client,
  CRONJOBS,
  type EventRecorder,
  JOBS,
  type Lister,
  type Reconciler,
} from '../../client/index.ts';
import {
  type ActiveJobs,
  referenceTo,
  reviewActive,
  sameCronJobStatus,
  withActive,
  withoutJob,
} from './active.ts';
import type { ClockWatch } from './clock-watch.ts';
import { concurrencyOf, type Decision, decide } from './decide.ts';
import { type Note, notes } from './events.ts';
import { jobsBeyondHistory } from './history.ts';
import { jobAt, jobFor } from './job-from-template.ts';
import type { MissedTimes } from './missed.ts';
import { MISSED_ANNOTATION } from './missed-account.ts';

/** Index of Jobs by the uid of the CronJob that controls them. */
export const CRONJOB_INDEX = 'cronjob-controller/owner';

/** Annotation of a CronJob: the last value of `longshore.dev/run-now` that was dealt with. */
const RUN_NOW_DONE_ANNOTATION = 'longshore.dev/run-now-done';

/** What the reconciler is made of. */
export interface CronJobReconcilerParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  readonly cronJobs: Lister<CronJob>;
  readonly jobs: Lister<Job>;
  readonly missed: MissedTimes;
  readonly watch: ClockWatch;
  /** Zone of schedules that name none. */
  readonly localZone: TimeZone;
}

/** A CronJob under the hands of one sync: its status changes as the sync goes on, and is written once at its end. */
interface Work {
  cronJob: DeepReadonly<CronJob>;
  status: DeepReadonly<CronJobStatus>;
  /** The value of `longshore.dev/run-now` that was dealt with; noted after the status that lists its Job is stored. */
  ranNow?: string;
}

/**
 * See the file's head. A Job's name holds its time, so that no time gets two Jobs even when a sync stops between creating
 * the Job and writing the status.
 */
export class CronJobReconciler implements Reconciler {
  readonly #parts: CronJobReconcilerParts;
  /** CronJobs as our last status writes left them, until the copy shows something newer. By uid. */
  readonly #written = new Map<string, DeepReadonly<CronJob>>();

  constructor(parts: CronJobReconcilerParts) {
    this.#parts = parts;
  }

  /** Whether a state from the watch tells more than our own last write did. */
  isNews(cronJob: DeepReadonly<CronJob>): boolean {
    const written = this.#written.get(cronJob.metadata.uid);
    return written === undefined || versionOf(cronJob) > versionOf(written);
  }

  /** Forgets a CronJob that is gone. */
  forget(uid: string): void {
    this.#written.delete(uid);
    this.#parts.missed.forget(uid);
  }

  async sync(key: string): Promise<number | undefined> {
    const { namespace, name } = splitObjectKey(key);
    const listed = this.#parts.cronJobs.get(namespace, name);
    if (listed === undefined) return undefined;
    this.#parts.watch.compare();
    const newest = this.#newest(listed);
    const work: Work = { cronJob: newest, status: newest.status ?? {} };
    let againMs: number | undefined;
    let failure: unknown;
    try {
      againMs = await this.#bring(work);
    } catch (error) {
      failure = error;
    }
    // What was done is written down even when the rest failed.
    await this.#write(work);
    if (failure !== undefined) throw failure;
    return againMs;
  }

  /** Writes the status, and then what only an annotation holds, where they have changed. */
  async #write(work: Work): Promise<void> {
    const { client, missed } = this.#parts;
    const { cronJob, status, ranNow } = work;
    const current = { ...cronJob, status };
    if (!sameCronJobStatus(cronJob.status ?? {}, status)) {
      this.#noteWritten(await client.updateStatus(CRONJOBS, current));
    }
    const account = missed.toStore(current);
    const annotations = {
      ...(ranNow === undefined ? {} : { [RUN_NOW_DONE_ANNOTATION]: ranNow }),
      ...(account === undefined ? {} : { [MISSED_ANNOTATION]: account }),
    };
    if (Object.keys(annotations).length === 0) return;
    const { namespace = '', name, uid } = cronJob.metadata;
    const patch = { metadata: { uid, annotations } };
    this.#noteWritten(await client.patch(CRONJOBS, namespace, name, 'application/merge-patch+json', patch));
  }

  #noteWritten(stored: DeepReadonly<CronJob>): void {
    this.#written.set(stored.metadata.uid, stored);
  }

  async #bring(work: Work): Promise<number | undefined> {
    const { jobs, clock, localZone, missed } = this.#parts;
    const own = jobs.byIndex(CRONJOB_INDEX, work.cronJob.metadata.uid);
    await this.#cleanUp(work, own);
    await this.#review(work, own);
    const { cronJob } = work;
    if (cronJob.metadata.deletionTimestamp !== undefined) return undefined;
    await this.#runNow(work);
    const now = clock.now();
    const current = { ...cronJob, status: work.status };
    const decision: Decision = decide(current, work.status.active ?? [], now, localZone);
    const report = missed.report(current, decision, now);
    this.#tell(cronJob, [...decision.notes, ...report.notes]);
    if (decision.run) await this.#run(work, decision.time ?? now);
    const waits = [decision.againMs, report.againMs].filter((wait) => wait !== undefined);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  #newest(listed: DeepReadonly<CronJob>): DeepReadonly<CronJob> {
    const written = this.#written.get(listed.metadata.uid);
    if (written !== undefined && versionOf(written) > versionOf(listed)) return written;
    this.#written.delete(listed.metadata.uid);
    return listed;
  }

  /** Deletes finished Jobs beyond the history limits. */
  async #cleanUp(work: Work, jobs: readonly DeepReadonly<Job>[]): Promise<void> {
    for (const job of jobsBeyondHistory(work.cronJob, jobs)) {
      if (job.metadata.deletionTimestamp === undefined) await this.#delete(work, job).catch(() => undefined);
    }
  }

  /** Brings the list of active Jobs up to date. */
  async #review(work: Work, jobs: readonly DeepReadonly<Job>[]): Promise<void> {
    const { namespace = '' } = work.cronJob.metadata;
    const review = await this.#reviewWithServer(work, jobs);
    work.status = review.status;
    this.#tell(work.cronJob, [
      ...review.notes,
      // Made by somebody else, or by us before a write of the status was lost.
      ...review.unlisted.map((job) => notes.unexpectedJob(job.metadata.name)),
    ]);
    for (const reference of review.unseen) {
      // The copy may be behind, so the server is asked.
      if ((await this.#find(namespace, reference.name ?? '')) !== undefined) continue;
      this.#tell(work.cronJob, [notes.missingJob(reference.name ?? '')]);
      work.status = withoutJob(work.status, reference.uid);
    }
  }

  /** Compares the list with the Jobs; where one is not listed the copy may be behind, so the server is asked. */
  async #reviewWithServer(work: Work, jobs: readonly DeepReadonly<Job>[]): Promise<ActiveJobs> {
    const review = reviewActive(work.status, jobs);
    if (review.unlisted.length === 0) return review;
    const { namespace = '', name, uid } = work.cronJob.metadata;
    const present = await this.#parts.client.get(CRONJOBS, namespace, name);
    const again = reviewActive(present.status ?? {}, jobs);
    if (present.metadata.uid !== uid || again.unlisted.length === review.unlisted.length) return review;
    work.cronJob = present;
    return again;
  }

  /** Starts the run that `longshore.dev/run-now` asks for, once for each value, whether the CronJob is suspended or not. */
  async #runNow(work: Work): Promise<void> {
    const { cronJob } = work;
    const { annotations, namespace = '', name, uid } = cronJob.metadata;
    const { runNow } = cronJobExtras(annotations);
    if (runNow === undefined || annotations?.[RUN_NOW_DONE_ANNOTATION] === runNow) return;
    // The copy may not show yet that this value was dealt with.
    const present = await this.#parts.client.get(CRONJOBS, namespace, name);
    if (present.metadata.uid !== uid) return;
    if (present.metadata.annotations?.[RUN_NOW_DONE_ANNOTATION] === runNow) return;
    const concurrency = concurrencyOf(cronJob, work.status.active ?? []);
    if (concurrency === 'forbid' || concurrency === 'maxActive') {
      this.#tell(cronJob, [notes.notRunNow(runNow, concurrency)]);
      this.#parts.missed.add(concurrency, 1);
    } else {
      if (concurrency === 'replace') await this.#replace(work);
      await this.#create(work, jobFor(cronJob, runNow));
    }
    work.ranNow = runNow;
  }

  async #run(work: Work, time: number): Promise<void> {
    const { missed } = this.#parts;
    const { uid } = work.cronJob.metadata;
    if (work.cronJob.spec.concurrencyPolicy === 'Replace') await this.#replace(work);
    missed.failing(uid, true);
    const listed = await this.#create(work, jobAt(work.cronJob, time));
    missed.failing(uid, !listed);
    if (!listed) return;
    work.status = { ...work.status, lastScheduleTime: rfc3339(time) };
  }

  /** Deletes the Jobs that still run. */
  async #replace(work: Work): Promise<void> {
    const { namespace = '' } = work.cronJob.metadata;
    for (const { name = '' } of work.status.active ?? []) {
      let job: DeepReadonly<Job>;
      try {
        job = await this.#parts.client.get(JOBS, namespace, name);
      } catch (error) {
        this.#tell(work.cronJob, [notes.notGot(messageOf(error))]);
        throw error;
      }
      await this.#delete(work, job);
    }
  }

  /** Creates a Job and lists it as active; answers whether that has now happened. */
  async #create(work: Work, draft: DeepReadonly<Draft<Job>>): Promise<boolean> {
    const { cronJob } = work;
    const { namespace = '' } = cronJob.metadata;
    let job: DeepReadonly<Job>;
    try {
      job = await this.#parts.client.create(JOBS, namespace, draft);
      this.#tell(cronJob, [notes.created(job.metadata.name)]);
    } catch (error) {
      if (!isAlreadyExists(error)) {
        if (!isNamespaceTerminating(error)) this.#tell(cronJob, [notes.notCreated(messageOf(error))]);
        throw error;
      }
      // Ours, when a status write was lost after the Job had been created; somebody else's otherwise.
      job = await this.#parts.client.get(JOBS, namespace, draft.metadata.name ?? '');
      if (!isControlledBy(job, cronJob)) return false;
      if (work.status.active?.some((each) => each.uid === job.metadata.uid)) return false;
    }
    work.status = withActive(work.status, [...(work.status.active ?? []), referenceTo(job)]);
    return true;
  }

  /** Deletes a Job with its pods, and takes it from the list of active ones. */
  async #delete(work: Work, job: DeepReadonly<Job>): Promise<void> {
    const { namespace = '', name, uid } = job.metadata;
    const options = { propagationPolicy: 'Background', preconditions: { uid } } as const;
    try {
      await this.#parts.client.delete(JOBS, namespace, name, options);
      this.#tell(work.cronJob, [notes.deleted(name)]);
    } catch (error) {
      if (!isNotFound(error)) {
        this.#tell(work.cronJob, [notes.notDeleted(messageOf(error))]);
        throw isConflict(error) ? new Error(`could not replace job ${namespace}/${name}`) : error;
      }
    }
    work.status = withoutJob(work.status, uid);
  }

  async #find(namespace: string, name: string): Promise<DeepReadonly<Job> | undefined> {
    try {
      return await this.#parts.client.get(JOBS, namespace, name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #tell(cronJob: DeepReadonly<CronJob>, told: readonly Note[]): void {
    for (const { type, reason, message } of told) this.#parts.recorder.event(cronJob, type, reason, message);
  }
}

function versionOf(cronJob: DeepReadonly<CronJob>): number {
  return Number(cronJob.metadata.resourceVersion);
}
