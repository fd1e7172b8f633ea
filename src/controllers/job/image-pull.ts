/**
 * `longshore.dev/fail-on-image-pull`: finds pods that have waited too long for an image or a part of their configuration
 * that the node cannot get. Kubernetes waits for ever. Pure.
 */
import { findTrueCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { formatGoDuration } from '../../apis/batch/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { PodView } from './pod-view.ts';
import { waitingContainer } from './waiting-container.ts';

/** `status.reason` of a pod that was failed for this. */
export const IMAGE_UNAVAILABLE = 'ImageUnavailable';
/** Type of the condition that such a pod gets, so that a pod failure policy can match it. */
export const IMAGE_UNAVAILABLE_CONDITION = 'longshore.dev/ImageUnavailable';

/** A pod to fail, and why, as its `status.message`. */
export interface StuckPod {
  readonly view: PodView;
  readonly message: string;
}

/** The active pods that have waited for `limitMs`, and in how many milliseconds the next one will have. */
export function stuckPods(
  active: Iterable<PodView>,
  limitMs: number,
  now: number,
): { readonly stuck: readonly StuckPod[]; readonly againMs?: number } {
  const stuck: StuckPod[] = [];
  let againMs = Number.POSITIVE_INFINITY;
  for (const view of active) {
    if (view.waiting === undefined) continue;
    const left = limitMs - (now - waitingSince(view.pod));
    if (left > 0) againMs = Math.min(againMs, left);
    else stuck.push({ view, message: messageOf(view.pod, limitMs) });
  }
  return againMs === Number.POSITIVE_INFINITY ? { stuck } : { stuck, againMs };
}

/**
 * No status tells when the waiting began. It cannot have been before the node took the pod, nor before its init containers
 * were done.
 */
function waitingSince({ metadata, status }: DeepReadonly<Pod>): number {
  const initialized = findTrueCondition(status.conditions, 'Initialized');
  const since = [status.startTime, initialized?.lastTransitionTime].filter((each) => each !== undefined);
  return Math.max(
    ...(since.length > 0 ? since : [metadata.creationTimestamp]).map((each) => Date.parse(each)),
  );
}

function messageOf(pod: DeepReadonly<Pod>, limitMs: number): string {
  const container = waitingContainer(pod);
  const { reason, message } = container?.state?.waiting ?? {};
  const why = message === undefined ? reason : `${reason}: ${message}`;
  const span = formatGoDuration(limitMs);
  return `Container ${container?.name} of pod ${pod.metadata.name} could not get its image or configuration for ${span} (${why})`;
}
