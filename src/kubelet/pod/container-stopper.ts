/** Ends a pod's containers in order: all but the sidecars together, then the sidecars, the last started first (KEP-753). */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import { lostRun, runOf } from './container-runs.ts';
import { GRACE_SECONDS_MIN } from './grace.ts';
import { runHook } from './lifecycle-hooks.ts';
import type { NodeServices } from './node-services.ts';
import { type ContainerRecord, fieldPathOf, isLive, type PodView } from './pod-view.ts';
import { restartsAllAfter } from './restart-policy.ts';

/** What the status of a container says that was removed so that all begin again, as upstream words it. */
const RESTARTING_ALL = 'RestartingAllContainers';
const RESTARTING_ALL_TEXT = 'The container is removed because RestartAllContainers in place';
/** 128 + SIGKILL. */
const KILLED_EXIT_CODE = 137;

/** See the file's head. */
export class ContainerStopper {
  readonly #services: NodeServices;
  readonly #view: PodView;
  readonly #ipOf: (pod: DeepReadonly<Pod>) => string;
  /** Monotonic milliseconds at which the time of the pod is over. */
  #deadline = Number.POSITIVE_INFINITY;
  /** Those whose preStop hook runs, or that have been asked to end. */
  readonly #underWay = new Set<ContainerRecord>();

  /** @param ipOf the pod's address. */
  constructor(services: NodeServices, view: PodView, ipOf: (pod: DeepReadonly<Pod>) => string) {
    this.#services = services;
    this.#view = view;
    this.#ipOf = ipOf;
  }

  /** Stops everything that runs. Resolves when nothing does; `note` is told of each container that has ended. */
  async stopAll(
    pod: DeepReadonly<Pod>,
    graceSeconds: number,
    note: (record: ContainerRecord) => Promise<void>,
  ): Promise<void> {
    this.shorten(graceSeconds);
    const live = this.#view.containers.filter(({ run }) => isLive(run));
    const sidecars = live.filter(({ role }) => role === 'sidecar').reverse();
    const others = live.filter(({ role }) => role !== 'sidecar');
    const stop = (record: ContainerRecord, turn?: Promise<unknown>): Promise<void> =>
      this.#stop(pod, record, `Stopping container ${record.spec.name}`, note, { turn });
    const stops = others.map((record) => stop(record));
    // A sidecar's preStop hook runs at once; the signal comes when those have ended whom it serves.
    for (const record of sidecars) stops.push(stop(record, Promise.allSettled(stops)));
    await Promise.all(stops);
  }

  /** Stops one container, which may run again. */
  async stopOne(
    pod: DeepReadonly<Pod>,
    record: ContainerRecord,
    graceSeconds: number,
    message: string,
    note: (record: ContainerRecord) => Promise<void>,
  ): Promise<void> {
    await this.#stop(pod, record, message, note, { graceSeconds });
  }

  /**
   * Ends all containers at once, and removes them as if they had never run: those that asked for it last, so that a node
   * agent that begins anew in between still sees why.
   */
  async resetAll(pod: DeepReadonly<Pod>, note: (record: ContainerRecord) => Promise<void>): Promise<void> {
    const { runtime } = this.#services;
    const causes = (record: ContainerRecord): boolean =>
      record.run?.state === 'exited' && restartsAllAfter(record.spec, record.run.exitCode);
    const all = this.#view.containers.filter(({ role, run }) => role !== 'ephemeral' && run !== undefined);
    const ordered = [...all.filter((each) => !causes(each)).reverse(), ...all.filter(causes).reverse()];
    for (const record of ordered) {
      await this.#stop(pod, record, 'killing', note, { graceSeconds: 0 });
      await runtime.removeContainer(record.run?.id ?? '');
      record.restarts = (record.run?.attempt ?? 0) + 1;
      for (const { id } of record.ended.splice(0)) await runtime.removeContainer(id);
      delete record.run;
      delete record.kill;
      record.notBefore = 0;
      record.waiting = { reason: RESTARTING_ALL, message: RESTARTING_ALL_TEXT };
      record.previous = { reason: RESTARTING_ALL, message: RESTARTING_ALL_TEXT, exitCode: KILLED_EXIT_CODE };
    }
  }

  /** Leaves at most so many seconds from now, also to containers that are being stopped. */
  shorten(graceSeconds: number): void {
    const { clock, runtime } = this.#services;
    const deadline = clock.monotonic() + graceSeconds * 1000;
    if (deadline >= this.#deadline) return;
    this.#deadline = deadline;
    for (const { run } of this.#underWay) {
      // Whether it worked shows in the stop that is under way already.
      if (run !== undefined && isLive(run))
        runtime.stopContainer(run.id, this.#secondsLeft()).catch(() => {});
    }
  }

  async #stop(
    pod: DeepReadonly<Pod>,
    record: ContainerRecord,
    message: string,
    note: (record: ContainerRecord) => Promise<void>,
    { graceSeconds, turn }: { readonly graceSeconds?: number; readonly turn?: Promise<unknown> | undefined },
  ): Promise<void> {
    const { runtime, events, clock } = this.#services;
    const { run } = record;
    if (run === undefined || !isLive(run)) return;
    if (runtime.traits.files) {
      events.event(pod, 'Normal', 'Killing', message, fieldPathOf(record));
    }
    const end = graceSeconds === undefined ? undefined : clock.monotonic() + graceSeconds * 1000;
    this.#underWay.add(record);
    try {
      await this.#runPreStop(pod, record, this.#granted(end));
      this.#underWay.delete(record);
      await turn;
      this.#underWay.add(record);
      await runtime.stopContainer(run.id, this.#secondsLeft(end));
      const stopped = runOf(await runtime.containerStatus(run.id));
      // A containerd that could not write the end down for want of disk still shows it running.
      record.run = isLive(stopped) ? lostRun(stopped, clock.now()) : stopped;
    } finally {
      this.#underWay.delete(record);
    }
    await note(record);
  }

  /** The hook's time counts as the container's own; who is granted none has no time for a hook. */
  async #runPreStop(pod: DeepReadonly<Pod>, record: ContainerRecord, limitSeconds: number): Promise<void> {
    const { runtime, events } = this.#services;
    const hook = record.spec.lifecycle?.preStop;
    if (limitSeconds === 0) return;
    if (hook === undefined || record.run?.state !== 'running' || !runtime.traits.files) return;
    const wrong = await runHook(pod, hook, record, this.#services, this.#ipOf(pod), limitSeconds);
    if (wrong !== undefined) {
      events.event(pod, 'Warning', 'FailedPreStopHook', 'PreStopHook failed', fieldPathOf(record));
    }
  }

  /** Whole seconds that are left of the time that was granted. @param end where a container has less time than the pod. Monotonic milliseconds. */
  #granted(end = Number.POSITIVE_INFINITY): number {
    const left = (Math.min(end, this.#deadline) - this.#services.clock.monotonic()) / 1000;
    return Math.max(0, Math.ceil(left));
  }

  /** As {@link #granted}, with what nobody is denied. */
  #secondsLeft(end?: number): number {
    return Math.max(GRACE_SECONDS_MIN, this.#granted(end));
  }
}
