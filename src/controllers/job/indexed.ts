/** What an Indexed Job's plan needs: which indexes have succeeded or failed, and which are to be started. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  INDEX_FAILURE_COUNT_ANNOTATION,
  INDEX_IGNORED_FAILURE_COUNT_ANNOTATION,
  IntervalSet,
  type Job,
  judgeFailure,
  type RetryDelay,
} from '../../apis/batch/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { finishedAt, remainingDelay } from './backoff.ts';
import type { PodLedger } from './ledger.ts';
import { NO_INDEX, type PodView } from './pod-view.ts';

/** Where an Indexed Job's indexes stand. */
export interface IndexState {
  readonly completions: number;
  /** Those the status counts as succeeded. */
  readonly counted: IntervalSet;
  /** Those, and those of pods not counted yet. */
  readonly succeeded: IntervalSet;
  /** Absent unless the Job has a backoff limit per index. */
  readonly failed?: IntervalSet;
  /**
   * By index, the last failed pod of an index that waits for its replacement. Its finalizer stays until the replacement
   * carries on its count of failures.
   */
  readonly awaitingReplacement: ReadonlyMap<number, PodView>;
}

/** The index state of an Indexed Job; `failed` says of a pod whether it counts as failed. */
export function indexStateOf(
  job: DeepReadonly<Job>,
  pods: PodLedger,
  failed: (view: PodView) => boolean,
): IndexState {
  const { completions = 0, backoffLimitPerIndex } = job.spec;
  const counted = IntervalSet.parse(job.status.completedIndexes ?? '', completions);
  const newly = [...pods.ended.values()].filter((view) => isInRange(view, completions));
  const succeeded = union(
    counted,
    newly.filter((view) => view.phase === 'Succeeded'),
  );
  if (backoffLimitPerIndex === undefined) {
    return { completions, counted, succeeded, awaitingReplacement: new Map() };
  }
  const failedPods = newly.filter(failed);
  const failedIndexes = union(
    IntervalSet.parse(job.status.failedIndexes ?? '', completions),
    failedPods.filter((view) => endsItsIndex(job, view, backoffLimitPerIndex)),
  );
  const settled = (index: number): boolean =>
    succeeded.has(index) || failedIndexes.has(index) || pods.activeByIndex.has(index);
  const awaitingReplacement = lastOfEach(failedPods.filter((view) => !settled(view.index)));
  return { completions, counted, succeeded, failed: failedIndexes, awaitingReplacement };
}

/** Whether the pod has an index below `completions`. */
export function isInRange(view: PodView, completions: number): boolean {
  return view.index !== NO_INDEX && view.index < completions;
}

/** A new set with the indexes of these pods in it. */
function union(indexes: IntervalSet, pods: readonly PodView[]): IntervalSet {
  if (pods.length === 0) return indexes;
  const all = new IntervalSet();
  all.addAll(indexes);
  for (const view of pods) all.add(view.index);
  return all;
}

/** The lowest indexes, at most `count`, that have neither an end nor a pod. */
export function pendingIndexes(
  state: IndexState,
  pods: PodLedger,
  count: number,
  waitForTerminating: boolean,
): number[] {
  const terminating = new Set<number>();
  if (waitForTerminating) for (const view of pods.terminating.values()) terminating.add(view.index);
  const pending: number[] = [];
  let index = 0;
  while (pending.length < count) {
    const after = Math.max(state.succeeded.nextMissing(index), state.failed?.nextMissing(index) ?? 0);
    if (after > index) index = after;
    else if (index >= state.completions) break;
    else {
      if (!pods.activeByIndex.has(index) && !terminating.has(index)) pending.push(index);
      index += 1;
    }
  }
  return pending;
}

/** Of these indexes those whose replacement may start now, and in how many milliseconds the next of the others may. */
export function startableIndexes(
  indexes: readonly number[],
  state: IndexState,
  delay: RetryDelay,
  now: number,
): { readonly startable: readonly number[]; readonly againMs?: number } {
  const startable: number[] = [];
  let againMs = Number.POSITIVE_INFINITY;
  for (const index of indexes) {
    const before = state.awaitingReplacement.get(index);
    const remaining = before === undefined ? 0 : remainingDelay(recordOf(before.pod), delay, now);
    if (remaining === 0) startable.push(index);
    else againMs = Math.min(againMs, remaining);
  }
  return againMs === Number.POSITIVE_INFINITY ? { startable } : { startable, againMs };
}

/** The failures of an index that a new pod's annotations carry on, given the failed pod that it replaces. */
export function failureCountsAfter(
  job: DeepReadonly<Job>,
  replaced: PodView | undefined,
): { readonly counted: number; readonly ignored: number } {
  if (replaced === undefined) return { counted: 0, ignored: 0 };
  const counted = countOf(replaced.pod, INDEX_FAILURE_COUNT_ANNOTATION);
  const ignored = countOf(replaced.pod, INDEX_IGNORED_FAILURE_COUNT_ANNOTATION);
  return judgeFailure(job.spec.podFailurePolicy, replaced.pod).counted
    ? { counted: counted + 1, ignored }
    : { counted, ignored: ignored + 1 };
}

function endsItsIndex(job: DeepReadonly<Job>, view: PodView, limit: number): boolean {
  const { counted, action } = judgeFailure(job.spec.podFailurePolicy, view.pod);
  return action === 'FailIndex' || (counted && countOf(view.pod, INDEX_FAILURE_COUNT_ANNOTATION) >= limit);
}

function lastOfEach(failed: readonly PodView[]): Map<number, PodView> {
  const last = new Map<number, PodView>();
  for (const view of failed) {
    const known = last.get(view.index);
    const later =
      known === undefined ||
      (absoluteCountOf(known.pod) <= absoluteCountOf(view.pod) &&
        finishedAt(view.pod) >= finishedAt(known.pod));
    if (later) last.set(view.index, view);
  }
  return last;
}

function recordOf(pod: DeepReadonly<Pod>): { failuresInARow: number; lastFailureAt: number } {
  return { failuresInARow: absoluteCountOf(pod) + 1, lastFailureAt: finishedAt(pod) };
}

function absoluteCountOf(pod: DeepReadonly<Pod>): number {
  return countOf(pod, INDEX_FAILURE_COUNT_ANNOTATION) + countOf(pod, INDEX_IGNORED_FAILURE_COUNT_ANNOTATION);
}

/** A count from an annotation; what is no 32-bit count (users can write annotations) is taken as 0. */
function countOf(pod: DeepReadonly<Pod>, annotation: string): number {
  const text = pod.metadata.annotations?.[annotation] ?? '';
  return /^\+?[0-9]{1,10}$/.test(text) && Number(text) < 2 ** 31 ? Number(text) : 0;
}
