/** How long a failed pod's replacement waits: 10 s, doubling with each failure in a row, at most 10 min. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { type RetryDelay, retryDelayAfter } from '../../apis/batch/index.ts';
import type { ContainerStatus, Pod } from '../../apis/core/types.ts';
import type { PodView } from './pod-view.ts';

/** A Job's failures in a row. Kept in memory alone: after a restart of the controller the row begins anew, as upstream. */
export interface BackoffRecord {
  readonly failuresInARow: number;
  /** Wall time in milliseconds of the last of them. */
  readonly lastFailureAt: number;
}

/** By how many milliseconds the clock of a node that tells of an end may be ahead of this one. */
const SKEW_MS_MAX = 60_000;

/** No failures. */
export const NO_FAILURES: BackoffRecord = { failuresInARow: 0, lastFailureAt: 0 };

/** The record after pods have ended: a success ends the row, failures later than the last success start a new one. */
export function nextRecord(
  record: BackoffRecord,
  succeeded: readonly PodView[],
  failed: readonly PodView[],
): BackoffRecord {
  if (succeeded.length === 0 && failed.length === 0) return record;
  let failures = failed.map((view) => finishedAt(view.pod));
  let before = record.failuresInARow;
  if (succeeded.length > 0) {
    const lastSuccess = Math.max(...succeeded.map((view) => finishedAt(view.pod)));
    failures = failures.filter((at) => at > lastSuccess);
    before = 0;
  }
  if (failures.length === 0) return NO_FAILURES;
  return { failuresInARow: before + failures.length, lastFailureAt: Math.max(...failures) };
}

/** Milliseconds from `now` until a replacement may be created after that many failures; 0 when it may be now. */
export function remainingDelay(record: BackoffRecord, delay: RetryDelay, now: number): number {
  if (record.failuresInARow === 0) return 0;
  const wait = retryDelayAfter(record.failuresInARow, delay);
  // In whole milliseconds, lest a clock that counts parts of them comes up short by a rounding again and again.
  const left = Math.max(0, Math.ceil(wait - (now - record.lastFailureAt)));
  // A failure that far ahead of now was noted before the clock was set back: nobody waits as long as it was wrong.
  return left > wait + SKEW_MS_MAX ? 0 : left;
}

/**
 * When a pod ended, as wall time in milliseconds: the end of its last container; else when it stopped being ready; else
 * when its deletion was asked for; else when it was created.
 */
export function finishedAt(pod: DeepReadonly<Pod>): number {
  const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  const containers = containersFinishedAt(pod);
  if (containers !== undefined) return containers;
  const notReady = pod.status.conditions?.find((each) => each.type === 'Ready' && each.status === 'False');
  if (notReady?.lastTransitionTime) return Date.parse(notReady.lastTransitionTime);
  if (deletionTimestamp !== undefined)
    return Date.parse(deletionTimestamp) - Number(deletionGracePeriodSeconds) * 1000;
  return Date.parse(creationTimestamp);
}

/** The end of the last container, sidecars included; undefined while one of them runs. */
function containersFinishedAt(pod: DeepReadonly<Pod>): number | undefined {
  const regular = latestEnd(pod.status.containerStatuses ?? [], undefined);
  const sidecars = pod.spec.initContainers?.filter((each) => each.restartPolicy === 'Always') ?? [];
  if (sidecars.length === 0) return regular;
  const names = new Set(sidecars.map((each) => each.name));
  return latestEnd(pod.status.initContainerStatuses?.filter(({ name }) => names.has(name)) ?? [], regular);
}

function latestEnd(
  containers: readonly DeepReadonly<ContainerStatus>[],
  known: number | undefined,
): number | undefined {
  let latest = known;
  for (const { state } of containers) {
    // An agent that lost a container does not know when it ended: the API has null there.
    if (!state?.terminated?.finishedAt) return undefined;
    const at = Date.parse(state.terminated.finishedAt);
    latest = latest === undefined ? at : Math.max(latest, at);
  }
  return latest;
}
