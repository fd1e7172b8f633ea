import { type DeepReadonly, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import type { Node, Pod, Taint } from '../../apis/core/types.ts';
import {
  type Component,
  type ComponentContext,
  type EventRecorder,
  indexPodsByNode,
  LEASES,
  NODES,
  newController,
  newWorkqueue,
  PODS,
  type Reconciler,
  type Workqueue,
} from '../../client/index.ts';
import { HealthMonitor } from './health-monitor.ts';
import { conditionOf } from './node-health.ts';
import { NOT_READY, UNREACHABLE, withExecuteTaint, withScheduleTaints } from './node-taints.ts';
import { markPodsNotReady } from './pods-not-ready.ts';
import { changeTaints } from './taint-writer.ts';

/** What may be set; times in milliseconds. */
export interface NodeLifecycleOptions {
  /** Silence after which a node is unreachable. Default 40 seconds, a lease's duration. */
  readonly graceMs?: number;
  /** The same for a node that has never reported. Default 60 seconds. */
  readonly startupGraceMs?: number;
  /** From one look at all nodes to the next. Default 5 seconds, or an eighth of `graceMs` if that is less. */
  readonly periodMs?: number;
}

/** Upstream's --node-monitor-period. */
const PERIOD_MS = 5_000;
/** A lease's duration; upstream's --node-monitor-grace-period was the same until 1.32. */
const GRACE_MS = 40_000;
/** Upstream's --node-startup-grace-period. */
const STARTUP_GRACE_MS = 60_000;

/** The one key of the queues whose every sync looks at everything. */
const ALL = 'all';

/** The node lifecycle controller as a component: the look at all nodes, and what follows from a node's or a pod's change. */
export function newNodeLifecycleController(
  context: ComponentContext,
  options: NodeLifecycleOptions = {},
): Component {
  const events = context.recorder('node-controller');
  indexPodsByNode(context.informer(PODS));
  const parts = [
    ...healthParts(context, events, options),
    scheduleTaints(context),
    podsOfLostNodes(context, events),
  ];
  return {
    name: 'node-lifecycle-controller',
    start: async () => void (await Promise.all(parts.map((part) => part.start()))),
    stop: async () => void (await Promise.all(parts.map((part) => part.stop()))),
  };
}

const leasesOf = (context: ComponentContext) => context.informer(LEASES, { namespace: 'kube-node-lease' });

function queueNamed({ clock, metrics }: ComponentContext, name: string): Workqueue {
  return newWorkqueue({ name, clock, metrics });
}

/** The look at all nodes, and the queue of those that wait for their NoExecute taint. */
function healthParts(
  context: ComponentContext,
  events: EventRecorder,
  options: NodeLifecycleOptions,
): readonly Component[] {
  const { client, clock, log } = context;
  const { graceMs = GRACE_MS, startupGraceMs = STARTUP_GRACE_MS } = options;
  const [nodes, pods, leases] = [context.informer(NODES), context.informer(PODS), leasesOf(context)];
  const looks = queueNamed(context, 'node_lifecycle_monitor');
  const evictions = queueNamed(context, 'node_lifecycle_evictions');
  const monitor = new HealthMonitor({
    client,
    clock,
    log,
    events,
    nodes: nodes.lister,
    leases: leases.lister,
    pods: pods.lister,
    patience: { graceMs, startupMs: startupGraceMs },
    periodMs: options.periodMs ?? Math.min(PERIOD_MS, graceMs / 8),
    tainting: () => evictions.add(ALL),
  });
  looks.add(ALL);
  const all = { log, informers: [nodes, pods, leases], workers: 1 };
  const taintNext = { sync: () => executeNext(context, monitor) };
  return [
    newController({ ...all, name: 'node-health-monitor', reconciler: monitor, queue: looks }),
    newController({ ...all, name: 'node-evictions', reconciler: taintNext, queue: evictions }),
  ];
}

/** Keeps the NoSchedule taints of each node. */
function scheduleTaints(context: ComponentContext): Component {
  const { client, clock, log } = context;
  const nodes = context.informer(NODES);
  const queue = queueNamed(context, 'node_lifecycle_controller');
  const changed = (node: DeepReadonly<Node>): void => {
    if (withScheduleTaints(node, 0) !== undefined) queue.add(node.metadata.name);
  };
  nodes.onChange({ added: changed, updated: changed });
  const reconciler: Reconciler = {
    async sync(name) {
      const node = nodes.lister.get('', name);
      if (node === undefined) return undefined;
      await changeTaints(client, node, (each) => withScheduleTaints(each, clock.now()));
      return undefined;
    },
  };
  return newController({ name: 'node-taints', reconciler, queue, log, informers: [nodes] });
}

/** Marks pods that come to a node which is not ready: those that were there are marked when it becomes so. */
function podsOfLostNodes(context: ComponentContext, events: EventRecorder): Component {
  const { client, clock, log } = context;
  const [nodes, pods] = [context.informer(NODES), context.informer(PODS)];
  const queue = queueNamed(context, 'node_lifecycle_controller_pods');
  const isLost = (pod: DeepReadonly<Pod>): boolean => {
    const node = nodes.lister.get('', pod.spec.nodeName ?? '');
    const ready = node === undefined ? undefined : conditionOf(node, 'Ready');
    return ready !== undefined && ready.status !== 'True';
  };
  pods.onChange({
    added: (pod) => {
      if (isLost(pod)) queue.add(objectKey(pod));
    },
    updated: (pod, old) => {
      if (pod.spec.nodeName !== old.spec.nodeName && isLost(pod)) queue.add(objectKey(pod));
    },
  });
  const reconciler: Reconciler = {
    async sync(key) {
      const { namespace, name } = splitObjectKey(key);
      const pod = pods.lister.get(namespace, name);
      if (pod === undefined || !isLost(pod)) return undefined;
      await markPodsNotReady({ client, events, wall: () => clock.now() }, [pod]);
      return undefined;
    },
  };
  return newController({ name: 'node-pods', reconciler, queue, log, informers: [nodes, pods] });
}

/** Gives the NoExecute taint to the nodes whose turn it is; answers when to come again. */
async function executeNext(context: ComponentContext, monitor: HealthMonitor): Promise<number | undefined> {
  const { client, clock, log } = context;
  const nodes = context.informer(NODES).lister;
  const waits: number[] = [];
  for (const zone of monitor.zones.values()) {
    const name = zone.take(clock.monotonic());
    const node = name === undefined ? undefined : nodes.get('', name);
    if (node !== undefined) {
      try {
        await changeTaints(client, node, (each) => executeTaintsOf(each, clock.now()));
      } catch (error) {
        // The next look finds it without its taint and lets it wait again.
        log.warn({ node: name, error }, `node ${name} could not be tainted`);
      }
    }
    const wait = zone.waitMs(clock.monotonic());
    if (wait !== undefined) waits.push(wait);
  }
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** A node that has become ready meanwhile keeps its taints as they are. */
function executeTaintsOf(node: DeepReadonly<Node>, wall: number): Taint[] | undefined {
  const ready = conditionOf(node, 'Ready')?.status ?? 'True';
  if (ready === 'True') return undefined;
  return withExecuteTaint(node.spec?.taints, ready === 'False' ? NOT_READY : UNREACHABLE, wall);
}
