/** Puts the CronJob controller together: informers that mark keys, and a queue whose delays are the CronJobs' times. */
import { type DeepReadonly, objectKey } from '../../apimachinery/meta/object.ts';
import { type CronJob, type Job, TimeZone } from '../../apis/batch/index.ts';
import {
  type Component,
  type ComponentContext,
  CRONJOBS,
  JOBS,
  newController,
  newWorkqueue,
} from '../../client/index.ts';
import { untilNext } from './due.ts';
import { MISS_REASONS, notes } from './events.ts';
import { MissedTimes } from './missed.ts';
import { CRONJOB_INDEX, CronJobReconciler } from './reconciler.ts';
import { timetableOf } from './timetable.ts';

/** CronJobs worked on at the same time: thousands may be due in one minute, and the store commits their Jobs in groups. */
const WORKERS = 32;

/** How the controller differs from the default. */
export interface CronJobControllerOptions {
  /** IANA name of the zone of schedules that name none. Default: the machine's. */
  readonly localZone?: string;
}

/** The CronJob controller as a component. */
export function newCronJobController(
  context: ComponentContext,
  { localZone: zoneName = Intl.DateTimeFormat().resolvedOptions().timeZone }: CronJobControllerOptions = {},
): Component {
  const name = 'cronjob-controller';
  const { client, clock, log, metrics } = context;
  const [cronJobs, jobs] = [context.informer(CRONJOBS), context.informer(JOBS)];
  const queue = newWorkqueue({ name: 'cronjob', clock, metrics });
  const localZone = TimeZone.load(zoneName);
  const recorder = context.recorder(name);
  const missed = new MissedTimes(localZone);
  for (const reason of MISS_REASONS) {
    metrics.expose({
      name: 'longshore_cronjob_missed_runs_total',
      type: 'counter',
      help: 'Runs of CronJobs that were skipped or missed, by reason; each is told of in an Event MissedSchedule.',
      labels: { reason },
      read: () => missed.count(reason),
    });
  }
  const reconciler = new CronJobReconciler({
    client,
    clock,
    recorder,
    cronJobs: cronJobs.lister,
    jobs: jobs.lister,
    missed,
    localZone,
  });

  /** A new schedule counts from its next time on; every other change is looked at right away. */
  const updated = (cronJob: DeepReadonly<CronJob>, before: DeepReadonly<CronJob>): void => {
    if (!reconciler.isNews(cronJob)) return;
    const { schedule, timeZone } = cronJob.spec;
    if (schedule === before.spec.schedule && timeZone === before.spec.timeZone) {
      queue.add(objectKey(cronJob));
      return;
    }
    try {
      const next = untilNext(cronJob, timetableOf(cronJob, localZone), clock.now());
      if (next !== undefined) queue.addAfter(objectKey(cronJob), next);
    } catch {
      const { type, reason, message } = notes.unparseableAfterUpdate(schedule);
      recorder.event(cronJob, type, reason, message);
    }
  };
  const jobChanged = (job: DeepReadonly<Job>): void => {
    const owner = job.metadata.ownerReferences?.find((each) => each.controller && each.kind === 'CronJob');
    if (owner === undefined) return;
    const { namespace = '' } = job.metadata;
    if (cronJobs.lister.get(namespace, owner.name)?.metadata.uid === owner.uid) {
      queue.add(`${namespace}/${owner.name}`);
    }
  };

  const controller = newController({
    name,
    reconciler,
    queue,
    log,
    informers: [cronJobs, jobs],
    workers: WORKERS,
  });
  return {
    name,
    async start() {
      jobs.addIndex(CRONJOB_INDEX, ownerUids);
      cronJobs.onChange({
        added: (cronJob) => queue.add(objectKey(cronJob)),
        updated,
        deleted: (cronJob) => reconciler.forget(cronJob.metadata.uid),
      });
      jobs.onChange({ added: jobChanged, updated: jobChanged, deleted: jobChanged });
      await controller.start();
    },
    stop: () => controller.stop(),
  };
}

function ownerUids(job: DeepReadonly<Job>): readonly string[] {
  const owner = job.metadata.ownerReferences?.find((each) => each.controller && each.kind === 'CronJob');
  return owner === undefined ? [] : [owner.uid];
}
