/** A pod in the few words of `kubectl get pods`. */
import { isConditionTrue } from '../../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { isPodTerminal } from '../../../apis/core/index.ts';
import type { Container, ContainerStatus, Pod } from '../../../apis/core/types.ts';
import { humanDuration } from '../../table/index.ts';

type AnyPod = DeepReadonly<Pod>;
type Status = DeepReadonly<ContainerStatus>;

/** What the columns READY, STATUS and RESTARTS are made of. */
export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly status: string;
  readonly restarts: number;
  /** When a container last ended to be started again; 0 for never. Milliseconds since 1970. */
  readonly lastRestart: number;
}

/** Sums up a pod's containers, the ones that prepare it first: while they do, the pod's status is theirs. */
export function summarize(pod: AnyPod): PodSummary {
  const { spec, status } = pod;
  const sidecars = new Set(
    (spec.initContainers ?? []).filter((each) => each.restartPolicy === 'Always').map((each) => each.name),
  );
  const total = (spec.containers?.length ?? 0) + sidecars.size;
  const preparing = summarizeInit(pod, sidecars);
  const gated = status.conditions?.some(
    (each) => each.type === 'PodScheduled' && each.reason === 'SchedulingGated',
  );
  const own = gated ? 'SchedulingGated' : status.reason || status.phase || '';
  if (preparing.stuck !== undefined && !isTrue(pod, 'Initialized')) {
    const text = terminating(pod) ?? preparing.stuck;
    return { ...tally(preparing.statuses), ready: preparing.ready, total, status: text };
  }
  const statuses = status.containerStatuses ?? [];
  const restarted = tally([...preparing.statuses.filter((each) => sidecars.has(each.name)), ...statuses]);
  const ready = statuses.filter(isServing).length;
  const text = terminating(pod) ?? statusOf(pod, statuses, own);
  return { ...restarted, ready: preparing.ready + ready, total, status: text };
}

/** The RESTARTS cell: `2 (5m ago)`. */
export function restartsText({ restarts, lastRestart }: PodSummary, now: number): string {
  if (restarts === 0 || lastRestart === 0) return String(restarts);
  return `${restarts} (${humanDuration(now - lastRestart)} ago)`;
}

interface Preparation {
  /** What the first unfinished container is at; undefined when all are done. */
  readonly stuck: string | undefined;
  readonly ready: number;
  /** The containers up to that one. */
  readonly statuses: readonly Status[];
}

function summarizeInit(pod: AnyPod, sidecars: ReadonlySet<string>): Preparation {
  const statuses = pod.status.initContainerStatuses ?? [];
  let ready = 0;
  for (const [index, status] of statuses.entries()) {
    const { terminated } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecars.has(status.name) && status.started === true) {
      if (status.ready) ready++;
      continue;
    }
    return {
      stuck: initReason(status, index, pod.spec.initContainers),
      ready,
      statuses: statuses.slice(0, index + 1),
    };
  }
  return { stuck: undefined, ready, statuses };
}

function initReason(
  { state }: Status,
  index: number,
  containers: DeepReadonly<Container[]> | undefined,
): string {
  if (state?.terminated) return `Init:${endText(state.terminated)}`;
  const waiting = state?.waiting?.reason;
  if (waiting && waiting !== 'PodInitializing') return `Init:${waiting}`;
  return `Init:${index}/${containers?.length ?? 0}`;
}

type Terminated = NonNullable<NonNullable<Status['state']>['terminated']>;

function endText({ reason, signal, exitCode }: Terminated): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
}

const isServing = ({ state, ready }: Status): boolean =>
  ready && state?.running != null && !state.terminated && !state.waiting?.reason;

/** The first container that waits or has ended speaks for the pod; a pod that goes on running in part does not count as done. */
function statusOf(pod: AnyPod, statuses: readonly Status[], own: string): string {
  let text = own;
  let failure: string | undefined;
  for (const { state } of [...statuses].reverse()) {
    if (state?.waiting?.reason) text = state.waiting.reason;
    else if (state?.terminated) {
      text = endText(state.terminated);
      if (state.terminated.exitCode !== 0) failure = text;
    }
  }
  if (text !== 'Completed') return text;
  const running = statuses.some(isServing);
  if (running && isTrue(pod, 'Ready')) return 'Running';
  return failure ?? (running ? 'NotReady' : text);
}

function terminating({ metadata, status }: AnyPod): string | undefined {
  if (metadata.deletionTimestamp === undefined) return undefined;
  if (status.reason === 'NodeLost') return 'Unknown';
  return isPodTerminal({ status }) ? undefined : 'Terminating';
}

function tally(statuses: readonly Status[]): { readonly restarts: number; readonly lastRestart: number } {
  let restarts = 0;
  let lastRestart = 0;
  for (const { restartCount, lastState } of statuses) {
    restarts += restartCount ?? 0;
    const finished = lastState?.terminated?.finishedAt;
    if (finished) lastRestart = Math.max(lastRestart, Date.parse(finished));
  }
  return { restarts, lastRestart };
}

function isTrue({ status }: AnyPod, type: string): boolean {
  return isConditionTrue(status.conditions, type);
}
