/** A container's status in the words of the API, from what is known of it. */
import { rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type {
  Container,
  ContainerState,
  ContainerStateTerminated,
  ContainerStatus,
  LinuxContainerUser,
  ResourceRequirements,
  VolumeMountStatus,
} from '../../apis/core/types.ts';
import { actuatedResources } from '../pod/granted-spec.ts';
import type { ContainerRecord, ContainerRun } from '../pod/pod-view.ts';
import type { ProcessUser } from '../runtimes/container.ts';

/** Exit code of a container of which nobody knows how it ended, as upstream reports it. */
const UNKNOWN_EXIT_CODE = 137;

/** What holds for all containers of the pod. */
export interface ContainerCircumstances {
  /** Prefix of container ids: `containerd`. */
  readonly runtime: string;
  /** The pod has init containers, for whose end its containers wait. */
  readonly hasInitContainers: boolean;
  /** No container of the pod will run any more. */
  readonly over: boolean;
  /** Some container of the pod's own has run. */
  readonly initialized: boolean;
  /** Whether containers see volumes, and whether a read-only one can be so for all that is mounted below it. */
  readonly volumes: 'none' | 'plain' | 'recursive';
}

/** The status of one container. */
export function containerStatus(record: ContainerRecord, around: ContainerCircumstances): ContainerStatus {
  const { spec, run, role } = record;
  const running = run?.state === 'running';
  const { state, last } = stateOf(record, around);
  const done = role === 'init' && run?.state === 'exited' && run.exitCode === 0;
  const status: ContainerStatus = {
    name: spec.name,
    state,
    ready: done || (role !== 'init' && role !== 'ephemeral' && running && record.started && record.ready),
    restartCount: record.restarts,
    image: run?.image ?? spec.image ?? '',
    imageID: run?.imageId ?? '',
    started: running && record.started,
  };
  if (run !== undefined) {
    status.containerID = idOf(run, around);
    status.resources = (actuatedResources(record) ?? {}) as ResourceRequirements;
    const { requests } = spec.resources ?? {};
    if (requests !== undefined) status.allocatedResources = requests as Record<string, string>;
    if (run.user !== undefined) status.user = { linux: linuxUser(run.user) };
  }
  const mounts = around.volumes === 'none' ? [] : mountStatuses(spec, around.volumes === 'recursive');
  if (mounts.length > 0) status.volumeMounts = mounts;
  if (last !== undefined) status.lastState = { terminated: last };
  return status;
}

function linuxUser({ uid, gid, supplementalGroups }: ProcessUser): LinuxContainerUser {
  return {
    uid,
    gid,
    ...(supplementalGroups.length === 0 ? {} : { supplementalGroups: [...supplementalGroups] }),
  };
}

/** The mounts as the pod asks for them: that of a read-only one tells whether it is so to the ground. */
function mountStatuses(spec: DeepReadonly<Container>, mayBeRecursive: boolean): VolumeMountStatus[] {
  return (spec.volumeMounts ?? []).map(({ name, mountPath, readOnly, recursiveReadOnly = 'Disabled' }) => {
    if (readOnly !== true) return { name, mountPath };
    const recursive = mayBeRecursive && recursiveReadOnly !== 'Disabled';
    return { name, mountPath, readOnly, recursiveReadOnly: recursive ? 'Enabled' : 'Disabled' };
  });
}

function stateOf(
  record: ContainerRecord,
  around: ContainerCircumstances,
): { readonly state: ContainerState; readonly last?: ContainerStateTerminated } {
  const { run, waiting } = record;
  const last = record.previous === undefined ? {} : { last: record.previous as ContainerStateTerminated };
  if (run?.state === 'running') return { state: { running: { startedAt: rfc3339(run.startedAt) } }, ...last };
  if (run?.state === 'exited') {
    const terminated = terminatedState(run, around);
    if (waiting !== undefined && !around.over)
      return { state: { waiting: { ...waiting } }, last: terminated };
    return { state: { terminated }, ...last };
  }
  if (run?.state === 'unknown' || (around.over && around.initialized)) {
    const terminated = {
      exitCode: UNKNOWN_EXIT_CODE,
      reason: 'ContainerStatusUnknown',
      message: 'The container could not be located when the pod was terminated',
    };
    return { state: { terminated }, ...last };
  }
  const reason = around.hasInitContainers ? 'PodInitializing' : 'ContainerCreating';
  return { state: { waiting: waiting === undefined ? { reason } : { ...waiting } }, ...last };
}

/** How a run ended, as the API says it. */
export function terminatedState(
  run: ContainerRun,
  around: Pick<ContainerCircumstances, 'runtime'>,
): ContainerStateTerminated {
  const { exitCode, reason, message, startedAt, finishedAt } = run;
  // Of a lost run nobody knows the times; one that could not be started began in 1970, as the kubelet has it.
  const isLost = startedAt === 0 && finishedAt === 0;
  return {
    exitCode,
    ...(reason === '' ? {} : { reason }),
    ...(message === '' ? {} : { message }),
    ...(isLost ? {} : { startedAt: rfc3339(startedAt) }),
    ...(finishedAt === 0 ? {} : { finishedAt: rfc3339(finishedAt) }),
    containerID: idOf(run, around),
  };
}

function idOf(run: ContainerRun, { runtime }: Pick<ContainerCircumstances, 'runtime'>): string {
  return `${runtime}://${run.id}`;
}
