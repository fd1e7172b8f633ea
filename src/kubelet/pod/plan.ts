/** What to do next for a pod that should run: a pure decision over its spec and what is known of it. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { PodSpec } from '../../apis/core/types.ts';
import { isDue, restartTime } from './backoff.ts';
import { type ContainerRecord, isLive, type PodView } from './pod-view.ts';
import { initRestartsAfter, restartsAfter, restartsAllAfter } from './restart-policy.ts';

/** The answer of {@link planPod}. */
export type PodPlan =
  /** Nothing of it will run any more: end what still runs (sidecars) and the pod. */
  | { readonly kind: 'finish' }
  /** It needs a place to run first. */
  | { readonly kind: 'make-sandbox' }
  /** A container ended so that all of them are to begin again, init containers too. */
  | { readonly kind: 'restart-all' }
  | {
      readonly kind: 'run';
      /** To be started now, in order. */
      readonly start: readonly ContainerRecord[];
      /** Ended and waiting for their time. */
      readonly delayed: readonly ContainerRecord[];
      /** Running, but failed a probe. */
      readonly stop: readonly ContainerRecord[];
      /** Wall time at which to plan again, when something is delayed. */
      readonly wakeAt?: number;
    };

/** Plans for a pod at the wall time `now`. */
export function planPod(spec: DeepReadonly<PodSpec>, view: PodView, now: number): PodPlan {
  if (view.sandbox?.ready !== true) return planSandbox(spec, view);
  const planner = new Planner(spec, view, now);
  return planner.plan();
}

/**
 * A pod whose sandbox is gone gets a new one, in which it begins again; unless it ran already and may not run twice, or
 * has nothing left to run.
 */
function planSandbox(spec: DeepReadonly<PodSpec>, view: PodView): PodPlan {
  const ran = view.containers.some(({ run }) => run !== undefined);
  if (!ran) return { kind: 'make-sandbox' };
  const again = view.containers.some(
    ({ role, run, spec: container }) =>
      role === 'main' && (run === undefined || restartsAfter(container, spec, run.exitCode)),
  );
  const once = (spec.restartPolicy ?? 'Always') === 'Never';
  return again && !once ? { kind: 'make-sandbox' } : { kind: 'finish' };
}

class Planner {
  readonly #spec: DeepReadonly<PodSpec>;
  readonly #view: PodView;
  readonly #now: number;
  readonly #start: ContainerRecord[] = [];
  readonly #delayed: ContainerRecord[] = [];
  readonly #stop: ContainerRecord[] = [];
  #wakeAt: number | undefined;

  constructor(spec: DeepReadonly<PodSpec>, view: PodView, now: number) {
    this.#spec = spec;
    this.#view = view;
    this.#now = now;
  }

  plan(): PodPlan {
    if (this.#view.containers.some((record) => this.#restartsAll(record))) return { kind: 'restart-all' };
    const mains = this.#view.containers.filter(({ role }) => role === 'main');
    const initialized = mains.some((record) => this.#inThisSandbox(record));
    const over = mains.every((record) => this.#isOver(record));
    if (over) return { kind: 'finish' };
    const prepared = this.#planPreparation(initialized);
    if (prepared === 'failed') return { kind: 'finish' };
    for (const record of this.#view.containers) {
      if (record.role === 'ephemeral' && record.run === undefined) this.#want(record);
    }
    if (prepared === 'done') for (const record of mains) this.#planMain(record);
    return {
      kind: 'run',
      start: this.#start,
      delayed: this.#delayed,
      stop: this.#stop,
      ...(this.#wakeAt === undefined ? {} : { wakeAt: this.#wakeAt }),
    };
  }

  /** Goes through the init containers in order; what comes after one that is not done waits for it. */
  #planPreparation(initialized: boolean): 'done' | 'going-on' | 'failed' {
    for (const record of this.#view.containers) {
      if (record.role === 'sidecar') {
        this.#planSidecar(record);
        if (!initialized && !(record.run?.state === 'running' && record.started)) return 'going-on';
      } else if (record.role === 'init' && !initialized) {
        const run = this.#inThisSandbox(record) ? record.run : undefined;
        if (run?.state === 'exited' && run.exitCode === 0) continue;
        if (run?.state === 'exited' && !initRestartsAfter(record.spec, this.#spec, run.exitCode))
          return 'failed';
        if (run === undefined || run.state === 'exited') this.#want(record);
        else if (record.kill !== undefined) this.#stop.push(record);
        return 'going-on';
      }
    }
    return 'done';
  }

  #planSidecar(record: ContainerRecord): void {
    if (!isLive(record.run) || !this.#inThisSandbox(record)) this.#want(record);
    else if (record.kill !== undefined) this.#stop.push(record);
  }

  #planMain(record: ContainerRecord): void {
    if (this.#isOver(record)) return;
    if (!isLive(record.run)) this.#want(record);
    else if (record.kill !== undefined) this.#stop.push(record);
  }

  #restartsAll({ role, run, spec, renewing }: ContainerRecord): boolean {
    if (renewing === true) return false;
    return role !== 'ephemeral' && run?.state === 'exited' && restartsAllAfter(spec, run.exitCode);
  }

  #isOver({ run, spec, renewing }: ContainerRecord): boolean {
    return renewing !== true && run?.state === 'exited' && !restartsAfter(spec, this.#spec, run.exitCode);
  }

  #inThisSandbox({ run }: ContainerRecord): boolean {
    return run !== undefined && run.sandboxId === this.#view.sandbox?.id;
  }

  #want(record: ContainerRecord): void {
    const at = Math.max(record.notBefore, restartTime(record));
    if (isDue(at, this.#now)) {
      this.#start.push(record);
      return;
    }
    this.#delayed.push(record);
    this.#wakeAt = Math.min(this.#wakeAt ?? at, at);
  }
}
