/** Keeps the probes of a pod's containers in step with its containers, and writes their results into the pod's view. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod, Probe } from '../../apis/core/types.ts';
import { ContainerProbes, check, type ProbeKind } from '../probes/index.ts';
import type { NodeServices } from './node-services.ts';
import { type ContainerRecord, type ContainerRun, fieldPathOf, type PodView } from './pod-view.ts';

const TITLES: Readonly<Record<ProbeKind, string>> = {
  startup: 'Startup',
  liveness: 'Liveness',
  readiness: 'Readiness',
};

/** See the file's head. */
export class PodProbes {
  readonly #services: NodeServices;
  readonly #view: PodView;
  readonly #changed: () => void;
  readonly #running = new Map<ContainerRecord, { readonly run: string; readonly probes: ContainerProbes }>();

  /** @param changed called when a result changed what the pod's status says, or what is to be done. */
  constructor(services: NodeServices, view: PodView, changed: () => void) {
    this.#services = services;
    this.#view = view;
    this.#changed = changed;
  }

  /** Begins and ends probes as the containers that run now ask for it. */
  follow(pod: DeepReadonly<Pod>, ip: string): void {
    if (!this.#services.runtime.traits.files) return;
    for (const record of this.#view.containers) {
      const { run } = record;
      const current = this.#running.get(record);
      const live = run?.state === 'running' ? run : undefined;
      if (current?.run === live?.id) continue;
      current?.probes.stop();
      this.#running.delete(record);
      const probes = probesOf(record);
      if (live === undefined || Object.keys(probes).length === 0) continue;
      this.#running.set(record, { run: live.id, probes: this.#begin(pod, record, live, probes, ip) });
    }
  }

  /** The pod is to end. */
  windDown(): void {
    for (const { probes } of this.#running.values()) probes.keepReadinessOnly();
  }

  stop(): void {
    for (const { probes } of this.#running.values()) probes.stop();
    this.#running.clear();
  }

  #begin(
    pod: DeepReadonly<Pod>,
    record: ContainerRecord,
    run: ContainerRun,
    probes: Partial<Record<ProbeKind, DeepReadonly<Probe>>>,
    ip: string,
  ): ContainerProbes {
    const { clock, runtime, events } = this.#services;
    const target = { runtime, clock, container: record.spec, containerId: run.id, ip };
    return new ContainerProbes({
      clock,
      probes,
      startedAt: run.startedAt,
      started: record.started,
      ask: (handler, timeoutSeconds) => check(handler, target, timeoutSeconds),
      failed: (kind, output, errored) => {
        const how = errored ? 'errored and resulted in unknown state' : 'failed';
        const message = `${TITLES[kind]} probe ${how}: ${output}`;
        events.event(pod, 'Warning', 'Unhealthy', message, fieldPathOf(record));
      },
      warned: (kind, warning) => {
        const message = `${TITLES[kind]} probe warning: ${warning}`;
        events.event(pod, 'Warning', 'ProbeWarning', message, fieldPathOf(record));
      },
      concluded: (kind, ok) => this.#conclude(record, kind, ok),
    });
  }

  #conclude(record: ContainerRecord, kind: ProbeKind, ok: boolean): void {
    if (kind === 'readiness') {
      if (record.ready === ok) return;
      record.ready = ok;
    } else if (!ok) {
      const seconds = probesOf(record)[kind]?.terminationGracePeriodSeconds;
      record.kill = {
        why: `${record.role === 'main' ? 'Container' : 'Init container'} ${record.spec.name} failed ${kind} probe`,
        ...(seconds === undefined ? {} : { graceSeconds: Number(seconds) }),
      };
    } else if (kind === 'startup') record.started = true;
    else return;
    this.#changed();
  }
}

function probesOf({ spec }: ContainerRecord): Partial<Record<ProbeKind, DeepReadonly<Probe>>> {
  const { startupProbe, livenessProbe, readinessProbe } = spec;
  return {
    ...(startupProbe === undefined ? {} : { startup: startupProbe }),
    ...(livenessProbe === undefined ? {} : { liveness: livenessProbe }),
    ...(readinessProbe === undefined ? {} : { readiness: readinessProbe }),
  };
}
