/** `longshore trigger`: starts a run of a CronJob at once, and follows it when asked to. */
import { rfc3339, systemClock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { randomSuffix, systemRandom } from '../../apimachinery/random.ts';
import { RUN_NOW_ANNOTATION } from '../../apis/batch/index.ts';
import type { CronJob, Job } from '../../apis/batch/types.ts';
import type { Event, Pod } from '../../apis/core/types.ts';
import { type Client, CRONJOBS, EVENTS, JOBS, PODS } from '../../client/index.ts';
import { UserError } from '../../cluster/index.ts';
import { EXIT_FAILED, EXIT_INTERRUPTED } from '../exit-code.ts';
import { connectToServer, type ServerOptions } from '../flags/server-connection.ts';
import { interruption } from '../interruption.ts';
import { LogFollower } from '../progress/follow-logs.ts';
import { Progress } from '../progress/progress.ts';
import { screenOf } from '../progress/screen.ts';
import { watchObjects } from '../progress/watch-objects.ts';
import { WatchedObjects } from '../progress/watched-objects.ts';
import { cronJobNameIn } from './cron-job-target.ts';

/** Options of the verb, as the command line gives them. */
export interface TriggerOptions extends ServerOptions {
  readonly namespace: string;
  readonly follow?: boolean;
}

/** How long the controller may take to start the Job, milliseconds. */
const START_MS_MAX = 30_000;

/**
 * Starts the run and prints its Job's name; answers the exit code: 0 started or, with `--follow`, Complete; 1 the Job
 * failed or was deleted; 130 interrupted, and the Job goes on. Throws UserError when no run was started.
 */
export async function trigger(target: string, options: TriggerOptions): Promise<number> {
  const name = cronJobNameIn(target);
  const connection = await connectToServer(options);
  const { client } = connection;
  try {
    const cronJob = await client.get(CRONJOBS, options.namespace, name);
    const job = await startRun(client, cronJob);
    process.stdout.write(`${job.metadata.name}\n`);
    return options.follow === true ? await followJob(client, job) : 0;
  } finally {
    connection.close();
  }
}

/** Asks for a run with a token of its own and waits for the Job that bears it. */
async function startRun(client: Client, cronJob: DeepReadonly<CronJob>): Promise<DeepReadonly<Job>> {
  const { namespace = '', name, uid } = cronJob.metadata;
  const token = `${rfc3339(systemClock.now())}-${randomSuffix(systemRandom)}`;
  const { metadata } = await client.list(JOBS, { namespace }, { limit: 1 });
  const since = metadata.resourceVersion;
  const started = Promise.withResolvers<DeepReadonly<Job>>();
  let trouble = 'see whether its server runs, and what it says with --verbose';
  const lost = (): void => started.reject(new UserError('the server ended before it started the Job'));
  const timer = systemClock.after(START_MS_MAX, () => {
    started.reject(new UserError(`no Job was started within ${START_MS_MAX / 1000} s: ${trouble}`));
  });
  const watches = await Promise.all([
    client.watch<Job>(JOBS, { namespace }, since, {
      next(changes) {
        const job = changes.find(
          ({ object: { metadata } }) => metadata?.annotations?.[RUN_NOW_ANNOTATION] === token,
        );
        if (job !== undefined) started.resolve(job.object);
      },
      end: lost,
    }),
    client.watch<Event>(EVENTS, { namespace, fieldSelector: `involvedObject.uid=${uid}` }, since, {
      next(changes) {
        for (const { object } of changes) {
          const { reason, message = '' } = object;
          if (reason === 'FailedCreate') trouble = message;
          if (reason === 'MissedSchedule' && message.includes(token)) started.reject(new UserError(message));
        }
      },
      end: lost,
    }),
  ]);
  try {
    const patch = { metadata: { annotations: { [RUN_NOW_ANNOTATION]: token } } };
    await client.patch(CRONJOBS, namespace, name, 'application/merge-patch+json', patch);
    return await started.promise;
  } finally {
    timer.cancel();
    for (const watch of watches) watch.stop();
  }
}

/** Prints the Job's logs and progress until it ends. */
async function followJob(client: Client, job: DeepReadonly<Job>): Promise<number> {
  const { namespace = '', name, uid } = job.metadata;
  const interrupted = interruption();
  const over = new AbortController();
  const progress = new Progress(screenOf(process.stdout), systemClock);
  const logs = new LogFollower(client, (line) => progress.print(line));
  const watched = new WatchedObjects([job], progress, logs);
  const parts = { client, clock: systemClock };
  const jobs = {
    known: [job],
    seen: (each: DeepReadonly<Job>) => watched.sawJob(each),
    lost: (each: DeepReadonly<Job>) => watched.lostJob(each),
  };
  const pods = { seen: (pod: DeepReadonly<Pod>) => watched.sawPod(pod), lost: () => undefined };
  const podsOfJob = { namespace, labelSelector: `batch.kubernetes.io/controller-uid=${uid}` };
  const watches = Promise.all([
    watchObjects(parts, JOBS, { namespace, fieldSelector: `metadata.name=${name}` }, jobs, over.signal),
    watchObjects(parts, PODS, podsOfJob, pods, over.signal),
  ]);
  try {
    await Promise.race([watched.finished(interrupted.signal), watches]);
    if (interrupted.signal.aborted) {
      await logs.stop();
      return EXIT_INTERRUPTED;
    }
    await logs.drain(systemClock);
  } finally {
    over.abort();
    await watches.catch(() => undefined); // A failure has ended the race already.
    progress.close();
    interrupted.release();
  }
  for (const line of watched.explainFailures()) process.stderr.write(`${line}\n`);
  if (watched.jobs().length > 0) return watched.anyFailed() ? 1 : 0;
  process.stderr.write(`Job ${name} was deleted before it ended\n`);
  return EXIT_FAILED;
}
