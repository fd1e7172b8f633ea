/** The conditions of a pod that its node sets. Times are filled in by whoever compares them with what was written before. */

import type { Int64 } from '../../apimachinery/exact-json.ts';
import { findCondition, isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { ContainerStatus, Pod, PodCondition } from '../../apis/core/types.ts';
import type { PodView } from '../pod/pod-view.ts';
import { mayRestartAll } from '../pod/restart-policy.ts';

/** The types that belong to the node; all others are somebody else's and are kept as they are. */
export const OWN_CONDITIONS: ReadonlySet<string> = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'AllContainersRestarting',
  'PodResizePending',
  'PodResizeInProgress',
]);

/** A condition without its times. */
export type PlainCondition = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'> & {
  /** Which generation of the pod it tells of, where that is not the newest. */
  readonly observedGeneration?: Int64;
};

/** The node's conditions of a pod in that phase with those statuses (init containers, then containers). */
export function podConditions(
  pod: DeepReadonly<Pod>,
  view: PodView,
  phase: string,
  statuses: ReadonlyMap<string, ContainerStatus>,
  over: boolean,
): readonly PlainCondition[] {
  const containersReady = containersReadyCondition(view, phase, statuses);
  return [
    // The sandbox of a pod that has ended is about to go.
    condition('PodReadyToStartContainers', !over && view.sandbox?.ready === true),
    initializedCondition(pod, view, phase, statuses),
    readyCondition(pod, containersReady),
    containersReady,
    ...(mayRestartAll(pod.spec) ? [restartingAllCondition(view, phase)] : []),
  ];
}

/** Tells that the node ended the pod for its own sake. */
export function disruptionCondition(message: string): PlainCondition {
  return condition('DisruptionTarget', true, 'TerminationByKubelet', message);
}

function condition(type: string, holds: boolean, reason?: string, message?: string): PlainCondition {
  return {
    type,
    status: holds ? 'True' : 'False',
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
  };
}

function restartingAllCondition(view: PodView, phase: string): PlainCondition {
  const type = 'AllContainersRestarting';
  if (phase === 'Succeeded') return condition(type, false, 'PodCompleted');
  if (phase === 'Failed') return condition(type, false, 'PodFailed');
  if (view.restartingAll !== true) return condition(type, false);
  return condition(type, true, 'RestartAllContainersStarted', 'container exited with restart policy rule');
}

function initializedCondition(
  pod: DeepReadonly<Pod>,
  view: PodView,
  phase: string,
  statuses: ReadonlyMap<string, ContainerStatus>,
): PlainCondition {
  if (phase === 'Succeeded') return condition('Initialized', true, 'PodCompleted');
  if (view.containers.some(({ role, run }) => role === 'main' && run !== undefined)) {
    return condition('Initialized', true);
  }
  const incomplete = view.containers
    .filter(({ role, spec }) => {
      if (role === 'init') return statuses.get(spec.name)?.ready !== true;
      return role === 'sidecar' && statuses.get(spec.name)?.started !== true;
    })
    .map(({ spec }) => spec.name);
  const was = isConditionTrue(pod.status.conditions, 'Initialized');
  // A pod that begins again as a whole has been initialized once, and stays so.
  if (incomplete.length === 0 || (was && mayRestartAll(pod.spec))) return condition('Initialized', true);
  const message = `containers with incomplete status: [${incomplete.join(' ')}]`;
  return condition('Initialized', false, 'ContainersNotInitialized', message);
}

function containersReadyCondition(
  view: PodView,
  phase: string,
  statuses: ReadonlyMap<string, ContainerStatus>,
): PlainCondition {
  if (phase === 'Succeeded') return condition('ContainersReady', false, 'PodCompleted');
  if (phase === 'Failed') return condition('ContainersReady', false, 'PodFailed');
  const unready = view.containers
    .filter(({ role, spec }) => (role === 'main' || role === 'sidecar') && !statuses.get(spec.name)?.ready)
    .map(({ spec }) => spec.name);
  if (unready.length === 0) return condition('ContainersReady', true);
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return condition('ContainersReady', false, 'ContainersNotReady', message);
}

function readyCondition(pod: DeepReadonly<Pod>, containersReady: PlainCondition): PlainCondition {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' };
  const wrongs: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const found = findCondition(pod.status.conditions, conditionType);
    if (found === undefined) {
      wrongs.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    } else if (found.status !== 'True') {
      wrongs.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`);
    }
  }
  if (wrongs.length === 0) return condition('Ready', true);
  return condition('Ready', false, 'ReadinessGatesNotReady', wrongs.join(', '));
}
