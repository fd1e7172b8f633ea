/** `longshore run`: a whole cluster for the length of some Jobs. */
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { systemClock } from '../../apimachinery/clock.ts';
import type { Job } from '../../apis/batch/types.ts';
import type { Pod } from '../../apis/core/types.ts';
import { JOBS, PODS } from '../../client/index.ts';
import { type Cluster, makePassingDirectory, openDataDirectory, startCluster } from '../../cluster/index.ts';
import { EXIT_INTERRUPTED } from '../exit-code.ts';
import { wantsJson } from '../flags/output-format.ts';
import { interruption } from '../interruption.ts';
import { LogFollower } from '../progress/follow-logs.ts';
import { Progress } from '../progress/progress.ts';
import { screenOf } from '../progress/screen.ts';
import { WatchedObjects } from '../progress/watched-objects.ts';
import { applyManifests } from './apply-manifests.ts';
import { type Manifest, readManifests } from './manifests.ts';

/** Options of the verb, as the command line gives them. */
export interface RunOptions {
  readonly runtime: string;
  readonly fakeNodes?: number;
  readonly keep?: boolean;
  readonly namespace: string;
  readonly output?: string;
}

/** Runs the manifests' Jobs to their end; answers the exit code: 0 all Complete, 1 one Failed, 130 interrupted. */
export async function run(files: readonly string[], options: RunOptions): Promise<number> {
  const json = wantsJson(options.output);
  const manifests = await readManifests(files);
  const interrupted = interruption();
  const directory = makePassingDirectory(tmpdir(), options.keep === true);
  let cluster: Cluster | undefined;
  try {
    cluster = await startCluster({
      data: openDataDirectory(directory),
      runtime: options.runtime,
      ...(options.fakeNodes === undefined ? {} : { fakeNodes: options.fakeNodes }),
      killPodsOnStop: true,
      logLevel: 'error',
    });
    return await follow(cluster, manifests, { namespace: options.namespace, json }, interrupted.signal);
  } finally {
    await cluster?.stop();
    interrupted.release();
    if (options.keep === true) process.stderr.write(`longshore: data kept in ${directory}\n`);
    else await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function follow(
  cluster: Cluster,
  manifests: readonly Manifest[],
  { namespace, json }: { readonly namespace: string; readonly json: boolean },
  interrupted: AbortSignal,
): Promise<number> {
  const progress = new Progress(screenOf(json ? process.stderr : process.stdout), systemClock);
  const logs = new LogFollower(cluster.client, (line) => progress.print(line));
  const created = await applyManifests(cluster.client, manifests, namespace);
  for (const notice of cluster.notices) progress.print(notice);
  const watched = new WatchedObjects(created, progress, logs);
  cluster.context.informer<Job>(JOBS).onChange({
    added: (job) => watched.sawJob(job),
    updated: (job) => watched.sawJob(job),
    deleted: (job) => watched.lostJob(job),
  });
  cluster.context.informer<Pod>(PODS).onChange({
    added: (pod) => watched.sawPod(pod),
    updated: (pod) => watched.sawPod(pod),
  });
  if (created.some((object) => object.kind === 'CronJob'))
    progress.print('CronJobs run until you press Ctrl-C');
  await watched.finished(interrupted);

  if (interrupted.aborted) {
    await logs.stop();
    progress.close();
    return EXIT_INTERRUPTED;
  }
  await logs.drain(systemClock);
  progress.close();
  const jobs = watched.jobs();
  for (const line of watched.explainFailures()) process.stderr.write(`${line}\n`);
  if (json) {
    const list = { apiVersion: 'v1', kind: 'List', metadata: {}, items: jobs };
    process.stdout.write(`${JSON.stringify(jobs.length === 1 ? jobs[0] : list, null, 2)}\n`);
  }
  return watched.anyFailed() ? 1 : 0;
}
