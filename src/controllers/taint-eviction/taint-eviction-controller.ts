import { type Clock, rfc3339 } from '../../apimachinery/clock.ts';
import { controllerOf } from '../../apimachinery/meta/controller-ref.ts';
import { type DeepReadonly, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { Job } from '../../apis/batch/index.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { Node, Pod, Toleration } from '../../apis/core/types.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  type EventRecorder,
  indexPodsByNode,
  JOBS,
  type Lister,
  NODES,
  newController,
  newWorkqueue,
  PODS,
  PODS_BY_NODE,
  type Reconciler,
} from '../../client/index.ts';
import { executeTaints, staysForSeconds, withFilledIn } from './verdict.ts';

const NAME = 'taint-eviction-controller';

/** What may be set. */
export interface TaintEvictionOptions {
  /** Seconds that a Job's pod stays on a node that does not answer, unless it says so itself. Default 30. */
  readonly jobPodSeconds?: number;
}

/** Default of `--pod-eviction-timeout`. */
const JOB_POD_SECONDS = 30;

/** The taint eviction controller as a component. */
export function newTaintEvictionController(
  context: ComponentContext,
  options: TaintEvictionOptions = {},
): Component {
  const { client, clock, log, metrics } = context;
  const [nodes, pods, jobs] = [context.informer(NODES), context.informer(PODS), context.informer(JOBS)];
  indexPodsByNode(pods);
  const queue = newWorkqueue({ name: 'noexec_taint_pod', clock, metrics });
  const isTainted = (node: DeepReadonly<Node> | undefined): boolean =>
    executeTaints(node?.spec?.taints).length > 0;
  const addPods = (node: string): void => {
    for (const pod of pods.lister.byIndex(PODS_BY_NODE, node)) queue.add(objectKey(pod));
  };
  nodes.onChange({
    added: (node) => {
      if (isTainted(node)) addPods(node.metadata.name);
    },
    updated: (node, old) => {
      const before = executeTaints(old.spec?.taints);
      const now = executeTaints(node.spec?.taints);
      if (JSON.stringify(before) !== JSON.stringify(now)) addPods(node.metadata.name);
    },
  });
  const reconciler = new Evictor({
    client,
    clock,
    events: context.recorder(NAME),
    nodes: nodes.lister,
    pods: pods.lister,
    jobs: jobs.lister,
    jobPodSeconds: options.jobPodSeconds ?? JOB_POD_SECONDS,
  });
  const look = (pod: DeepReadonly<Pod>): void => {
    if (isTainted(nodes.lister.get('', pod.spec.nodeName ?? ''))) queue.add(objectKey(pod));
  };
  pods.onChange({
    added: look,
    updated: (pod, old) => {
      const [now, before] = [pod.spec, old.spec].map(({ nodeName, tolerations }) => [nodeName, tolerations]);
      if (JSON.stringify(now) !== JSON.stringify(before)) look(pod);
    },
    deleted: (pod) => {
      if (reconciler.knows(objectKey(pod))) queue.add(objectKey(pod));
    },
  });
  return newController({ name: NAME, reconciler, queue, log, informers: [nodes, pods, jobs] });
}

interface EvictorParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly nodes: Lister<Node>;
  readonly pods: Lister<Pod>;
  readonly jobs: Lister<Job>;
  readonly jobPodSeconds: number;
}

/** Deletes a pod when its time on a tainted node is over. */
class Evictor implements Reconciler {
  readonly #parts: EvictorParts;
  /** Pods that are to go, by key: since when, in monotonic milliseconds, and which pod of that name. */
  readonly #waiting = new Map<string, { readonly since: number; readonly pod: DeepReadonly<Pod> }>();

  constructor(parts: EvictorParts) {
    this.#parts = parts;
  }

  /** Whether the pod waits for its end. */
  knows(key: string): boolean {
    return this.#waiting.has(key);
  }

  async sync(key: string): Promise<number | undefined> {
    const { pods, clock } = this.#parts;
    const { namespace, name } = splitObjectKey(key);
    const pod = pods.get(namespace, name);
    const waited = this.#waiting.get(key);
    if (waited !== undefined && waited.pod.metadata.uid !== pod?.metadata.uid) this.#cancel(key);
    if (pod === undefined) return undefined;
    const seconds = this.#secondsOf(pod);
    if (seconds === Number.POSITIVE_INFINITY) {
      this.#cancel(key);
      return undefined;
    }
    const now = clock.monotonic();
    const since = this.#waiting.get(key)?.since ?? now;
    const leftMs = since + seconds * 1000 - now;
    if (leftMs > 0) {
      this.#waiting.set(key, { since, pod });
      return leftMs;
    }
    this.#waiting.delete(key);
    await this.#evict(key, pod);
    return undefined;
  }

  #secondsOf(pod: DeepReadonly<Pod>): number {
    const { nodes, jobs, jobPodSeconds } = this.#parts;
    const { nodeName = '', tolerations = [] } = pod.spec;
    const taints = executeTaints(nodes.get('', nodeName)?.spec?.taints);
    if (taints.length === 0) return Number.POSITIVE_INFINITY;
    const owner = jobOf(pod);
    // What an ended pod has to tell stays as long as on any Kubernetes.
    if (owner === undefined || isPodTerminal(pod)) {
      return staysForSeconds(taints, tolerations);
    }
    const job = jobs.get(pod.metadata.namespace ?? '', owner.name);
    const template: readonly DeepReadonly<Toleration>[] =
      job?.metadata.uid === owner.uid ? (job.spec.template.spec?.tolerations ?? []) : [];
    return staysForSeconds(taints, withFilledIn(tolerations, template, jobPodSeconds));
  }

  #cancel(key: string): void {
    const waited = this.#waiting.get(key);
    if (waited === undefined) return;
    this.#waiting.delete(key);
    this.#tell(waited.pod, `Cancelling deletion of Pod ${key}`);
  }

  async #evict(key: string, pod: DeepReadonly<Pod>): Promise<void> {
    const { client, clock } = this.#parts;
    const { namespace = '', name, uid, generation } = pod.metadata;
    this.#tell(pod, `Marking for deletion Pod ${key}`);
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime: rfc3339(clock.now()),
    };
    const isMarked = pod.status?.conditions?.some(
      ({ type, status }) => type === condition.type && status === condition.status,
    );
    try {
      if (isMarked !== true) {
        const patch = { metadata: { uid }, status: { conditions: [condition] } };
        const type = 'application/strategic-merge-patch+json';
        await client.patch(PODS, namespace, name, type, patch, 'status');
      }
      await client.delete(PODS, namespace, name, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** As upstream's taint manager names pods in its events: without their uid. */
  #tell({ metadata: { namespace = '', name } }: DeepReadonly<Pod>, message: string): void {
    const about = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } } as DeepReadonly<Pod>;
    this.#parts.events.event(about, 'Normal', 'TaintManagerEviction', message);
  }
}

function jobOf(pod: DeepReadonly<Pod>): { readonly name: string; readonly uid: string } | undefined {
  const owner = controllerOf(pod);
  return owner?.kind === 'Job' && owner.apiVersion.startsWith('batch/') ? owner : undefined;
}
