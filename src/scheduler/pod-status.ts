/** Tells a pod's owner, in its status, that it waits and why: a bounded number of writes at a time, none twice. */

import { type Clock, rfc3339 } from '../apimachinery/clock.ts';
import { findCondition } from '../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Pod, PodCondition } from '../apis/core/types.ts';
import { type Client, type Lister, type Logger, PODS } from '../client/index.ts';
import type { PodFacts } from './pod-facts.ts';

/** Status writes at the same time: binding comes first. */
const WRITES_IN_FLIGHT_MAX = 32;

/** What is told of a waiting pod. */
export interface WaitingStatus {
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly message: string;
  /** The node on which room is being made; empty takes an earlier nomination back, absent leaves it. */
  readonly nominatedNode?: string;
}

/** See the file's head. */
export class PodStatusWriter {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #pods: Lister<Pod>;
  /** By uid; a later status of a pod that still waits replaces the one before. Bounded by the number of pods that wait. */
  readonly #queue = new Map<string, { readonly facts: PodFacts; readonly status: WaitingStatus }>();
  readonly #writes = new Set<Promise<void>>();

  constructor(client: Client, clock: Clock, log: Logger, pods: Lister<Pod>) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
    this.#pods = pods;
  }

  /** Writes the status soon, unless the pod says it already or needs it no more by then. */
  tell(facts: PodFacts, status: WaitingStatus): void {
    this.#queue.set(facts.uid, { facts, status });
    this.#pump();
  }

  /** Forgets what is not written yet and lets writes in hand end. */
  async stop(): Promise<void> {
    this.#queue.clear();
    await Promise.all(this.#writes);
  }

  #pump(): void {
    while (this.#writes.size < WRITES_IN_FLIGHT_MAX) {
      const next = this.#queue.entries().next();
      if (next.done) return;
      const [uid, { facts, status }] = next.value;
      this.#queue.delete(uid);
      const writing = this.#write(facts, status).finally(() => {
        this.#writes.delete(writing);
        this.#pump();
      });
      this.#writes.add(writing);
    }
  }

  async #write(facts: PodFacts, { reason, message, nominatedNode }: WaitingStatus): Promise<void> {
    const { namespace, name } = facts.pod.metadata;
    const pod = this.#pods.get(namespace ?? '', name);
    if (pod === undefined || pod.metadata.uid !== facts.uid || pod.spec.nodeName) return;
    const wanted = {
      type: 'PodScheduled',
      status: 'False',
      reason,
      message,
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    };
    const known = findCondition(pod.status.conditions, 'PodScheduled');
    const nominated = nominatedNode === undefined || nominatedNode === (pod.status.nominatedNodeName ?? '');
    if (nominated && known !== undefined && says(known, wanted)) return;
    const lastTransitionTime =
      known?.status === 'False' ? known.lastTransitionTime : rfc3339(this.#clock.now());
    const status = {
      conditions: [{ ...wanted, lastProbeTime: null, lastTransitionTime }],
      ...(nominatedNode === undefined
        ? {}
        : { nominatedNodeName: nominatedNode === '' ? null : nominatedNode }),
    };
    try {
      const patch = { metadata: { uid: facts.uid }, status };
      await this.#client.patch(
        PODS,
        facts.namespace,
        name,
        'application/strategic-merge-patch+json',
        patch,
        'status',
      );
    } catch (error) {
      // The pod may have gone meanwhile; if not, the next try at scheduling it tells again.
      this.#log.debug({ pod: facts.key, error }, `the status of pod ${facts.key} was not written`);
    }
  }
}

function says(condition: DeepReadonly<PodCondition>, wanted: Partial<PodCondition>): boolean {
  return (['status', 'reason', 'message', 'observedGeneration'] as const).every(
    (field) => condition[field] === wanted[field],
  );
}
