/** The Jobs and bare pods that a verb waits for. */
import { findTrueCondition } from '../../apimachinery/meta/conditions.ts';
import { controllerOf } from '../../apimachinery/meta/controller-ref.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Job } from '../../apis/batch/types.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { endOf } from '../wording/job-state.ts';
import { failureText, waitingReason } from '../wording/pod-state.ts';
import type { LogFollower } from './follow-logs.ts';
import type { Progress } from './progress.ts';

/** What is waited for, kept current by whoever watches the server. */
export class WatchedObjects {
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

  /** A Job's newest state. */
  sawJob(job: DeepReadonly<Job>): void {
    if (!this.#jobs.has(job.metadata.uid) && !this.#endless) return;
    if (this.#jobs.has(job.metadata.uid)) this.#jobs.set(job.metadata.uid, job);
    this.#progress.update(job, this.#waiting.get(job.metadata.uid)?.why);
    this.#check();
  }

  /** A Job that was deleted (by its time to live, or by hand) is judged by its last state. */
  lostJob(job: DeepReadonly<Job>): void {
    if (!this.#jobs.has(job.metadata.uid)) return;
    if (endOf(job) === undefined) this.#jobs.delete(job.metadata.uid);
    else this.#jobs.set(job.metadata.uid, job);
    this.#check();
  }

  /** A pod's newest state, which may hold its Job up, or be why that fails. */
  sawPod(pod: DeepReadonly<Pod>): void {
    this.#logs.observe(pod);
    if (this.#barePods.has(pod.metadata.uid)) this.#barePods.set(pod.metadata.uid, pod);
    const owner = controllerOf(pod)?.uid;
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

  /** The Jobs in their last known states; those that were deleted before they ended are left out. */
  jobs(): readonly DeepReadonly<Job>[] {
    return [...this.#jobs.values()];
  }

  /** Whether a Job or a bare pod failed. */
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
      [...this.#barePods.values()].every(isPodTerminal);
    if (ended) this.#settled?.();
  }

  /** For each Job that failed: its condition, how its last pod ended, and what that pod printed last. */
  explainFailures(): readonly string[] {
    return this.jobs().flatMap((job) => {
      const failed = findTrueCondition(job.status.conditions, 'Failed');
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
