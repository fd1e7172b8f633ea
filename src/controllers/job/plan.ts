/**
 * Decides what a Job needs: whether it ends, which pods go, which pods come. Pure: it is given everything, it changes
 * nothing, and it decides the same again when given the same.
 *
 * The order in which ends are looked at is Kubernetes': what earlier syncs have decided, then failures (policy, backoff
 * limit, deadline, indexes), then successes (policy, completions).
 */
import { findTrueCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isIndexedJob, type Job, judgeFailure, type RetryDelay } from '../../apis/batch/index.ts';
import { type BackoffRecord, nextRecord, remainingDelay } from './backoff.ts';
import type { Verdict } from './conditions.ts';
import { IMAGE_UNAVAILABLE } from './image-pull.ts';
import { type IndexState, indexStateOf, isInRange, pendingIndexes, startableIndexes } from './indexed.ts';
import type { PodLedger } from './ledger.ts';
import { NO_INDEX, type PodView } from './pod-view.ts';
import { podsToRemove } from './removal.ts';
import { successPolicyMet } from './success-policy.ts';

/** Pods created or removed in one sync at most, so that one Job does not hold up the others (upstream's number). */
const PODS_PER_SYNC_MAX = 500;

/**
 * How long an end that stops running pods is held back in milliseconds, so that pods that end together are judged
 * together, as they are on Kubernetes, whose Job controller gathers pod events for a second (syncJobBatchPeriod).
 */
const END_HELD_BACK_MS = 1000;

/** What the plan looks at. */
export interface Situation {
  readonly job: DeepReadonly<Job>;
  readonly pods: PodLedger;
  readonly backoff: BackoffRecord;
  readonly retryDelay: RetryDelay;
  /** Wall time in milliseconds. */
  readonly now: number;
  /** For how many milliseconds an end that stops running pods has been in sight. */
  readonly endInSightMs: number;
}

/** What is to be done. */
export interface Plan {
  /** The end decided on: FailureTarget or SuccessCriteriaMet, or Failed or Complete where those were written before. */
  readonly end?: Verdict;
  /** An end is in sight and waits until other pods have had the time to end with it: nothing is to be done now. */
  readonly heldBack?: true;
  /** Active pods to delete because the Job ends; they keep their finalizer until they are counted. */
  readonly stop: readonly PodView[];
  /** Active pods to delete because there are too many; they are not counted. */
  readonly remove: readonly PodView[];
  /** Pods to create, each by its completion index ({@link NO_INDEX} when the Job is not indexed). */
  readonly create: readonly number[];
  /** Whether the number of pods was looked at: not when the Job ends or is being deleted. */
  readonly managed: boolean;
  /** Whether replacements wait for their backoff. */
  readonly backingOff: boolean;
  /** Succeeded pods (or indexes), counted or not. */
  readonly succeeded: number;
  readonly indexes?: IndexState;
  /** The backoff record once the pods at hand are counted. */
  readonly backoff: BackoffRecord;
  /** When to look again, in milliseconds, should nothing happen before. */
  readonly againMs?: number;
  /** Whether there is more to do as soon as this is done. */
  readonly more?: boolean;
}

/** Whether the Job is suspended. */
export function isSuspended(job: DeepReadonly<Job>): boolean {
  return job.spec.suspend === true;
}

/** Whether a pod is replaced once it has failed, and not as soon as it is being deleted. */
function replacesOnlyFailed(job: DeepReadonly<Job>): boolean {
  return job.spec.podReplacementPolicy === 'Failed' || job.spec.podFailurePolicy !== undefined;
}

/** Whether the pod counts as failed. A pod being deleted does, lest a pod of a lost node is waited for without end. */
export function isFailedPod(job: DeepReadonly<Job>, view: PodView): boolean {
  if (view.phase === 'Failed') return true;
  return !replacesOnlyFailed(job) && view.deleting && view.phase !== 'Succeeded';
}

/** See the file's head. */
export function plan(situation: Situation): Plan {
  const { job, pods, now } = situation;
  const fresh = newlyEnded(job, pods);
  const backoff = nextRecord(situation.backoff, fresh.succeeded, fresh.failed);
  const indexes = isIndexedJob(job) ? indexStateOf(job, pods, (view) => isFailedPod(job, view)) : undefined;
  const { uncountedTerminatedPods: uncounted, succeeded: countedBefore = 0 } = job.status;
  const succeeded =
    indexes?.succeeded.size ?? countedBefore + fresh.succeeded.length + (uncounted?.succeeded?.length ?? 0);
  const known = { succeeded, backoff, ...(indexes === undefined ? {} : { indexes }) };

  const { end, settled } = endOf(situation, fresh.failed, indexes);
  if (end !== undefined) {
    const stop = [...pods.active.values()];
    if (!settled && stop.length > 0 && situation.endInSightMs < END_HELD_BACK_MS) {
      const againMs = END_HELD_BACK_MS - situation.endInSightMs;
      return { ...NOTHING, ...known, heldBack: true, againMs };
    }
    return { ...NOTHING, ...known, end, stop };
  }
  const deadline = deadlineIn(job, now);
  if (job.metadata.deletionTimestamp !== undefined) return { ...NOTHING, ...known };
  const managed = { ...NOTHING, ...known, managed: true, ...numberOfPods(situation, known) };
  const againMs = earliest(managed.againMs, deadline);
  return againMs === undefined ? managed : { ...managed, againMs };
}

const NOTHING = { stop: [], remove: [], create: [], managed: false, backingOff: false };

interface Ended {
  readonly succeeded: readonly PodView[];
  readonly failed: readonly PodView[];
}

/** The ended pods that the status does not know of. */
function newlyEnded(job: DeepReadonly<Job>, pods: PodLedger): Ended {
  const { succeeded = [], failed = [] } = job.status.uncountedTerminatedPods ?? {};
  const known = { succeeded: new Set(succeeded), failed: new Set(failed) };
  const { completions = 0 } = job.spec;
  const ended = [...pods.ended.values()].filter((view) => !isIndexedJob(job) || isInRange(view, completions));
  return {
    succeeded: ended.filter((view) => view.phase === 'Succeeded' && !known.succeeded.has(view.uid)),
    failed: ended.filter((view) => isFailedPod(job, view) && !known.failed.has(view.uid)),
  };
}

/** The end that the Job has reached, if any; `settled` when no further pod can change it. */
function endOf(
  situation: Situation,
  newlyFailed: readonly PodView[],
  indexes: IndexState | undefined,
): { readonly end?: Verdict; readonly settled: boolean } {
  const { job, pods, now } = situation;
  const { conditions, failed: countedBefore = 0, uncountedTerminatedPods: uncounted } = job.status;
  const decided =
    findTrueCondition(conditions, 'SuccessCriteriaMet') ?? findTrueCondition(conditions, 'FailureTarget');
  if (decided !== undefined) {
    const { type, reason = '', message = '' } = decided;
    return {
      end: { type: type === 'FailureTarget' ? 'Failed' : 'SuccessCriteriaMet', reason, message },
      settled: true,
    };
  }
  const failJob = failJobMessage(job, pods);
  if (failJob !== undefined) return unsettled(failure('PodFailurePolicy', failJob));

  const counted = newlyFailed.filter((view) => judgeFailure(job.spec.podFailurePolicy, view.pod).counted);
  const failed = countedBefore + counted.length + (uncounted?.failed?.length ?? 0);
  if (failed > backoffLimitOf(job) || restartsExceedLimit(job, pods)) {
    const message = `Job has reached the specified backoff limit${withoutImage(newlyFailed)}`;
    return unsettled(failure('BackoffLimitExceeded', message));
  }
  if (deadlineIn(job, now) === 0) {
    const message = 'Job was active longer than specified deadline';
    return { end: failure('DeadlineExceeded', message), settled: true };
  }
  if (indexes === undefined) return { settled: false };
  return endOfIndexes(job, indexes);
}

function endOfIndexes(
  job: DeepReadonly<Job>,
  { failed, succeeded, completions }: IndexState,
): { readonly end?: Verdict; readonly settled: boolean } {
  const { maxFailedIndexes, successPolicy } = job.spec;
  if (failed !== undefined && maxFailedIndexes !== undefined && failed.size > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return unsettled(failure('MaxFailedIndexesExceeded', message));
  }
  if (failed !== undefined && failed.size > 0 && failed.size + succeeded.size >= completions) {
    return unsettled(failure('FailedIndexes', 'Job has failed indexes'));
  }
  const met = successPolicyMet(successPolicy, completions, succeeded);
  if (met === undefined) return { settled: false };
  return unsettled({ type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: met });
}

function failure(reason: string, message: string): Verdict {
  return { type: 'FailureTarget', reason, message };
}

function unsettled(end: Verdict): { readonly end: Verdict; readonly settled: boolean } {
  return { end, settled: false };
}

/** Names the cause when it was our own rule that failed a pod. */
function withoutImage(failed: readonly PodView[]): string {
  const status = failed.findLast((view) => view.pod.status.reason === IMAGE_UNAVAILABLE)?.pod.status;
  return status?.message === undefined ? '' : `: ${status.message}`;
}

function failJobMessage(job: DeepReadonly<Job>, pods: PodLedger): string | undefined {
  const { podFailurePolicy } = job.spec;
  if (podFailurePolicy === undefined) return undefined;
  for (const view of pods.ended.values()) {
    const { failJob } = isFailedPod(job, view)
      ? judgeFailure(podFailurePolicy, view.pod)
      : { failJob: undefined };
    if (failJob !== undefined) return failJob;
  }
  return undefined;
}

/** The API server sets this default; a Job with a backoff limit per index has none over all indexes. */
function backoffLimitOf(job: DeepReadonly<Job>): number {
  return job.spec.backoffLimit ?? (job.spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1);
}

/** With restart policy OnFailure containers are restarted in place, and their restarts count as failures. */
function restartsExceedLimit(job: DeepReadonly<Job>, { restarts }: PodLedger): boolean {
  if (job.spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  const limit = backoffLimitOf(job);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Milliseconds until `activeDeadlineSeconds` have passed since the start; undefined when no deadline runs. */
function deadlineIn(job: DeepReadonly<Job>, now: number): number | undefined {
  const { activeDeadlineSeconds } = job.spec;
  if (activeDeadlineSeconds === undefined || isSuspended(job)) return undefined;
  const start = job.status.startTime === undefined ? now : Date.parse(job.status.startTime);
  return Math.max(0, Number(activeDeadlineSeconds) * 1000 - (now - start));
}

interface Numbers {
  readonly remove: readonly PodView[];
  readonly create: readonly number[];
  readonly backingOff: boolean;
  readonly againMs?: number;
  readonly more?: boolean;
}

/** Which pods to remove or create, never both in one sync, so that a wrong pod is gone before its successor comes. */
function numberOfPods(
  situation: Situation,
  { succeeded, backoff, indexes }: Pick<Plan, 'succeeded' | 'backoff' | 'indexes'>,
): Numbers {
  const { job, pods, retryDelay, now } = situation;
  const none: Numbers = { remove: [], create: [], backingOff: false };
  const active = pods.active.size;
  if (isSuspended(job)) return { ...none, remove: podsToRemove(pods, indexes?.completions, active) };

  const wanted = wantedPods(job, active, succeeded);
  const remove = podsToRemove(pods, indexes?.completions, Math.max(0, active - wanted));
  if (remove.length > 0) return { ...none, remove: remove.slice(0, PODS_PER_SYNC_MAX), more: true };

  const waits = replacesOnlyFailed(job);
  const missing = wanted - active - (waits ? pods.terminating.size : 0);
  if (missing <= 0) return none;
  const perIndex = indexes?.failed !== undefined;
  const remaining = perIndex ? 0 : remainingDelay(backoff, retryDelay, now);
  if (remaining > 0) return { ...none, backingOff: true, againMs: remaining };

  const count = Math.min(missing, PODS_PER_SYNC_MAX);
  const more = count < missing;
  if (indexes === undefined) return { ...none, create: Array.from({ length: count }, () => NO_INDEX), more };
  const pending = pendingIndexes(indexes, pods, count, waits);
  if (!perIndex) return { ...none, create: pending, more };
  const { startable, againMs } = startableIndexes(pending, indexes, retryDelay, now);
  const backingOff = startable.length === 0 && againMs !== undefined;
  // Once replacements are there, the next sync lets go of the pods that they replace.
  return {
    remove: [],
    create: startable,
    backingOff,
    more: true,
    ...(againMs === undefined ? {} : { againMs }),
  };
}

/** How many pods should be active. A work queue that has seen a success starts no more pods and lets the others end. */
function wantedPods(job: DeepReadonly<Job>, active: number, succeeded: number): number {
  const { completions, parallelism = 1 } = job.spec;
  if (completions === undefined) return succeeded > 0 ? active : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

function earliest(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? (left ?? right) : Math.min(left, right);
}
