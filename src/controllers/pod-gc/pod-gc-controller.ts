import { type Clock, rfc3339 } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { Node, Pod } from '../../apis/core/types.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  type Lister,
  type Logger,
  NODES,
  newController,
  newWorkqueue,
  PODS,
  type Reconciler,
} from '../../client/index.ts';
import { sweep } from './sweep.ts';

/** Milliseconds from one look at all pods to the next (upstream's gcCheckPeriod). */
const SWEEP_MS = 20_000;
/** Milliseconds for which a node has to be gone before its pods go (upstream's quarantineTime). */
const QUARANTINE_MS = 40_000;
/** Finished pods that stay (upstream's default of --terminated-pod-gc-threshold). */
const TERMINATED_PODS_MAX = 12_500;
/** Pods deleted at the same time: a commit of the store takes as many. */
const DELETIONS_AT_ONCE = 64;

/** The one key: every sync looks at all pods. */
const SWEEP_KEY = 'pods';

/** What may be set. */
interface PodGarbageCollectorOptions {
  /** Finished pods that stay; 0: all. Default 12,500. */
  readonly terminatedPodThreshold?: number;
}

/** The pod garbage collector as a component. */
export function newPodGarbageCollector(
  context: ComponentContext,
  options: PodGarbageCollectorOptions = {},
): Component {
  const { client, clock, log, metrics } = context;
  const pods = context.informer(PODS);
  const nodes = context.informer(NODES);
  const queue = newWorkqueue({ name: 'pod_gc', clock, metrics });
  queue.add(SWEEP_KEY);
  return newController({
    name: 'pod-garbage-collector',
    reconciler: new Sweeper(
      { client, clock, log, pods: pods.lister, nodes: nodes.lister },
      options.terminatedPodThreshold ?? TERMINATED_PODS_MAX,
    ),
    queue,
    log,
    informers: [pods, nodes],
    workers: 1,
  });
}

interface SweeperParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pods: Lister<Pod>;
  readonly nodes: Lister<Node>;
}

class Sweeper implements Reconciler {
  readonly #parts: SweeperParts;
  readonly #threshold: number;
  /** Since when a node that has pods is not known, in monotonic milliseconds. */
  readonly #missingSince = new Map<string, number>();

  constructor(parts: SweeperParts, threshold: number) {
    this.#parts = parts;
    this.#threshold = threshold;
  }

  async sync(): Promise<number> {
    const { pods, nodes } = this.#parts;
    const found = sweep(pods.list(), nodes.list(), this.#threshold);
    await this.#remove(found.surplus, 'finished pods beyond the threshold');
    await this.#remove(found.outOfService, 'pods being deleted on nodes out of service');
    await this.#removeOrphans(found.orphans);
    await this.#remove(found.unscheduled, 'pods being deleted that have no node');
    return SWEEP_MS;
  }

  async #removeOrphans(orphans: ReadonlyMap<string, readonly DeepReadonly<Pod>[]>): Promise<void> {
    const now = this.#parts.clock.monotonic();
    for (const node of this.#missingSince.keys()) if (!orphans.has(node)) this.#missingSince.delete(node);
    for (const [node, pods] of orphans) {
      const since = this.#missingSince.get(node);
      if (since === undefined) this.#missingSince.set(node, now);
      else if (now - since >= QUARANTINE_MS && (await this.#isGone(node))) {
        await this.#remove(pods, `pods of node ${node}, which is gone`, {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'DeletionByPodGC',
          message: 'PodGC: node no longer exists',
        });
      }
    }
  }

  async #isGone(node: string): Promise<boolean> {
    try {
      await this.#parts.client.get(NODES, '', node);
      return false;
    } catch (error) {
      if (!isNotFound(error))
        this.#parts.log.warn({ node, error }, `cannot tell whether node ${node} exists`);
      return isNotFound(error);
    }
  }

  /** Removes pods, many at a time; what fails is tried again by the next sweep. */
  async #remove(
    pods: readonly DeepReadonly<Pod>[],
    what: string,
    condition?: PodConditionFacts,
  ): Promise<void> {
    if (pods.length === 0) return;
    this.#parts.log.info({ pods: pods.length }, `removing ${pods.length} ${what}`);
    for (let at = 0; at < pods.length; at += DELETIONS_AT_ONCE) {
      const group = pods.slice(at, at + DELETIONS_AT_ONCE);
      await Promise.all(group.map((pod) => this.#failAndDelete(pod, condition)));
    }
  }

  async #failAndDelete(pod: DeepReadonly<Pod>, condition: PodConditionFacts | undefined): Promise<void> {
    const { client, log } = this.#parts;
    const { namespace = '', name, uid } = pod.metadata;
    try {
      if (!isPodTerminal(pod)) await this.#markFailed(pod, condition);
      await client.delete(PODS, namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) log.warn({ namespace, name, error }, `cannot remove pod ${namespace}/${name}`);
    }
  }

  /** Sets the pod's phase to Failed: there may be no kubelet that ever would. */
  async #markFailed(pod: DeepReadonly<Pod>, condition: PodConditionFacts | undefined): Promise<void> {
    const { namespace = '', name, uid, generation } = pod.metadata;
    const observed = generation === undefined ? {} : { observedGeneration: generation };
    const lastTransitionTime = rfc3339(this.#parts.clock.now());
    const conditions =
      condition === undefined ? {} : { conditions: [{ ...condition, ...observed, lastTransitionTime }] };
    await this.#parts.client.patch(
      PODS,
      namespace,
      name,
      'application/strategic-merge-patch+json',
      { metadata: { uid }, status: { phase: 'Failed', ...observed, ...conditions } },
      'status',
    );
  }
}

interface PodConditionFacts {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}
