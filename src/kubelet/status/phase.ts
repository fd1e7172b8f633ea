/** A pod's phase, from the states of its containers. Source: Pod lifecycle (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle). */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod, PodSpec } from '../../apis/core/types.ts';
import type { PodView } from '../pod/pod-view.ts';
import { initRestartsAfter, restartsAfter } from '../pod/restart-policy.ts';

type Phase = NonNullable<Pod['status']['phase']>;

/** @param over whether nothing of the pod will run any more, whatever its restart policy says. */
export function phaseOf(spec: DeepReadonly<PodSpec>, view: PodView, over: boolean): Phase {
  let ended = 0;
  let succeeded = 0;
  let restarting = 0;
  let mains = 0;
  let begun = false;
  for (const { role, run, spec: container, restarts, renewing } of view.containers) {
    if (role !== 'main') continue;
    mains += 1;
    if (restarts > 0 || (run !== undefined && run.state !== 'created')) begun = true;
    if (run?.state !== 'exited') continue;
    ended += 1;
    if (run.exitCode === 0) succeeded += 1;
    if (renewing || restartsAfter(container, spec, run.exitCode)) restarting += 1;
  }
  if (over) return ended === mains && succeeded === mains ? 'Succeeded' : 'Failed';
  if (initFailed(spec, view)) return helpersRun(view) ? 'Pending' : 'Failed';
  if (!begun) return 'Pending';
  if (ended < mains) return view.containers.some(neverStarted) ? 'Pending' : 'Running';
  if (restarting > 0 || helpersRun(view)) return 'Running';
  return succeeded === mains ? 'Succeeded' : 'Failed';
}

function neverStarted({ role, run, restarts }: PodView['containers'][number]): boolean {
  return role === 'main' && restarts === 0 && (run === undefined || run.state === 'created');
}

/** Whether something runs beside the pod's own containers: no pod has ended before it has. */
function helpersRun(view: PodView): boolean {
  return view.containers.some(
    ({ role, run }) => (role === 'sidecar' || role === 'ephemeral') && run?.state === 'running',
  );
}

function initFailed(spec: DeepReadonly<PodSpec>, view: PodView): boolean {
  return view.containers.some(
    ({ role, run, spec: container }) =>
      role === 'init' &&
      run?.state === 'exited' &&
      run.exitCode !== 0 &&
      !initRestartsAfter(container, spec, run.exitCode),
  );
}
