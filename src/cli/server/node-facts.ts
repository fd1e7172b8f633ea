/** What `longshore status` tells of each node. Pure. */
import { findCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { milliQuantity, parseQuantity } from '../../apimachinery/quantity.ts';
import { isPodTerminal, podRequests } from '../../apis/core/index.ts';
import type { Node, Pod } from '../../apis/core/types.ts';

/** How much of something pods ask for, of what the node has for them; as quantities. */
interface Share {
  readonly requested: string;
  readonly allocatable: string;
}

/** A node, and what is on it. */
export interface NodeFacts {
  readonly name: string;
  /** As `kubectl get nodes` says it: Ready, NotReady or Unknown, with SchedulingDisabled where it is cordoned. */
  readonly state: string;
  /** `containerd://1.6.20`. */
  readonly runtime: string;
  /** Pods that have not ended, of those that it takes. */
  readonly pods: { readonly active: number; readonly allocatable: string };
  readonly cpu: Share;
  readonly memory: Share;
}

/** The facts of each node, in the order of the nodes. */
export function nodeFacts(
  nodes: readonly DeepReadonly<Node>[],
  pods: readonly DeepReadonly<Pod>[],
): readonly NodeFacts[] {
  const active = pods.filter((pod) => !isPodTerminal(pod));
  const byNode = Map.groupBy(active, ({ spec }) => spec.nodeName ?? '');
  return nodes.map((node) => factsOf(node, byNode.get(node.metadata.name) ?? []));
}

function factsOf(
  { metadata, spec, status }: DeepReadonly<Node>,
  pods: readonly DeepReadonly<Pod>[],
): NodeFacts {
  const ready = findCondition(status.conditions, 'Ready')?.status ?? 'Unknown';
  const states = { True: 'Ready', False: 'NotReady' } as const;
  const requests = pods.map((pod) => podRequests(pod.spec));
  const share = (resource: string, format: 'DecimalSI' | 'BinarySI'): Share => {
    const milli = requests.reduce((sum, each) => sum + parseQuantity(each[resource] ?? '0').milliValue(), 0);
    return {
      requested: milliQuantity(milli, format).toString(),
      allocatable: status.allocatable?.[resource] ?? '0',
    };
  };
  return {
    name: metadata.name,
    state: `${states[ready as keyof typeof states] ?? 'Unknown'}${spec.unschedulable ? ',SchedulingDisabled' : ''}`,
    runtime: status.nodeInfo?.containerRuntimeVersion ?? '',
    pods: { active: pods.length, allocatable: status.allocatable?.['pods'] ?? '0' },
    cpu: share('cpu', 'DecimalSI'),
    memory: share('memory', 'BinarySI'),
  };
}

/** The facts of a node in one line, without its name. */
export function nodeText({ state, runtime, pods, cpu, memory }: NodeFacts): string {
  const asked = `cpu ${cpu.requested} of ${cpu.allocatable}, memory ${memory.requested} of ${memory.allocatable} requested`;
  return [
    state,
    ...(runtime === '' ? [] : [runtime]),
    `${pods.active} of ${pods.allocatable} pods`,
    asked,
  ].join(', ');
}
