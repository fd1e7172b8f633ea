/** Turns what a runtime tells of containers into runs, and what the API remembers of them where the runtime forgot. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { ContainerStatus as ApiStatus, ContainerStateTerminated, Pod } from '../../apis/core/types.ts';
import type { ContainerStatus } from '../runtimes/container.ts';
import { CONTAINER_NAME_LABEL, IMAGE_ANNOTATION, RESTART_COUNT_ANNOTATION } from '../runtimes/labels.ts';
import type { SandboxStatus } from '../runtimes/sandbox.ts';
import { terminatedState } from '../status/container-status.ts';
import { waitAfterRestarts } from './backoff.ts';
import { type ContainerRecord, type ContainerRun, newPodView, type PodView } from './pod-view.ts';

/** What is told of a container of which nobody knows how it ended, upstream's. */
const LOST = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
} as const;

/** A run as its runtime tells of it now. */
export function runOf(status: ContainerStatus): ContainerRun {
  const { id, sandboxId, state, startedAt, finishedAt, exitCode, reason, message, imageRef } = status;
  const count = status.annotations[RESTART_COUNT_ANNOTATION];
  const attempt = count === undefined ? status.metadata.attempt : Number(count);
  const image = status.annotations[IMAGE_ANNOTATION];
  return {
    id,
    sandboxId,
    attempt,
    state,
    startedAt,
    finishedAt,
    exitCode,
    reason,
    message,
    imageId: imageRef,
    ...(image === undefined ? {} : { image }),
    ...(status.user === undefined ? {} : { user: status.user }),
  };
}

/** What a runtime still has of a pod. */
export interface FoundPod {
  readonly sandboxes: readonly SandboxStatus[];
  readonly containers: readonly ContainerStatus[];
}

/**
 * The view of a pod that may have run before this process began. What the runtime has counts, unless the API tells of a later run;
 * one that ran by the API's account but is not in the runtime any more has ended, nobody knows how.
 */
export function adoptedView(pod: DeepReadonly<Pod>, found: FoundPod, runtimeName: string): PodView {
  const view = newPodView(pod);
  const newest = found.sandboxes.toSorted((a, b) => b.metadata.attempt - a.metadata.attempt)[0];
  view.attempts = newest === undefined ? 0 : newest.metadata.attempt + 1;
  if (newest !== undefined) {
    const { id, metadata, state, ips } = newest;
    view.sandbox = { id, attempt: metadata.attempt, ready: state === 'ready', ips };
  }
  const known = [
    ...(pod.status.initContainerStatuses ?? []),
    ...(pod.status.containerStatuses ?? []),
    ...(pod.status.ephemeralContainerStatuses ?? []),
  ];
  for (const record of view.containers) {
    const runs = found.containers
      .filter(({ labels }) => labels[CONTAINER_NAME_LABEL] === record.spec.name)
      .map(runOf)
      .sort((a, b) => b.attempt - a.attempt);
    const status = known.find(({ name }) => name === record.spec.name);
    adopt(record, runs, status, runtimeName);
    record.actuatedWhole = view.resources;
  }
  return view;
}

function adopt(
  record: ContainerRecord,
  runs: readonly ContainerRun[],
  status: DeepReadonly<ApiStatus> | undefined,
  runtime: string,
): void {
  const remembered = rememberedRun(status);
  const [newest] = runs;
  // A runtime that was killed while the pod was cleared away may have of it an earlier run than was told of.
  const isForgotten = remembered !== undefined && remembered.attempt > (newest?.attempt ?? -1);
  const [run, ...earlier] = isForgotten ? [remembered, ...runs] : runs;
  if (run === undefined) return;
  const [before] = earlier;
  record.run = asTold(run, status) ?? run;
  record.unread = !isForgotten && run.state === 'exited' && asTold(run, status) === undefined;
  adoptResources(record, run, status);
  record.ended.push(...earlier.toReversed());
  record.restarts = run.attempt;
  record.backoffMs = waitAfterRestarts(run.attempt);
  record.backoffAt = run.startedAt;
  // What its probes said before this process began holds until they say otherwise.
  record.started = record.spec.startupProbe === undefined || status?.started === true;
  record.ready = record.spec.readinessProbe === undefined || (status?.ready === true && isThat(run, status));
  const previous =
    before === undefined
      ? status?.lastState?.terminated
      : terminatedState(asTold(before, status) ?? before, { runtime });
  if (previous !== undefined && run.attempt > 0) record.previous = previous;
}

function isThat({ id }: ContainerRun, { containerID = '' }: DeepReadonly<ApiStatus>): boolean {
  return containerID.endsWith(`://${id}`);
}

/** A run with what its pod's status tells of its end, of which the runtime knows less; undefined where it tells nothing. */
function asTold(run: ContainerRun, status: DeepReadonly<ApiStatus> | undefined): ContainerRun | undefined {
  const told = [status?.state?.terminated, status?.lastState?.terminated].find(
    (each) => each?.containerID?.endsWith(`://${run.id}`) === true,
  );
  if (told === undefined) return undefined;
  return { ...run, reason: told.reason ?? run.reason, message: told.message ?? run.message };
}

/**
 * What was granted and what the container has were told in its status. Where nothing was told, an older agent started it as
 * the pod asked then.
 */
function adoptResources(
  record: ContainerRecord,
  run: ContainerRun,
  status: DeepReadonly<ApiStatus> | undefined,
): void {
  record.actuated = status?.resources ?? record.spec.resources;
  if (run.state !== 'running' || status?.resources === undefined) return;
  const { allocatedResources: requests = status.resources.requests } = status;
  const resources = { ...status.resources, ...(requests === undefined ? {} : { requests }) };
  record.spec = { ...record.spec, resources };
}

/** A run that nobody knows the end of, ended at that wall time. */
export function lostRun(run: ContainerRun, now: number): ContainerRun {
  const { exitCode, reason, message } = LOST;
  return { ...run, state: 'exited', finishedAt: now, exitCode, reason, message };
}

/** The run that the API tells of, ended: by its own account, or lost. */
function rememberedRun(status: DeepReadonly<ApiStatus> | undefined): ContainerRun | undefined {
  const { running, terminated } = status?.state ?? {};
  if (status === undefined || (running === undefined && terminated === undefined)) return undefined;
  const ended: DeepReadonly<ContainerStateTerminated> = terminated ?? {
    ...LOST,
    ...(running?.startedAt === undefined ? {} : { startedAt: running.startedAt }),
  };
  return {
    id: status.containerID?.replace(/^[^:]*:\/\//, '') ?? '',
    sandboxId: '',
    attempt: status.restartCount,
    state: 'exited',
    startedAt: milliseconds(ended.startedAt),
    finishedAt: milliseconds(ended.finishedAt),
    exitCode: ended.exitCode,
    reason: ended.reason ?? '',
    message: ended.message ?? '',
    imageId: status.imageID,
    image: status.image,
  };
}

function milliseconds(time: string | undefined): number {
  return time === undefined ? 0 : Date.parse(time);
}
