/**
 * Whether a pod that was bound to this node has room on it. Who binds is mostly the scheduler, which has asked the same; but
 * anybody may name a node, and then the node has the last word. Source: pkg/kubelet/lifecycle (predicates of admission).
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import { podRequests } from '../../apis/core/pod/pod-amounts.ts';
import { type HostPort, hostPorts, requiredNodes } from '../../apis/core/pod/scheduling/node-demands.ts';
import type { PodSpec } from '../../apis/core/types.ts';
import type { Refusal } from './refusal.ts';

/** The node, and what is on it. */
export interface Room {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Amounts by resource, `pods` among them. */
  readonly allocatable: Readonly<Record<string, string>>;
  /** The other pods that have not ended. */
  readonly others: readonly DeepReadonly<PodSpec>[];
}

/** Why the pod does not fit, in the kubelet's words; undefined when it does. */
export function misfitOf(spec: DeepReadonly<PodSpec>, room: Room): Refusal | undefined {
  return shortage(spec, room) ?? wrongNode(spec, room) ?? portTaken(spec, room);
}

function shortage(spec: DeepReadonly<PodSpec>, { allocatable, others }: Room): Refusal | undefined {
  const places = amountOf('pods', allocatable['pods']);
  if (others.length + 1 > places) return outOf('pods', 1, others.length, places);
  const asked = podRequests(spec);
  const names = ['cpu', 'memory', 'ephemeral-storage'];
  for (const name of [...names, ...Object.keys(asked).filter((each) => !names.includes(each))]) {
    const wanted = amountOf(name, asked[name]);
    // What a node knows nothing of is not counted by nodes: something else hands it out.
    if (wanted === 0 || (isExtended(name) && allocatable[name] === undefined)) continue;
    const used = others.reduce((sum, other) => sum + amountOf(name, podRequests(other)[name]), 0);
    const capacity = amountOf(name, allocatable[name]);
    if (wanted > capacity - used) return outOf(name, wanted, used, capacity);
  }
  return undefined;
}

const isExtended = (name: string): boolean => name.includes('/') && !name.startsWith('kubernetes.io/');

/** Thousandths of a core, else whole units. */
function amountOf(resource: string, amount = '0'): number {
  const quantity = parseQuantity(amount);
  return resource === 'cpu' ? quantity.milliValue() : quantity.value();
}

function outOf(resource: string, requested: number, used: number, capacity: number): Refusal {
  const counts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return {
    reason: `OutOf${resource}`,
    message: `Node didn't have enough resource: ${resource}, ${counts}`,
  };
}

function wrongNode(spec: DeepReadonly<PodSpec>, { labels, name }: Room): Refusal | undefined {
  if (requiredNodes(spec)?.(labels, name) !== false) return undefined;
  return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
}

function portTaken(spec: DeepReadonly<PodSpec>, { others }: Room): Refusal | undefined {
  const wanted = hostPorts(spec);
  if (wanted.length === 0) return undefined;
  const taken = others.flatMap(hostPorts);
  if (!wanted.some((port) => taken.some((other) => overlap(port, other)))) return undefined;
  return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
}

function overlap(a: HostPort, b: HostPort): boolean {
  const everywhere = a.ip === '0.0.0.0' || b.ip === '0.0.0.0';
  return a.protocol === b.protocol && a.port === b.port && (everywhere || a.ip === b.ip);
}

const failed = (predicate: string, why: string): Refusal => ({
  reason: predicate,
  message: `Predicate ${predicate} failed: ${why}`,
});
