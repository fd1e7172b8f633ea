/** A node with what is taken of it, kept up to date pod by pod: looking at it costs nothing per pod. */
import { findCondition } from '../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Labels } from '../apis/core/label-match.ts';
import type { HostPort } from '../apis/core/pod/scheduling/node-demands.ts';
import type { Node, Taint } from '../apis/core/types.ts';
import { type Amounts, addAmounts, amountsOf, noAmounts } from './amounts.ts';
import type { PodFacts } from './pod-facts.ts';

/** See the file's head. A node that went away while pods are bound to it stays without `node`, in case that it returns. */
export class NodeState {
  readonly name: string;
  /** What a node can give, beside `podsMax` pods. */
  allocatable: Amounts = noAmounts();
  podsMax = 0;
  readonly asked: Amounts = noAmounts();
  readonly scored: Amounts = noAmounts();
  readonly pods = new Map<string, PodFacts>();
  /** Pods of each priority, so that it is known at once whether any could make way. */
  readonly podsByPriority = new Map<number, number>();
  #node: DeepReadonly<Node> | undefined;
  #taints: readonly DeepReadonly<Taint>[] = [];
  /** How many pods hold each `protocol/port/ip`. */
  readonly #ports = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  get node(): DeepReadonly<Node> | undefined {
    return this.#node;
  }

  get labels(): Labels {
    return this.#node?.metadata.labels ?? {};
  }

  /** The node's taints, and one for a node that is not ready, as upstream's node lifecycle controller sets it. */
  get taints(): readonly DeepReadonly<Taint>[] {
    return this.#taints;
  }

  /** Takes in what the API says of the node; undefined: it is gone. */
  set(node: DeepReadonly<Node> | undefined): void {
    this.#node = node;
    this.allocatable = amountsOf(node?.status.allocatable ?? node?.status.capacity);
    this.podsMax = this.allocatable.others?.get('pods') ?? 0;
    this.#taints = node === undefined ? [] : taintsOf(node);
  }

  add(pod: PodFacts): void {
    this.#count(pod, 1);
    this.pods.set(pod.uid, pod);
  }

  remove(pod: PodFacts): void {
    if (this.pods.delete(pod.uid)) this.#count(pod, -1);
  }

  /** Whether another pod holds that port; the address 0.0.0.0 collides with every other. */
  portTaken({ ip, protocol, port }: HostPort): boolean {
    if (this.#ports.size === 0) return false;
    const prefix = `${protocol}/${port}/`;
    if (ip !== '0.0.0.0') return this.#ports.has(prefix + ip) || this.#ports.has(`${prefix}0.0.0.0`);
    for (const held of this.#ports.keys()) if (held.startsWith(prefix)) return true;
    return false;
  }

  #count(pod: PodFacts, factor: 1 | -1): void {
    addAmounts(this.asked, pod.asked, factor);
    addAmounts(this.scored, pod.scored, factor);
    changeCount(this.podsByPriority, pod.priority, factor);
    for (const { ip, protocol, port } of pod.ports) {
      changeCount(this.#ports, `${protocol}/${port}/${ip}`, factor);
    }
  }
}

/** Adds to a counter and forgets it at zero. */
export function changeCount<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

const NOT_READY: DeepReadonly<Taint> = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
const UNREACHABLE: DeepReadonly<Taint> = { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' };

function taintsOf(node: DeepReadonly<Node>): readonly DeepReadonly<Taint>[] {
  const taints = node.spec.taints ?? [];
  const ready = findCondition(node.status.conditions, 'Ready')?.status;
  if (ready === 'True') return taints;
  return [...taints, ready === 'Unknown' ? UNREACHABLE : NOT_READY];
}
