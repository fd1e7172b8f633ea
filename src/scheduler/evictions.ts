import { type Clock, rfc3339 } from '../apimachinery/clock.ts';
import { isNotFound } from '../apimachinery/status-error.ts';
import { type Client, type EventReporter, type Logger, PODS } from '../client/index.ts';
import type { PodFacts } from './pod-facts.ts';

/** What evicting depends on, and whom it tells. */
export interface EvictionsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventReporter;
  /** Name of the scheduler, for the pods' conditions. */
  readonly scheduler: string;
  /** A victim of this pod stays, for now. */
  readonly failed: (pod: PodFacts) => void;
}

/** Lets pods go that are in the way of others of higher priority. Source: the scheduler's preemption. */
export class Evictions {
  readonly #options: EvictionsOptions;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: EvictionsOptions) {
    this.#options = options;
  }

  /** How many the API server has not answered yet. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Begins to evict a victim for the sake of that pod. Never throws. */
  begin(victim: PodFacts, pod: PodFacts, node: string): void {
    const evicting = this.#evict(victim, pod, node).finally(() => this.#underWay.delete(evicting));
    this.#underWay.add(evicting);
  }

  /** Resolves when nothing is under way. */
  async stop(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #evict(victim: PodFacts, pod: PodFacts, node: string): Promise<void> {
    const { client, clock, log, events, scheduler, failed } = this.#options;
    const { name, generation } = victim.pod.metadata;
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${scheduler}: preempting to accommodate a higher priority pod`,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastProbeTime: null,
      lastTransitionTime: rfc3339(clock.now()),
    };
    const patch = { metadata: { uid: victim.uid }, status: { conditions: [condition] } };
    const type = 'application/strategic-merge-patch+json';
    try {
      await client.patch(PODS, victim.namespace, name, type, patch, 'status');
      await client.delete(PODS, victim.namespace, name, { preconditions: { uid: victim.uid } });
      events.report({
        regarding: victim.pod,
        related: pod.pod,
        type: 'Normal',
        reason: 'Preempted',
        action: 'Preempting',
        note: `Preempted by pod ${pod.uid} on node ${node}`,
      });
    } catch (error) {
      if (isNotFound(error)) return;
      log.warn({ pod: victim.key, error }, `pod ${victim.key} could not be preempted`);
      failed(pod);
    }
  }
}
