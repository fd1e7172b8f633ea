/**
 * Probes of one running container. The startup probe comes first and alone; once it has succeeded, or where there is
 * none, the liveness and readiness probes begin. Source: Container Probes (kubernetes.io/docs/concepts/workloads/pods).
 */
import type { Clock, Timer } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Probe } from '../../apis/core/types.ts';
import type { CheckResult, Handler } from './check.ts';

/** What a probe is for. */
export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** What the probes of a container do. */
export interface ProbedContainer {
  readonly clock: Clock;
  readonly probes: Readonly<Partial<Record<ProbeKind, DeepReadonly<Probe>>>>;
  /** Wall milliseconds. */
  readonly startedAt: number;
  /** Whether it passed its startup probe already, before this process began. */
  readonly started: boolean;
  ask(handler: Handler, timeoutSeconds: number): Promise<CheckResult>;
  /** A single answer was bad, or the question could not be asked at all. */
  failed(kind: ProbeKind, output: string, errored: boolean): void;
  /** A single answer was good, but something is to be told. */
  warned(kind: ProbeKind, warning: string): void;
  /** So many answers in a row were alike that the probe's result is this one now. */
  concluded(kind: ProbeKind, ok: boolean): void;
}

/** See the file's head. */
export class ContainerProbes {
  readonly #container: ProbedContainer;
  readonly #timers = new Map<ProbeKind, Timer>();
  readonly #rows = new Map<ProbeKind, { ok: boolean; length: number }>();
  #stopped = false;

  constructor(container: ProbedContainer) {
    this.#container = container;
    if (container.probes.startup !== undefined && !container.started) this.#begin('startup');
    else this.#beginOthers();
  }

  /** No further probes, and no word about one that is under way. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** The container is to end: it need not live or start any more, but who relies on it wants to know whether it serves. */
  keepReadinessOnly(): void {
    for (const kind of ['startup', 'liveness'] as const) {
      this.#timers.get(kind)?.cancel();
      this.#timers.delete(kind);
    }
  }

  #beginOthers(): void {
    this.#begin('liveness');
    this.#begin('readiness');
  }

  #begin(kind: ProbeKind): void {
    const probe = this.#container.probes[kind];
    if (probe === undefined) return;
    const { clock, startedAt } = this.#container;
    const whole = (probe.initialDelaySeconds ?? 0) * 1000;
    // A clock that was set back since the start makes nobody wait longer.
    const since = Math.max(0, clock.now() - startedAt);
    this.#schedule(kind, probe, Math.max(0, whole - since));
  }

  #schedule(kind: ProbeKind, probe: DeepReadonly<Probe>, delay: number): void {
    if (this.#stopped) return;
    const ask = (): void => void this.#ask(kind, probe);
    this.#timers.set(kind, this.#container.clock.after(delay, ask, { background: true }));
  }

  async #ask(kind: ProbeKind, probe: DeepReadonly<Probe>): Promise<void> {
    const answer = await this.#container.ask(probe, probe.timeoutSeconds ?? 1);
    if (this.#stopped || !this.#timers.has(kind)) return;
    const { ok, output, warning, errored = false } = answer;
    if (!ok) this.#container.failed(kind, output, errored);
    if (warning !== undefined) this.#container.warned(kind, warning);
    // A question that could not be asked says nothing of the container.
    if (!errored && this.#counts(kind, probe, ok)) return;
    this.#schedule(kind, probe, (probe.periodSeconds ?? 10) * 1000);
  }

  /** Takes an answer into account; whether that was the last one for which this probe asks. */
  #counts(kind: ProbeKind, probe: DeepReadonly<Probe>, ok: boolean): boolean {
    const before = this.#rows.get(kind);
    const row = before?.ok === ok ? { ok, length: before.length + 1 } : { ok, length: 1 };
    this.#rows.set(kind, row);
    const threshold = ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (row.length < threshold) return false;
    this.#container.concluded(kind, ok);
    if (kind === 'startup' && ok) this.#beginOthers();
    // A container that is to be started again, or has started, is not asked the same again.
    return kind === 'startup' || (kind === 'liveness' && !ok);
  }
}
