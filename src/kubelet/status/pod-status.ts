/** A pod's status as its node reports it: a pure function of the pod and what the node knows of it. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { podLimits, podRequests } from '../../apis/core/index.ts';
import type { ContainerStatus, Pod, PodStatus } from '../../apis/core/types.ts';
import { actuatedSpec, grantedSpec } from '../pod/granted-spec.ts';
import type { PodView } from '../pod/pod-view.ts';
import { disruptionCondition, type PlainCondition, podConditions } from './conditions.ts';
import { type ContainerCircumstances, containerStatus } from './container-status.ts';
import { cutMessages } from './message-room.ts';
import { phaseOf } from './phase.ts';

/** What the status of every pod of a node is made with. */
export interface StatusContext {
  /** Prefix of container ids. */
  readonly runtime: string;
  /** The node's addresses, the primary one first. */
  readonly hostIPs: readonly string[];
  /** Whether pods have addresses of their own, unless they use the node's network. */
  readonly podAddresses: boolean;
  /** Whether containers see volumes, and whether a read-only one can be so for all that is mounted below it. */
  readonly volumes: 'none' | 'plain' | 'recursive';
}

/** Why a node ended a pod. */
export interface PodFailure {
  readonly reason: string;
  readonly message: string;
  /** The pod was in the way rather than at fault (condition DisruptionTarget): a Job may not count it as its own failure. */
  readonly disruption?: boolean;
  /** Seconds that its containers get to end. Default: what the pod asks for. */
  readonly graceSeconds?: number;
}

/** What the worker decided about the pod. */
export interface PodVerdict {
  /** Nothing of it will run any more. */
  readonly over: boolean;
  /** RFC 3339, when this node took the pod on. */
  readonly startTime: string;
  /** Set when the node ended the pod: `DeadlineExceeded`, `Evicted`. It failed then, whatever its containers say. */
  readonly failure?: PodFailure;
  /** What is told of a change of its resources that is not done yet. */
  readonly resize?: readonly PlainCondition[];
}

/** The part of a pod's status that its node owns; conditions without times. */
export type ReportedStatus = Omit<PodStatus, 'conditions'> & {
  readonly conditions: readonly PlainCondition[];
  /** What is to be added to the pod's annotations in the same write. */
  readonly annotations?: Readonly<Record<string, string>>;
};

/** Of a pod that this node did not take nothing is told but why: it has no containers, and never will. */
export function rejectedStatus(
  pod: DeepReadonly<Pod>,
  { reason, message }: PodFailure,
  startTime: string,
): ReportedStatus {
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase: 'Failed',
    conditions: [],
    reason,
    message,
    startTime,
  };
}

/** See the file's head. */
export function reportStatus(
  pod: DeepReadonly<Pod>,
  view: PodView,
  verdict: PodVerdict,
  context: StatusContext,
): ReportedStatus {
  const { over, startTime, failure } = verdict;
  const around: ContainerCircumstances = {
    runtime: context.runtime,
    hasInitContainers: (pod.spec.initContainers?.length ?? 0) > 0,
    over,
    initialized: view.containers.some(({ role, run }) => role === 'main' && run !== undefined),
    volumes: context.volumes,
  };
  const byName = new Map<string, ContainerStatus>();
  const init: ContainerStatus[] = [];
  const main: ContainerStatus[] = [];
  const ephemeral: ContainerStatus[] = [];
  for (const record of view.containers) {
    const status = containerStatus(record, around);
    byName.set(record.spec.name, status);
    (record.role === 'main' ? main : record.role === 'ephemeral' ? ephemeral : init).push(status);
  }
  for (const statuses of [init, main, ephemeral]) cutMessages(statuses, view.containers.length);
  const phase = failure === undefined ? phaseOf(pod.spec, view, over) : 'Failed';
  const ips = context.podAddresses && !pod.spec.hostNetwork ? (view.sandbox?.ips ?? []) : context.hostIPs;
  const hasIps = ips.length > 0 && (view.sandbox !== undefined || view.attempts > 0);
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: [
      ...(over ? [] : (verdict.resize ?? [])),
      ...podConditions(pod, view, phase, byName, over),
      ...(failure?.disruption === true ? [disruptionCondition(failure.message)] : []),
    ],
    ...(failure === undefined ? {} : { reason: failure.reason, message: failure.message }),
    ...(context.hostIPs[0] === undefined
      ? {}
      : { hostIP: context.hostIPs[0], hostIPs: context.hostIPs.map((ip) => ({ ip })) }),
    ...(hasIps ? { podIP: ips[0] ?? '', podIPs: ips.map((ip) => ({ ip })) } : {}),
    startTime,
    ...podAmounts(pod, view),
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: main,
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
  };
}

/** What the pod as a whole has of requests and limits by now, and the requests that it was granted (KEP-5419). */
function podAmounts(
  pod: DeepReadonly<Pod>,
  view: PodView,
): Pick<PodStatus, 'resources' | 'allocatedResources'> {
  // Most pods of a large Job ask for nothing, and thousands of statuses a second are made of them.
  const askers = [view.resources, pod.spec.overhead, ...view.containers.map(({ spec }) => spec.resources)];
  if (askers.every((each) => each === undefined || Object.keys(each).length === 0)) return { resources: {} };
  const has = actuatedSpec(pod.spec, view);
  const [requests, limits, granted] = [
    podRequests(has),
    podLimits(has),
    podRequests(grantedSpec(pod.spec, view)),
  ];
  const some = (amounts: Record<string, string>): boolean => Object.keys(amounts).length > 0;
  return {
    resources: { ...(some(limits) ? { limits } : {}), ...(some(requests) ? { requests } : {}) },
    ...(some(granted) ? { allocatedResources: granted } : {}),
  };
}
