/** What a pod's status says to a person who waits for it. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { ContainerStatus, Pod } from '../../apis/core/types.ts';

/** Why a pod, or a container of one that runs, is not running now, in one sentence; undefined when nothing is known to hold it up. */
export function waitingReason(pod: DeepReadonly<Pod>): string | undefined {
  if (isPodTerminal(pod)) return undefined;
  const unscheduled = pod.status.conditions?.find(
    (condition) => condition.type === 'PodScheduled' && condition.status === 'False',
  );
  if (unscheduled !== undefined) {
    return `pod ${pod.metadata.name} is not scheduled: ${unscheduled.message ?? unscheduled.reason ?? 'no reason given'}`;
  }
  for (const status of containerStatuses(pod)) {
    const waiting = status.state?.waiting;
    if (
      waiting?.reason === undefined ||
      waiting.reason === 'ContainerCreating' ||
      waiting.reason === 'PodInitializing'
    ) {
      continue;
    }
    const why = waiting.message === undefined ? '' : `: ${waiting.message}`;
    const ended = waiting.reason === 'CrashLoopBackOff' ? endText(status) : '';
    return `container ${status.name} of pod ${pod.metadata.name} waits: ${waiting.reason}${why}${ended}`;
  }
  return undefined;
}

/** How the run before ended, which is what a container that keeps failing is about. */
function endText({ lastState }: DeepReadonly<ContainerStatus>): string {
  const ended = lastState?.terminated;
  if (ended === undefined) return '';
  const message = ended.message === undefined ? '' : `: ${ended.message.trim()}`;
  return `; it exited with code ${ended.exitCode} (${ended.reason ?? 'Error'})${message}`;
}

/** All statuses of a pod's containers, init containers first. */
export function containerStatuses(pod: DeepReadonly<Pod>): readonly DeepReadonly<ContainerStatus>[] {
  return [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
}

/** How a failed pod ended: `container c exited with code 3 (Error)`; falls back to the pod's own reason. */
export function failureText(pod: DeepReadonly<Pod>): string {
  for (const status of containerStatuses(pod)) {
    const ended = status.state?.terminated ?? status.lastState?.terminated;
    if (ended === undefined || ended.exitCode === 0) continue;
    const signal = ended.signal === undefined ? '' : `, signal ${ended.signal}`;
    const message = ended.message === undefined ? '' : `: ${ended.message.trim()}`;
    return `container ${status.name} exited with code ${ended.exitCode} (${ended.reason ?? 'Error'}${signal})${message}`;
  }
  const reason = pod.status.reason ?? 'no reason given';
  return pod.status.message === undefined ? reason : `${reason}: ${pod.status.message}`;
}
