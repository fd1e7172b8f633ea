/**
 * What a Job's pods used, from the moment that their node tells it until the Job's annotation has it. It goes into the write
 * that counts the pod, so that a pod is told of once; a controller that stops between that write and the next step
 * starts from what is stored, and tells nothing of a pod that is counted.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { IntervalSet, type Job } from '../../apis/batch/index.ts';
import { USAGE_ANNOTATION, usageBoth, usageIn, usageText } from '../../apis/core/index.ts';
import { NO_INDEX, type PodView } from './pod-view.ts';

/** See the file's head. */
export class UsageLedger {
  /** By the pod's uid; at most one for each pod that has ended since the last write. */
  readonly #pending = new Map<string, { readonly view: PodView; readonly met: 'running' | 'ended' }>();

  /** Takes in a pod's state, and what was known of it before. A pod that was never seen with its finalizer has been told of. */
  observe(before: PodView | undefined, now: PodView): void {
    if (now.usage === undefined || before?.usage !== undefined) return;
    if (before === undefined && !now.tracked) return;
    this.#pending.set(now.uid, { view: now, met: before === undefined ? 'ended' : 'running' });
  }

  /** Whether something waits to be told. */
  get pending(): boolean {
    return this.#pending.size > 0;
  }

  /** The Job with what waits added to its annotation, and what to call once that is written. */
  tellOn(job: DeepReadonly<Job>): { readonly job: DeepReadonly<Job>; readonly told: () => void } {
    const taken = [...this.#pending];
    const told = (): void => {
      for (const [uid] of taken) this.#pending.delete(uid);
    };
    const { annotations } = job.metadata;
    let sum = usageIn(annotations);
    for (const [, { view, met }] of taken) {
      // Of a pod that this process never saw running, an earlier one may have told before it stopped.
      if (met === 'ended' && isCounted(job, view)) continue;
      sum = usageBoth(sum, usageIn(view.pod.metadata.annotations));
    }
    if (taken.length === 0 || sum.size === 0) return { job, told };
    const metadata = { ...job.metadata, annotations: { ...annotations, [USAGE_ANNOTATION]: usageText(sum) } };
    return { job: { ...job, metadata }, told };
  }
}

/** Whether the stored status knows of the pod. */
function isCounted({ status, spec }: DeepReadonly<Job>, { uid, index, phase }: PodView): boolean {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.includes(uid) || failed.includes(uid)) return true;
  if (phase !== 'Succeeded' || index === NO_INDEX) return false;
  return IntervalSet.parse(status.completedIndexes ?? '', spec.completions ?? 0).has(index);
}
