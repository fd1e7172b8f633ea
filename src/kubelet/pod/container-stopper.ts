/** Ends a pod's containers in order: all but the sidecars together, then the sidecars, the last started first (KEP-753). */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import { runOf } from './container-runs.ts';
import { fieldPathOf } from './container-starter.ts';
import type { NodeServices } from './node-services.ts';
import { type ContainerRecord, isLive, type PodView } from './pod-view.ts';

/** Least time in seconds that a container gets to end by itself, also when none was granted. */
const GRACE_SECONDS_MIN = 1;

/** See the file's head. */
export class ContainerStopper {
  readonly #services: NodeServices;
  readonly #view: PodView;
  /** Monotonic milliseconds at which the time of the pod is over. */
  #deadline = Number.POSITIVE_INFINITY;

  constructor(services: NodeServices, view: PodView) {
    this.#services = services;
    this.#view = view;
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
    await Promise.all(others.map((record) => this.#stop(pod, record, 'Stopping container', note)));
    for (const record of sidecars) await this.#stop(pod, record, 'Stopping container', note);
  }

  /** Stops one container, which may run again. */
  async stopOne(
    pod: DeepReadonly<Pod>,
    record: ContainerRecord,
    graceSeconds: number,
    why: string,
    note: (record: ContainerRecord) => Promise<void>,
  ): Promise<void> {
    await this.#stop(pod, record, why, note, graceSeconds);
  }

  /** Leaves at most so many seconds from now, also to containers that are being stopped. */
  shorten(graceSeconds: number): void {
    const { clock, runtime } = this.#services;
    const deadline = clock.monotonic() + Math.max(graceSeconds, GRACE_SECONDS_MIN) * 1000;
    if (deadline >= this.#deadline) return;
    const waiting = this.#deadline !== Number.POSITIVE_INFINITY;
    this.#deadline = deadline;
    if (!waiting) return;
    for (const { run } of this.#view.containers) {
      // Whether it worked shows in the stop that is under way already.
      if (run !== undefined && isLive(run))
        runtime.stopContainer(run.id, this.#secondsLeft()).catch(() => {});
    }
  }

  async #stop(
    pod: DeepReadonly<Pod>,
    record: ContainerRecord,
    why: string,
    note: (record: ContainerRecord) => Promise<void>,
    graceSeconds = this.#secondsLeft(),
  ): Promise<void> {
    const { runtime, events } = this.#services;
    const { run } = record;
    if (run === undefined || !isLive(run)) return;
    if (runtime.traits.files) {
      events.event(pod, 'Normal', 'Killing', `${why} ${record.spec.name}`, fieldPathOf(record));
    }
    await runtime.stopContainer(run.id, graceSeconds);
    record.run = runOf(await runtime.containerStatus(run.id));
    await note(record);
  }

  #secondsLeft(): number {
    const left = (this.#deadline - this.#services.clock.monotonic()) / 1000;
    return Math.max(GRACE_SECONDS_MIN, Math.ceil(left));
  }
}
