/** Marks the CronJobs that a change of one of them, or of a Job, concerns. */
import type { Clock } from '../../apimachinery/clock.ts';
import { controllerOf } from '../../apimachinery/meta/controller-ref.ts';
import { type DeepReadonly, objectKey } from '../../apimachinery/meta/object.ts';
import { type CronJob, type Job, ScheduleError, type TimeZone } from '../../apis/batch/index.ts';
import type { EventRecorder, Lister, Workqueue } from '../../client/index.ts';
import { untilNext } from './due.ts';
import { type Note, notes } from './events.ts';
import type { MissedTimes } from './missed.ts';
import type { CronJobReconciler } from './reconciler.ts';
import { haveSameTimes, timetableOf } from './timetable.ts';

/** What the marking depends on. */
export interface CronJobChangesParts {
  readonly queue: Workqueue;
  readonly cronJobs: Lister<CronJob>;
  readonly reconciler: CronJobReconciler;
  readonly missed: MissedTimes;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  /** The zone of schedules that name none. */
  readonly localZone: TimeZone;
}

/** Listens to the informers of CronJobs and of Jobs. */
export class CronJobChanges {
  readonly #parts: CronJobChangesParts;

  constructor(parts: CronJobChangesParts) {
    this.#parts = parts;
  }

  /** A CronJob is there: it is looked at right away. */
  readonly added = (cronJob: DeepReadonly<CronJob>): void => this.#parts.queue.add(objectKey(cronJob));

  /** New times count from the next one on; every other change is looked at right away. */
  readonly updated = (cronJob: DeepReadonly<CronJob>, before: DeepReadonly<CronJob>): void => {
    const { reconciler, queue, missed, clock, localZone } = this.#parts;
    if (!reconciler.isNews(cronJob)) return;
    const key = objectKey(cronJob);
    if (haveSameTimes(cronJob, before)) {
      queue.add(key);
      return;
    }
    const now = clock.now();
    for (const note of missed.changed(before, now)) this.#tell(cronJob, note);
    try {
      // A schedule without a next time is looked at now, so that it is told what is wrong with it.
      queue.addAfter(key, untilNext(cronJob, timetableOf(cronJob, localZone), now) ?? 0);
    } catch (error) {
      if (error instanceof ScheduleError) {
        this.#tell(cronJob, notes.unparseableAfterUpdate(cronJob.spec.schedule));
      } else queue.add(key);
    }
  };

  /** A CronJob is gone: what is remembered of it goes too. */
  readonly deleted = (cronJob: DeepReadonly<CronJob>): void =>
    this.#parts.reconciler.forget(cronJob.metadata.uid);

  /** A Job came, changed or went: the CronJob that made it is looked at, while it is still the same one. */
  readonly jobChanged = (job: DeepReadonly<Job>): void => {
    const owner = controllerOf(job);
    if (owner?.kind !== 'CronJob') return;
    const { namespace = '' } = job.metadata;
    if (this.#parts.cronJobs.get(namespace, owner.name)?.metadata.uid === owner.uid) {
      this.#parts.queue.add(`${namespace}/${owner.name}`);
    }
  };

  #tell(cronJob: DeepReadonly<CronJob>, { type, reason, message }: Note): void {
    this.#parts.recorder.event(cronJob, type, reason, message);
  }
}
