/** Puts the CronJob controller together: informers that mark keys, and a queue whose delays are the CronJobs' times. */
import { controllerOf } from '../../apimachinery/meta/controller-ref.ts';
import { type DeepReadonly, objectKey } from '../../apimachinery/meta/object.ts';
import { type Job, TimeZone } from '../../apis/batch/index.ts';
import {
  type Component,
  type ComponentContext,
  CRONJOBS,
  JOBS,
  newController,
  newWorkqueue,
} from '../../client/index.ts';
import { CronJobChanges } from './changes.ts';
import { ClockWatch } from './clock-watch.ts';
import { MISS_REASONS } from './events.ts';
import { MissedTimes } from './missed.ts';
import { CRONJOB_INDEX, CronJobReconciler } from './reconciler.ts';

/**
 * CronJobs worked on at the same time: as many writes as the store commits in one group. Thousands may be due in one minute,
 * and while their Jobs are still being created the Job controller already asks for pods; the more of these are under way,
 * the smaller is the share of the machine that pods take before the last Job is there.
 */
const WORKERS = 256;

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
  const watch = new ClockWatch(clock, () => {
    for (const cronJob of cronJobs.lister.list()) queue.add(objectKey(cronJob));
  });
  const missed = new MissedTimes(watch, localZone);
  for (const reason of MISS_REASONS) {
    metrics.expose({
      name: 'longshore_cronjob_missed_runs_total',
      type: 'counter',
      help: 'Times of CronJobs that brought no run in time, by reason; Events MissedSchedule tell of all of them.',
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
    watch,
    localZone,
  });

  const changes = new CronJobChanges({
    queue,
    cronJobs: cronJobs.lister,
    reconciler,
    missed,
    recorder,
    clock,
    localZone,
  });
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
      const { added, updated, deleted, jobChanged } = changes;
      cronJobs.onChange({ added, updated, deleted });
      jobs.onChange({ added: jobChanged, updated: jobChanged, deleted: jobChanged });
      watch.start();
      await controller.start();
    },
    async stop() {
      watch.stop();
      await controller.stop();
    },
  };
}

function ownerUids(job: DeepReadonly<Job>): readonly string[] {
  const owner = controllerOf(job);
  return owner?.kind === 'CronJob' ? [owner.uid] : [];
}
