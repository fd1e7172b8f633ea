/**
 * Brings a Job's status to what the plan and the ledger say, in the two steps of KEP-2307 that make counting exact
 * whatever happens between any two writes:
 *
 * 1. `account` lists pods that have ended in `uncountedTerminatedPods` (an Indexed Job's successes go into
 *    `completedIndexes` at once, since an index counts once anyhow). That status is stored first.
 * 2. The tracking finalizers of these pods are removed.
 * 3. `conclude` moves each listed pod that has no finalizer any more into the counts, and ends the Job when nothing is
 *    left to count.
 *
 * A pod that is listed and still has its finalizer is not listed again; one that is listed and has none is counted. Pure.
 */

import { rfc3339 } from '../../apimachinery/clock.ts';
import { isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  isIndexedJob,
  type Job,
  type JobCondition,
  type JobStatus,
  judgeFailure,
} from '../../apis/batch/index.ts';
import { newCondition, type Verdict, withCondition } from './conditions.ts';
import { isInRange } from './indexed.ts';
import type { PodLedger } from './ledger.ts';
import { isFailedPod, isSuspended, type Plan } from './plan.ts';
import type { PodView } from './pod-view.ts';

/** Pods listed as uncounted at most, so that they take no more than about 20 KB of a status (upstream's number). */
const UNCOUNTED_PODS_MAX = 500;

/** What is to be stored and done for the pods that have ended. */
export interface Account {
  readonly status: DeepReadonly<JobStatus>;
  /** Pods to take the tracking finalizer from, once the status is stored. */
  readonly release: readonly PodView[];
  /** The last condition, to be written once nothing is left to count: Complete or Failed. */
  readonly end?: Verdict;
  /** Whether more pods have ended than one status can list, so that another sync must follow at once. */
  readonly full: boolean;
  /** Whether the Job has just been suspended or resumed. */
  readonly turned?: 'suspended' | 'resumed';
}

/** The first step. `pods` shows the deletions that the plan asked for. */
export function account(job: DeepReadonly<Job>, pods: PodLedger, plan: Plan, now: number): Account {
  const decided = endAfter(job, pods, plan);
  const listed = listEnded(job, pods, plan, decided);
  const { end, conditions: interim } = interimCondition(job, decided, now);
  const turn = plan.managed && decided === undefined ? turnOf(job, now) : undefined;
  const status: JobStatus = {
    ...job.status,
    ...times(job, turn?.turned, now),
    conditions: (turn?.conditions ?? interim) as JobCondition[],
    uncountedTerminatedPods: listed.uncounted,
    ...listed.counts,
  };
  if (turn?.turned === 'suspended') delete status.startTime;
  return {
    status: withNumbers(status, pods, plan),
    release: listed.release,
    full: listed.full,
    ...(end === undefined || listed.full ? {} : { end }),
    ...(turn === undefined ? {} : { turned: turn.turned }),
  };
}

/** The last step: counts what lost its finalizer, and ends the Job once there is nothing left to count or to wait for. */
export function conclude(
  job: DeepReadonly<Job>,
  pods: PodLedger,
  plan: Plan,
  end: Verdict | undefined,
  now: number,
): DeepReadonly<JobStatus> {
  const counted = countReleased(job.status, pods);
  const status: JobStatus = { ...job.status, ...counted } as JobStatus;
  const { succeeded = [], failed = [] } = counted.uncountedTerminatedPods;
  if (end !== undefined && succeeded.length + failed.length + pods.terminating.size === 0) {
    const last = newCondition(end, now);
    status.conditions = [
      ...((withCondition(status.conditions ?? [], last) ?? status.conditions) as JobCondition[]),
    ];
    if (end.type === 'Complete') status.completionTime = rfc3339(now);
  }
  return withNumbers(status, pods, plan);
}

/** Whether two statuses say the same. */
export function sameStatus(left: DeepReadonly<JobStatus>, right: DeepReadonly<JobStatus>): boolean {
  return (
    (left.active ?? 0) === (right.active ?? 0) &&
    left.ready === right.ready &&
    left.terminating === right.terminating &&
    (left.succeeded ?? 0) === (right.succeeded ?? 0) &&
    (left.failed ?? 0) === (right.failed ?? 0) &&
    (left.completedIndexes ?? '') === (right.completedIndexes ?? '') &&
    left.failedIndexes === right.failedIndexes &&
    left.startTime === right.startTime &&
    left.completionTime === right.completionTime &&
    sameUids(left.uncountedTerminatedPods?.succeeded, right.uncountedTerminatedPods?.succeeded) &&
    sameUids(left.uncountedTerminatedPods?.failed, right.uncountedTerminatedPods?.failed) &&
    (left.uncountedTerminatedPods === undefined) === (right.uncountedTerminatedPods === undefined) &&
    sameConditions(left.conditions ?? [], right.conditions ?? [])
  );
}

/** The end that stands once the plan's deletions are done: a Job that still has active pods is not at its end. */
function endAfter(job: DeepReadonly<Job>, pods: PodLedger, plan: Plan): Verdict | undefined {
  const active = pods.active.size;
  if (plan.end !== undefined) return active === 0 ? plan.end : undefined;
  if (active > 0 || plan.create.length > 0) return undefined;
  const { completions } = job.spec;
  const complete = completions === undefined ? plan.succeeded > 0 : plan.succeeded >= completions;
  if (!complete) return undefined;
  const message = 'Reached expected number of succeeded pods';
  return { type: 'SuccessCriteriaMet', reason: 'CompletionsReached', message };
}

/** An end is first written as what it will come to; from there on it is fixed. */
function interimCondition(
  job: DeepReadonly<Job>,
  decided: Verdict | undefined,
  now: number,
): { readonly end?: Verdict; readonly conditions: readonly DeepReadonly<JobCondition>[] } {
  const conditions = job.status.conditions ?? [];
  if (decided === undefined) return { conditions };
  const end: Verdict = { ...decided, type: decided.type === 'SuccessCriteriaMet' ? 'Complete' : 'Failed' };
  const known = decided.type === 'Failed' || isConditionTrue(conditions, decided.type);
  return { end, conditions: known ? conditions : [...conditions, newCondition(decided, now)] };
}

function turnOf(
  job: DeepReadonly<Job>,
  now: number,
):
  | { readonly turned: 'suspended' | 'resumed'; readonly conditions: readonly DeepReadonly<JobCondition>[] }
  | undefined {
  const suspended = isSuspended(job);
  const verdict: Verdict = suspended
    ? { type: 'Suspended', reason: 'JobSuspended', message: 'Job suspended' }
    : { type: 'Suspended', reason: 'JobResumed', message: 'Job resumed' };
  const condition = newCondition(verdict, now, suspended ? 'True' : 'False');
  const conditions = withCondition(job.status.conditions ?? [], condition);
  return conditions && { turned: suspended ? 'suspended' : 'resumed', conditions };
}

/** A resumed Job starts anew, so that its deadline counts the time that it runs. */
function times(job: DeepReadonly<Job>, turned: Account['turned'], now: number): { startTime?: string } {
  const starts = turned === 'resumed' || (job.status.startTime === undefined && !isSuspended(job));
  return starts ? { startTime: rfc3339(now) } : {};
}

interface Listed {
  readonly uncounted: { succeeded?: string[]; failed?: string[] };
  readonly counts: { succeeded?: number; failed?: number };
  readonly release: readonly PodView[];
  /** More pods have ended than one status can list. */
  readonly full: boolean;
}

/** Lists the pods that may be let go of, and those of them that are yet to be counted. */
function listEnded(
  job: DeepReadonly<Job>,
  pods: PodLedger,
  plan: Plan,
  decided: Verdict | undefined,
): Listed {
  const { uncountedTerminatedPods: cleaned, ...counts } = countReleased(job.status, pods);
  const [succeeded, failed] = [[...(cleaned.succeeded ?? [])], [...(cleaned.failed ?? [])]];
  const known = { succeeded: new Set(succeeded), failed: new Set(failed) };
  // A pod that has just been stopped is judged as it was before: it did not fail of itself.
  const stopped = new Map(plan.stop.map((view) => [view.uid, view]));
  const release: PodView[] = [];
  let newIndexes = 0;
  let full = false;
  for (const view of candidates(job, pods, decided)) {
    if (!mayRelease(job, plan, view, decided)) continue;
    release.push(view);
    const fate = fateOf(job, stopped.get(view.uid) ?? view, decided);
    if (fate === 'succeeded' && !known.failed.has(view.uid)) {
      if (plan.indexes === undefined) {
        if (!known.succeeded.has(view.uid)) succeeded.push(view.uid);
      } else if (isInRange(view, plan.indexes.completions) && !plan.indexes.counted.has(view.index))
        newIndexes += 1;
    } else if (fate === 'failed' && !known.failed.has(view.uid) && countsAsFailure(job, plan, view)) {
      failed.push(view.uid);
    }
    full = newIndexes + succeeded.length + failed.length >= UNCOUNTED_PODS_MAX;
    if (full) break;
  }
  return { uncounted: uids(succeeded, failed), counts, release, full };
}

/** The pods with a finalizer that may have to be counted: at an end all of them, ended or not. */
function candidates(
  job: DeepReadonly<Job>,
  pods: PodLedger,
  decided: Verdict | undefined,
): Iterable<PodView> {
  const ending = decided !== undefined || job.metadata.deletionTimestamp !== undefined;
  const views = (ending ? pods.tracked : pods.ended).values();
  return isIndexedJob(job) ? [...views].sort((a, b) => a.index - b.index) : views;
}

function mayRelease(
  job: DeepReadonly<Job>,
  plan: Plan,
  view: PodView,
  decided: Verdict | undefined,
): boolean {
  if (job.metadata.deletionTimestamp !== undefined || decided !== undefined || view.phase === 'Succeeded')
    return true;
  return isFailedPod(job, view) && plan.indexes?.awaitingReplacement.get(view.index)?.uid !== view.uid;
}

/** As what a pod is counted. When a Job has failed, its pods that have not ended count as failed. */
function fateOf(
  job: DeepReadonly<Job>,
  view: PodView,
  decided: Verdict | undefined,
): 'succeeded' | 'failed' | undefined {
  if (view.phase === 'Succeeded') return 'succeeded';
  if (isFailedPod(job, view)) return 'failed';
  return decided !== undefined && decided.type !== 'SuccessCriteriaMet' ? 'failed' : undefined;
}

function countsAsFailure(job: DeepReadonly<Job>, plan: Plan, view: PodView): boolean {
  if (plan.indexes !== undefined && !isInRange(view, plan.indexes.completions)) return false;
  return judgeFailure(job.spec.podFailurePolicy, view.pod).counted;
}

/** Moves each listed pod without a finalizer into the counts. */
function countReleased(
  status: DeepReadonly<JobStatus>,
  pods: PodLedger,
): Pick<JobStatus, 'succeeded' | 'failed'> & {
  uncountedTerminatedPods: { succeeded?: string[]; failed?: string[] };
} {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const held = (uid: string): boolean => pods.tracked.has(uid);
  const [stillSucceeded, stillFailed] = [succeeded.filter(held), failed.filter(held)];
  return {
    succeeded: (status.succeeded ?? 0) + succeeded.length - stillSucceeded.length,
    failed: (status.failed ?? 0) + failed.length - stillFailed.length,
    uncountedTerminatedPods: uids(stillSucceeded, stillFailed),
  };
}

function uids(succeeded: string[], failed: string[]): { succeeded?: string[]; failed?: string[] } {
  return { ...(succeeded.length === 0 ? {} : { succeeded }), ...(failed.length === 0 ? {} : { failed }) };
}

/** Sets the counts of the moment. Fields that the API leaves out when they are empty or 0 are left out. */
function withNumbers(
  status: JobStatus,
  pods: PodLedger,
  { indexes, backingOff }: Plan,
): DeepReadonly<JobStatus> {
  // While replacements wait for their backoff Kubernetes shows no active pods, though there may be some.
  set(status, 'active', backingOff ? 0 : pods.active.size);
  status.ready = pods.ready;
  status.terminating = pods.terminating.size;
  if (indexes !== undefined) {
    set(status, 'completedIndexes', indexes.succeeded.toString());
    status.succeeded = indexes.succeeded.size;
    if (indexes.failed === undefined) delete status.failedIndexes;
    else status.failedIndexes = indexes.failed.toString();
  }
  set(status, 'succeeded', status.succeeded);
  set(status, 'failed', status.failed);
  if (status.conditions?.length === 0) delete status.conditions;
  return status;
}

function set<Key extends 'active' | 'succeeded' | 'failed' | 'completedIndexes'>(
  status: JobStatus,
  key: Key,
  value: JobStatus[Key],
): void {
  if (value) status[key] = value;
  else delete status[key];
}

function sameUids(left: readonly string[] = [], right: readonly string[] = []): boolean {
  return left === right || (left.length === right.length && left.every((uid, at) => uid === right[at]));
}

function sameConditions(
  left: readonly DeepReadonly<JobCondition>[],
  right: readonly DeepReadonly<JobCondition>[],
): boolean {
  return (
    left.length === right.length &&
    left.every(
      (each, at) =>
        each === right[at] ||
        (each.type === right[at]?.type &&
          each.status === right[at].status &&
          each.reason === right[at].reason &&
          each.message === right[at].message &&
          each.lastTransitionTime === right[at].lastTransitionTime),
    )
  );
}
