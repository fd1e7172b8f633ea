/** `longshore run`: a whole cluster for the length of some Jobs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../apimachinery/clock.ts';
import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Job } from '../apis/batch/types.ts';
import type { Pod } from '../apis/core/types.ts';
import { JOBS, PODS } from '../client/index.ts';
import { type Cluster, openDataDirectory, startCluster, UserError } from '../cluster/index.ts';
import { applyManifests } from './apply-manifests.ts';
import { LogFollower } from './follow-logs.ts';
import { type Manifest, readManifests } from './manifests.ts';
import { failureText, isPodFinished, waitingReason } from './pod-state.ts';
import { endOf, Progress, type Screen } from './progress.ts';

/** Options of the verb, as the command line gives them. */
export interface RunOptions {
  readonly runtime: string;
  readonly fakeNodes?: number;
  readonly keep?: boolean;
  readonly namespace: string;
  readonly output?: string;
}

/** Exit code after Ctrl-C, as shells report SIGINT: 128 + 2. */
const EXIT_INTERRUPTED = 130;

/** How long to wait for the last log lines after the last Job has ended, milliseconds. */
const LOG_DRAIN_MS_MAX = 5000;

/** Runs the manifests' Jobs to their end; answers the exit code: 0 all Complete, 1 one Failed, 130 interrupted. */
export async function run(files: readonly string[], options: RunOptions): Promise<number> {
  if (options.output !== undefined && options.output !== 'json') {
    throw new UserError(`unknown output format '${options.output}': use json`);
  }
  const manifests = await readManifests(files);
  const interrupted = interruption();
  const directory = mkdtempSync(join(tmpdir(), 'longshore-run-'));
  let cluster: Cluster | undefined;
  try {
    cluster = await startCluster({
      data: openDataDirectory(directory),
      runtime: options.runtime,
      ...(options.fakeNodes === undefined ? {} : { fakeNodes: options.fakeNodes }),
      killPodsOnStop: true,
      logLevel: 'error',
    });
    return await follow(cluster, manifests, options, interrupted.signal);
  } finally {
    await cluster?.stop();
    interrupted.release();
    if (options.keep === true) process.stderr.write(`longshore: data kept in ${directory}\n`);
    else rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Turns the first SIGINT or SIGTERM into an abort; the signals do nothing more until `release`. */
function interruption(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, abort);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, abort);
    },
  };
}

async function follow(
  cluster: Cluster,
  manifests: readonly Manifest[],
  options: RunOptions,
  interrupted: AbortSignal,
): Promise<number> {
  const json = options.output === 'json';
  const progress = new Progress(screenOf(json ? process.stderr : process.stdout), systemClock);
  const logs = new LogFollower(cluster.client, (line) => progress.print(line));
  const created = await applyManifests(cluster.client, manifests, options.namespace);
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
  await drain(logs);
  progress.close();
  const jobs = watched.jobs();
  for (const line of watched.explainFailures()) process.stderr.write(`${line}\n`);
  if (json) {
    const list = { apiVersion: 'v1', kind: 'List', metadata: {}, items: jobs };
    process.stdout.write(`${JSON.stringify(jobs.length === 1 ? jobs[0] : list, null, 2)}\n`);
  }
  return watched.anyFailed() ? 1 : 0;
}

async function drain(logs: LogFollower): Promise<void> {
  await Promise.race([
    logs.drained(),
    new Promise<void>((resolve) => {
      systemClock.after(LOG_DRAIN_MS_MAX, resolve, { background: true });
    }),
  ]);
  await logs.stop();
}

function screenOf(stream: NodeJS.WriteStream): Screen {
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    write: (text) => void stream.write(text),
  };
}

/** What this run waits for, kept current by the informers. */
class WatchedObjects {
  readonly #progress: Progress;
  readonly #logs: LogFollower;
  readonly #jobs = new Map<string, DeepReadonly<Job>>();
  readonly #barePods = new Map<string, DeepReadonly<Pod>>();
  readonly #lastFailure = new Map<string, DeepReadonly<Pod>>();
  readonly #waiting = new Map<string, { readonly pod: string; readonly why: string }>();
  readonly #endless: boolean;
  #settled: (() => void) | undefined;

  constructor(created: readonly DeepReadonly<ApiObject>[], progress: Progress, logs: LogFollower) {
    this.#progress = progress;
    this.#logs = logs;
    this.#endless = created.some((object) => object.kind === 'CronJob');
    for (const object of created) {
      if (object.kind === 'Job') this.#jobs.set(object.metadata.uid, object as DeepReadonly<Job>);
      if (object.kind === 'Pod') this.#barePods.set(object.metadata.uid, object as DeepReadonly<Pod>);
    }
  }

  sawJob(job: DeepReadonly<Job>): void {
    if (!this.#jobs.has(job.metadata.uid) && !this.#endless) return;
    if (this.#jobs.has(job.metadata.uid)) this.#jobs.set(job.metadata.uid, job);
    this.#progress.update(job, this.#waiting.get(job.metadata.uid)?.why);
    this.#check();
  }

  /** A Job that was deleted (by its time to live, or by hand) is judged by its last state. */
  lostJob(job: DeepReadonly<Job>): void {
    if (this.#jobs.has(job.metadata.uid) && endOf(job) === undefined) this.#jobs.delete(job.metadata.uid);
    this.#check();
  }

  sawPod(pod: DeepReadonly<Pod>): void {
    this.#logs.observe(pod);
    if (this.#barePods.has(pod.metadata.uid)) this.#barePods.set(pod.metadata.uid, pod);
    const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller === true)?.uid;
    if (owner !== undefined) this.#notePodOf(owner, pod);
    this.#check();
  }

  #notePodOf(owner: string, pod: DeepReadonly<Pod>): void {
    if (pod.status.phase === 'Failed') this.#lastFailure.set(owner, pod);
    const why = waitingReason(pod);
    const before = this.#waiting.get(owner);
    if (why !== undefined) this.#waiting.set(owner, { pod: pod.metadata.uid, why });
    else if (before?.pod === pod.metadata.uid) this.#waiting.delete(owner);
    const job = this.#jobs.get(owner);
    if (job !== undefined && before?.why !== why) this.#progress.update(job, this.#waiting.get(owner)?.why);
  }

  jobs(): readonly DeepReadonly<Job>[] {
    return [...this.#jobs.values()];
  }

  anyFailed(): boolean {
    const failedPod = [...this.#barePods.values()].some((pod) => pod.status.phase === 'Failed');
    return failedPod || this.jobs().some((job) => endOf(job) === 'Failed');
  }

  /** Resolves when every Job and bare pod has ended, or at the interruption. */
  finished(interrupted: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#settled = resolve;
      interrupted.addEventListener('abort', () => resolve(), { once: true });
      if (interrupted.aborted) resolve();
      this.#check();
    });
  }

  #check(): void {
    if (this.#endless) return;
    const ended =
      this.jobs().every((job) => endOf(job) !== undefined) &&
      [...this.#barePods.values()].every(isPodFinished);
    if (ended) this.#settled?.();
  }

  /** For each Job that failed: its condition, how its last pod ended, and what that pod printed last. */
  explainFailures(): readonly string[] {
    return this.jobs().flatMap((job) => {
      const failed = job.status.conditions?.find((each) => each.type === 'Failed' && each.status === 'True');
      if (failed === undefined) return [];
      const pod = this.#lastFailure.get(job.metadata.uid);
      const how = pod === undefined ? [] : [`  pod ${pod.metadata.name}: ${failureText(pod)}`];
      const tail = pod === undefined ? [] : this.#logs.tail(pod).map((line) => `    ${line}`);
      const said = tail.length === 0 ? [] : ['  its last lines:', ...tail];
      return [
        `Job ${job.metadata.name} failed: ${failed.reason ?? ''}: ${failed.message ?? ''}`,
        ...how,
        ...said,
      ];
    });
  }
}
