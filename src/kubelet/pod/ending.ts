/** Whether, when and with how much patience a pod is to end. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { PodVerdict } from '../status/pod-status.ts';

/** What the node knows of a pod's end beside the pod itself. */
export interface Ending {
  /** The object is gone from the API. */
  readonly removed: boolean;
  /** Why the node made it fail; undefined while it did not. */
  readonly failure: PodVerdict['failure'];
}

/** Whether nothing of the pod should run any more: deleted, removed, failed here, or ended as others say. */
export function mustEnd(pod: DeepReadonly<Pod>, { removed, failure }: Ending): boolean {
  const isDeleted = pod.metadata.deletionTimestamp !== undefined;
  return removed || isDeleted || isPodTerminal(pod) || failure !== undefined;
}

/** Seconds that containers get to end: what the failure or the deletion granted, else what the pod asks for. */
export function graceSecondsOf({ metadata, spec }: DeepReadonly<Pod>, { removed, failure }: Ending): number {
  if (removed) return 1;
  if (failure?.graceSeconds !== undefined) return failure.graceSeconds;
  return Number(metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30);
}

/** Wall milliseconds at which the pod fails for taking too long; undefined where it may take for ever. */
export function deadlineOf({ spec }: DeepReadonly<Pod>, startTime: string): number | undefined {
  if (spec.activeDeadlineSeconds === undefined) return undefined;
  return Date.parse(startTime) + Number(spec.activeDeadlineSeconds) * 1000;
}

/** Whether the pod has ended as the API shows it here, so that no older version of it can start it again. */
export function apiKnowsTheEnd(pod: DeepReadonly<Pod>): boolean {
  return isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}
