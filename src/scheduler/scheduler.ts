/** The scheduler as a running component: watches pods and nodes, decides, binds. */

import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import { isConflict, isNotFound } from '../apimachinery/status-error.ts';
import { messageOf } from '../apimachinery/thrown.ts';
import { isPodTerminal } from '../apis/core/index.ts';
import type { Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../apis/core/types.ts';
import type { PodDisruptionBudget } from '../apis/policy/index.ts';
import type { StorageClass } from '../apis/storage/index.ts';
import {
  type Component,
  type ComponentContext,
  type EventReporter,
  type Informer,
  NAMESPACES,
  NODES,
  PERSISTENTVOLUMECLAIMS,
  PERSISTENTVOLUMES,
  PODDISRUPTIONBUDGETS,
  PODS,
  STORAGECLASSES,
} from '../client/index.ts';
import { ClusterState } from './cluster-state.ts';
import { Decider, type Failure } from './decide.ts';
import { Evictions } from './evictions.ts';
import { failureMessage } from './failure-message.ts';
import { PendingPods } from './pending-pods.ts';
import { PodBinder } from './pod-binder.ts';
import { type PodFacts, podFacts } from './pod-facts.ts';
import { PodStatusWriter, type WaitingStatus } from './pod-status.ts';
import { preempt } from './preemption.ts';
import { VolumeBinder } from './volume-binder.ts';
import { isOtherForNodes, isOtherForPods, isOtherForScheduler, selectsOtherPods } from './what-changed.ts';

/** Bindings and evictions at the same time: enough for the store to commit them in groups, few enough for others to get their turn. */
const WRITES_IN_FLIGHT_MAX = 256;
/** Milliseconds before a pod whose binding failed is tried again. */
const BINDING_RETRY_MS = 1_000;
/** Bytes of an event's message, as the API limits it. */
const EVENT_MESSAGE_MAX = 1_024;

/** What may be chosen. */
interface SchedulerOptions {
  /** Serves the pods that name it in `spec.schedulerName`. Default `default-scheduler`. */
  readonly name?: string;
  /** The machine on which it runs; its events tell it. */
  readonly host: string;
}

/** A scheduler. It begins to decide once it has seen all pods and nodes. */
export function newScheduler(context: ComponentContext, options: SchedulerOptions): Component {
  return new Scheduler(context, options.name ?? 'default-scheduler', options.host);
}

class Scheduler implements Component {
  readonly name: string;
  readonly #context: ComponentContext;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #namespaces: Informer<Namespace>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #classes: Informer<StorageClass>;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #cluster: ClusterState;
  readonly #pending: PendingPods;
  readonly #decider: Decider;
  readonly #status: PodStatusWriter;
  readonly #events: EventReporter;
  readonly #binder: PodBinder;
  readonly #evictions: Evictions;
  #stopped = false;
  #running = false;
  #planned = false;

  constructor(context: ComponentContext, name: string, host: string) {
    this.name = name;
    this.#context = context;
    this.#pods = context.informer(PODS);
    this.#nodes = context.informer(NODES);
    this.#namespaces = context.informer(NAMESPACES);
    this.#claims = context.informer(PERSISTENTVOLUMECLAIMS);
    this.#volumes = context.informer(PERSISTENTVOLUMES);
    this.#classes = context.informer(STORAGECLASSES);
    this.#budgets = context.informer(PODDISRUPTIONBUDGETS);
    this.#cluster = new ClusterState({
      namespaceLabels: (namespace) => this.#namespaces.lister.get('', namespace)?.metadata.labels ?? {},
      claim: (namespace, claim) => this.#claims.lister.get(namespace, claim),
      volume: (volume) => this.#volumes.lister.get('', volume),
      volumes: () => this.#volumes.lister.list(),
      budgets: (namespace) => this.#budgets.lister.list(namespace),
      storageClass: (storageClass) => this.#classes.lister.get('', storageClass),
    });
    this.#pending = new PendingPods(context.clock, () => this.#plan());
    this.#decider = new Decider(context.random);
    this.#status = new PodStatusWriter(context.client, context.clock, context.log, this.#pods.lister);
    this.#events = context.reporter(name, `${name}-${host}`);
    this.#binder = new PodBinder({
      client: context.client,
      events: this.#events,
      volumes: new VolumeBinder(context.client, context.clock, this.#cluster, this.#claims),
      notBound: (pod, node, error) => this.#notBound(pod, node, error),
      settled: () => this.#plan(),
    });
    this.#evictions = new Evictions({
      ...context,
      events: this.#events,
      scheduler: name,
      // Without this victim the room does not come free: the pod looks again, and chooses anew.
      failed: (pod) => this.#retryLater(pod),
    });
  }

  async start(): Promise<void> {
    this.#nodes.onChange({
      added: (node) => {
        this.#cluster.setNode(node.metadata.name, node);
        this.#wake();
      },
      updated: (node, old) => {
        this.#cluster.setNode(node.metadata.name, node);
        if (isOtherForPods(node, old)) this.#wake();
      },
      deleted: ({ metadata }) => this.#cluster.setNode(metadata.name, undefined),
    });
    this.#namespaces.onChange({
      updated: (namespace, old) => {
        if (!selectsOtherPods(namespace, old)) return;
        this.#cluster.counts.clear();
        this.#wake();
      },
    });
    const wake = (): void => this.#wake();
    this.#claims.onChange({ added: wake, updated: wake });
    this.#volumes.onChange({ added: wake, updated: wake });
    this.#classes.onChange({ added: wake, updated: wake });
    this.#pods.onChange({
      added: (pod) => this.#podChanged(pod, undefined),
      updated: (pod, old) => this.#podChanged(pod, old),
      deleted: (pod) => this.#podGone(pod),
    });
    const informers = [
      this.#nodes,
      this.#namespaces,
      this.#claims,
      this.#volumes,
      this.#classes,
      this.#budgets,
      this.#pods,
    ];
    await Promise.all(informers.map((informer) => informer.start()));
    if (this.#stopped) return;
    this.#running = true;
    this.#plan();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#stopped = true;
    this.#pending.stop();
    await Promise.all([this.#binder.stop(), this.#evictions.stop(), this.#status.stop()]);
  }

  #podChanged(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod> | undefined): void {
    const { nodeName } = pod.spec;
    if (nodeName) {
      if (isPodTerminal(pod)) {
        if (old === undefined || !isPodTerminal(old)) this.#podGone(pod);
      } else {
        this.#podBound(pod, nodeName);
      }
    } else if (pod.spec.schedulerName === this.name) {
      if (old === undefined || isOtherForScheduler(pod, old)) this.#podWaits(pod);
      else this.#pending.seen(pod);
    }
  }

  #podBound(pod: DeepReadonly<Pod>, nodeName: string): void {
    const { uid } = pod.metadata;
    this.#pending.remove(uid);
    const assumed = this.#cluster.factsOf(uid);
    // What was assumed has come true, or only the status changed: nothing is counted anew.
    const counted = assumed !== undefined && this.#cluster.nodeOf(uid) === nodeName ? assumed : undefined;
    if (counted !== undefined && !isOtherForNodes(pod, counted.pod)) {
      counted.pod = pod;
      return;
    }
    this.#cluster.forgetNomination(uid);
    this.#cluster.addPod(podFacts(pod), nodeName);
    if (counted !== undefined && counted.pod.metadata.generation !== pod.metadata.generation) {
      // It was resized, and may take less than before.
      this.#wake();
    } else {
      // A pod that lies somewhere now, or is leaving, is what affinity and spread of others may have waited for.
      this.#pending.wakeWatching();
      this.#plan();
    }
  }

  #podWaits(pod: DeepReadonly<Pod>): void {
    const { uid, deletionTimestamp } = pod.metadata;
    if (this.#cluster.nodeOf(uid) !== undefined) return;
    this.#pending.remove(uid);
    const isGated = (pod.spec.schedulingGates ?? []).length > 0;
    if (deletionTimestamp !== undefined || isPodTerminal(pod) || isGated) {
      this.#cluster.forgetNomination(uid);
      return;
    }
    const facts = podFacts(pod);
    const { nominatedNodeName } = pod.status;
    if (nominatedNodeName) this.#cluster.nominate(facts, nominatedNodeName);
    const message = this.#pending.add(facts);
    if (message === undefined) this.#plan();
    else this.#report(facts, { reason: 'Unschedulable', message });
  }

  #podGone(pod: DeepReadonly<Pod>): void {
    const { uid } = pod.metadata;
    this.#pending.remove(uid);
    const keptRoom = this.#cluster.forgetNomination(uid);
    const tookRoom = this.#cluster.nodeOf(uid) !== undefined;
    this.#cluster.removePod(uid);
    if (tookRoom || keptRoom) this.#wake();
  }

  #wake(): void {
    this.#pending.wake();
    this.#plan();
  }

  /** Decides soon, once for all the changes that come together. */
  #plan(): void {
    if (this.#planned || !this.#running) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      this.#decide();
    });
  }

  #decide(): void {
    while (this.#running && this.#binder.underWay + this.#evictions.underWay < WRITES_IN_FLIGHT_MAX) {
      const pod = this.#pending.next();
      if (pod === undefined) return;
      const decision = this.#decider.decide(pod, this.#cluster);
      if ('node' in decision) this.#place(pod, decision.node);
      else this.#refuse(pod, decision.failure);
    }
  }

  #place(pod: PodFacts, node: string): void {
    this.#pending.placed(pod.uid);
    this.#cluster.forgetNomination(pod.uid);
    this.#cluster.addPod(pod, node);
    this.#pending.wakeWatching();
    this.#binder.bind(pod, node);
  }

  #notBound(pod: PodFacts, node: string, error: unknown): void {
    const { log } = this.#context;
    this.#unbind(pod);
    // Gone, or bound by somebody else: the watch tells, or has told already.
    this.#retryLater(pod);
    if (isNotFound(error) || isConflict(error)) {
      log.debug({ pod: pod.key, node, error }, `pod ${pod.key} was not bound`);
      return;
    }
    log.warn({ pod: pod.key, node, error }, `pod ${pod.key} was not bound, trying again`);
    const message = `binding rejected: ${messageOf(error)}`;
    this.#report(pod, { reason: 'SchedulerError', message });
  }

  /** Takes an assumption back, unless the watch has confirmed it meanwhile. */
  #unbind(pod: PodFacts): void {
    if (this.#cluster.factsOf(pod.uid)?.pod.spec.nodeName) return;
    this.#cluster.removePod(pod.uid);
    this.#wake();
  }

  #retryLater({ uid, namespace, pod }: PodFacts): void {
    const again = (): void => {
      const now = this.#pods.lister.get(namespace, pod.metadata.name);
      if (this.#running && now?.metadata.uid === uid && !now.spec.nodeName) this.#podWaits(now);
    };
    this.#context.clock.after(BINDING_RETRY_MS, again, { background: true });
  }

  #refuse(pod: PodFacts, failure: Failure): void {
    const preemption = failure.total === 0 ? undefined : preempt(pod, failure, this.#cluster);
    if (preemption !== undefined && 'victims' in preemption) {
      this.#makeWay(pod, failureMessage(failure, undefined), preemption.node, preemption.victims);
      return;
    }
    const message = failureMessage(failure, preemption?.why);
    // A nomination that leads nowhere any more is taken back.
    const isLost = pod.pod.status.nominatedNodeName !== undefined && preemption?.waits === false;
    if (isLost) this.#cluster.forgetNomination(pod.uid);
    const status: WaitingStatus = {
      reason: 'Unschedulable',
      message,
      ...(isLost ? { nominatedNode: '' } : {}),
    };
    if (failure.shared) {
      for (const each of this.#pending.setAside(pod.uid, message)) this.#report(each, status);
    } else {
      this.#pending.setAsideAlone(pod, message);
      this.#report(pod, status);
    }
  }

  /** Keeps room for the pod on the node and lets the victims go; their end wakes the pod. */
  #makeWay(pod: PodFacts, message: string, node: string, victims: readonly PodFacts[]): void {
    this.#cluster.nominate(pod, node);
    this.#pending.setAsideAlone(pod, message);
    this.#report(pod, { reason: 'Unschedulable', message, nominatedNode: node });
    for (const victim of victims) this.#evictions.begin(victim, pod, node);
  }

  #report(pod: PodFacts, status: WaitingStatus): void {
    this.#status.tell(pod, status);
    const { message } = status;
    const note =
      message.length <= EVENT_MESSAGE_MAX ? message : `${message.slice(0, EVENT_MESSAGE_MAX - 4)} ...`;
    const about = { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling' } as const;
    this.#events.report({ regarding: pod.pod, ...about, note });
  }
}
