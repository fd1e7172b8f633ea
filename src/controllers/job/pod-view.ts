/** What the Job controller needs to know of a pod, worked out once for each state of the pod. */
import { findTrueCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { COMPLETION_INDEX, TRACKING_FINALIZER } from '../../apis/batch/index.ts';
import { isPodTerminal, USAGE_ANNOTATION } from '../../apis/core/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { waitingReason } from './waiting-container.ts';

/** The completion index of a pod that has none, or one that makes no sense. */
export const NO_INDEX = -1;

/** One pod's state as counting sees it. */
export interface PodView {
  readonly pod: DeepReadonly<Pod>;
  readonly uid: string;
  readonly name: string;
  /** Completion index, or {@link NO_INDEX}. */
  readonly index: number;
  readonly phase: string;
  /** Succeeded or Failed. */
  readonly terminal: boolean;
  readonly deleting: boolean;
  /** Carries the tracking finalizer: not fully counted yet. */
  readonly tracked: boolean;
  readonly ready: boolean;
  /** Container restarts that count against the backoff limit of restart policy OnFailure. */
  readonly restarts: number;
  /** What its node told of what it used, as the pod's annotation has it; undefined while it told nothing. */
  readonly usage: string | undefined;
  /** Why a container waits for an image or configuration that the node cannot get; undefined when none does. */
  readonly waiting: string | undefined;
}

/** The view of a pod's present state. */
export function viewOf(pod: DeepReadonly<Pod>): PodView {
  const { metadata, status } = pod;
  const phase = status?.phase ?? '';
  return {
    pod,
    uid: metadata.uid,
    name: metadata.name,
    index: completionIndexOf(pod),
    phase,
    terminal: isPodTerminal(pod),
    deleting: metadata.deletionTimestamp !== undefined,
    tracked: isTracked(pod),
    ready: isReady(pod),
    restarts: phase === 'Running' || phase === 'Pending' ? restartsOf(pod) : 0,
    usage: metadata.annotations?.[USAGE_ANNOTATION],
    waiting: phase === 'Pending' || phase === 'Running' ? waitingReason(pod) : undefined,
  };
}

/** Neither ended nor being deleted. */
export function isActive(view: PodView): boolean {
  return !view.terminal && !view.deleting;
}

/** Being deleted and still running, or not known to have stopped. */
export function isTerminating(view: PodView): boolean {
  return view.deleting && !view.terminal;
}

/** Whether the pod carries the tracking finalizer. */
export function isTracked(pod: DeepReadonly<Pod>): boolean {
  return pod.metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

/** Since when the pod is ready, as RFC 3339; undefined when it is not. */
export function readySince(pod: DeepReadonly<Pod>): string | undefined {
  const ready = findTrueCondition(pod.status?.conditions, 'Ready');
  return ready === undefined ? undefined : (ready.lastTransitionTime ?? '');
}

function isReady(pod: DeepReadonly<Pod>): boolean {
  return readySince(pod) !== undefined;
}

function completionIndexOf(pod: DeepReadonly<Pod>): number {
  const text = pod.metadata.annotations?.[COMPLETION_INDEX];
  return text !== undefined && /^\+?[0-9]{1,10}$/.test(text) ? Number(text) : NO_INDEX;
}

function restartsOf(pod: DeepReadonly<Pod>): number {
  let restarts = 0;
  for (const container of pod.status.initContainerStatuses ?? []) restarts += container.restartCount;
  for (const container of pod.status.containerStatuses ?? []) restarts += container.restartCount;
  return restarts;
}
