/** What this node knows of one pod: its sandbox, and of each container the run that counts. Changed by the pod's worker alone. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type {
  Container,
  ContainerStateTerminated,
  Pod,
  ResourceRequirements,
} from '../../apis/core/types.ts';
import type { ContainerState, ProcessUser } from '../runtimes/container.ts';

/** Why a container is in the pod: to prepare it, beside the others, for its own sake, or to look into it. */
export type ContainerRole = 'init' | 'sidecar' | 'main' | 'ephemeral';

/** One run of a container, as the runtime tells of it. Times are wall milliseconds, 0 for not yet. */
export interface ContainerRun {
  readonly id: string;
  readonly sandboxId: string;
  /** Counts the runs, from 0. */
  readonly attempt: number;
  readonly state: ContainerState;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly imageId: string;
  /** The image as the pod asked for it then; absent where nobody noted it. */
  readonly image?: string;
  /** Who its first process is, where the runtime tells. */
  readonly user?: ProcessUser;
}

/** Why a container does not run yet. */
export interface Waiting {
  readonly reason: string;
  readonly message?: string;
}

/** A container of the pod and what became of it. */
export interface ContainerRecord {
  /** As the pod asks for it by now, with the resources that this node has granted. */
  spec: DeepReadonly<Container>;
  /** The resources that the newest run has by now. */
  actuated?: DeepReadonly<ResourceRequirements> | undefined;
  /** The resources of its pod as a whole, whose limits the newest run has where it has none of its own. */
  actuatedWhole?: DeepReadonly<ResourceRequirements> | undefined;
  readonly role: ContainerRole;
  /** The newest run. */
  run?: ContainerRun;
  /** The newest run ended while no node agent was there to read its last words. */
  unread?: boolean;
  /** Runs before the newest, oldest first, as far as the runtime still has them. */
  readonly ended: ContainerRun[];
  /** Wall time at which this node learnt that the newest run ended: a runtime's own clock may be another one. */
  endedAt?: number;
  /** How the run before ended. */
  previous?: DeepReadonly<ContainerStateTerminated>;
  restarts: number;
  waiting?: Waiting;
  /** Not to be started before this wall time, because it failed or its image could not be had. */
  notBefore: number;
  /** Milliseconds that a container has to wait after its next end; 0 while it never was started again. */
  backoffMs: number;
  /** Wall time at which `backoffMs` was set. */
  backoffAt: number;
  /** What its startup probe says; true without one. Meaningful while it runs. */
  started: boolean;
  /** What its readiness probe says; true without one. Meaningful while it runs. */
  ready: boolean;
  /** Set by a failed probe: the running container is to be ended, and why; it may get less time than the pod allows. */
  kill?: { readonly why: string; readonly graceSeconds?: number };
  /** It is ended only to begin again: with other resources or another image, or because it failed a probe. How it ends does not matter then. */
  renewing?: boolean;
}

/** The sandbox that a pod's containers run in. */
export interface SandboxRecord {
  readonly id: string;
  readonly attempt: number;
  readonly ready: boolean;
  readonly ips: readonly string[];
}

/** See the file's head. */
export interface PodView {
  /** Resources of the pod as a whole that this node has granted. */
  resources?: DeepReadonly<ResourceRequirements>;
  /** Those that it has by now. */
  actuated?: DeepReadonly<ResourceRequirements>;
  sandbox?: SandboxRecord;
  /** Sandboxes made so far. */
  attempts: number;
  /** In the order of the pod's spec: init containers, then containers, then ephemeral ones. */
  readonly containers: ContainerRecord[];
  /** While its containers are being ended so that all begin again (KEP-5532). */
  restartingAll?: boolean;
}

/** The role of an init container: one that is always restarted stays beside the pod's own containers (KEP-753). */
function roleOfInit(container: DeepReadonly<Container>): ContainerRole {
  return container.restartPolicy === 'Always' ? 'sidecar' : 'init';
}

/** A view of a pod of which nothing runs yet. */
export function newPodView(pod: DeepReadonly<Pod>): PodView {
  const { initContainers = [], containers, ephemeralContainers = [], resources } = pod.spec;
  return {
    ...(resources === undefined ? {} : { resources, actuated: resources }),
    attempts: 0,
    containers: [
      ...initContainers.map((spec) => newRecord(spec, roleOfInit(spec))),
      ...containers.map((spec) => newRecord(spec, 'main')),
      ...ephemeralContainers.map((spec) => newRecord(spec, 'ephemeral')),
    ],
  };
}

/** A container that never ran. */
export function newRecord(spec: DeepReadonly<Container>, role: ContainerRole): ContainerRecord {
  return {
    spec,
    role,
    ended: [],
    restarts: 0,
    notBefore: 0,
    backoffMs: 0,
    backoffAt: 0,
    started: spec.startupProbe === undefined,
    ready: spec.readinessProbe === undefined,
  };
}

/** The record of that container. */
export function recordOf(view: PodView, name: string): ContainerRecord | undefined {
  return view.containers.find((record) => record.spec.name === name);
}

/** Whether a run may still change: it has neither ended nor been lost. */
export function isLive(run: ContainerRun | undefined): boolean {
  return run !== undefined && run.state !== 'exited';
}

/** The container's place in its pod, as events name it. */
export function fieldPathOf({ role, spec }: ContainerRecord): string {
  const list =
    role === 'main' ? 'containers' : role === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';
  return `spec.${list}{${spec.name}}`;
}
