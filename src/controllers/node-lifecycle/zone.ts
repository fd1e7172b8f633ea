/** Nodes that fail together: the state of a zone decides how fast its nodes' pods are evicted. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Node } from '../../apis/core/types.ts';

/** How much of a zone does not answer. */
export type ZoneState = 'normal' | 'partial' | 'full';

/** Nodes a second whose pods are evicted in a zone that works (upstream's --node-eviction-rate). */
const NODES_PER_SECOND = 0.1;
/** The same in a large zone of which more than half does not answer (--secondary-node-eviction-rate). */
const NODES_PER_SECOND_PARTIAL = 0.01;
/** Nodes up to which a zone counts as small: a small one that is half gone is left alone (--large-cluster-size-threshold). */
const SMALL_ZONE_NODES = 50;
/** Part of a zone's nodes from which it counts as partly gone (--unhealthy-zone-threshold). */
const PARTIAL_FROM = 0.55;

/** Two nodes of the same zone have the same key. */
export function zoneOf({ metadata: { labels = {} } }: DeepReadonly<Node>): string {
  const of = (name: string): string =>
    labels[`topology.kubernetes.io/${name}`] ?? labels[`failure-domain.beta.kubernetes.io/${name}`] ?? '';
  return `${of('region')}:${of('zone')}`;
}

/** The state of a zone with so many nodes that are ready and so many that are not. Pure. */
export function zoneState(ready: number, notReady: number): ZoneState {
  if (ready === 0 && notReady > 0) return 'full';
  return notReady > 2 && notReady / (notReady + ready) >= PARTIAL_FROM ? 'partial' : 'normal';
}

/** Nodes a second to taint in a zone of that state and size. */
function paceOf(state: ZoneState, nodes: number): number {
  if (state !== 'partial') return NODES_PER_SECOND;
  return nodes > SMALL_ZONE_NODES ? NODES_PER_SECOND_PARTIAL : 0;
}

/** The nodes of a zone that wait for their NoExecute taint, handed out at the zone's pace. */
export class Zone {
  state: ZoneState | 'new' = 'new';
  readonly #waiting = new Set<string>();
  #perSecond = NODES_PER_SECOND;
  /** When the next may go; monotonic milliseconds. */
  #nextAt = Number.NEGATIVE_INFINITY;

  add(node: string): void {
    this.#waiting.add(node);
  }

  remove(node: string): void {
    this.#waiting.delete(node);
  }

  /** Sets the pace that goes with a state. */
  enter(state: ZoneState, nodes: number): void {
    this.state = state;
    this.#perSecond = paceOf(state, nodes);
  }

  /** Hands out nothing until the next `enter`. */
  halt(): void {
    this.state = 'full';
    this.#perSecond = 0;
  }

  /** The next node, if the pace lets one go now. */
  take(now: number): string | undefined {
    const [next] = this.#waiting;
    if (next === undefined || this.#perSecond === 0 || now < this.#nextAt) return undefined;
    this.#waiting.delete(next);
    this.#nextAt = now + 1000 / this.#perSecond;
    return next;
  }

  /** Milliseconds until the next node may go; undefined when none waits or nobody goes. */
  waitMs(now: number): number | undefined {
    if (this.#waiting.size === 0 || this.#perSecond === 0) return undefined;
    return Math.max(0, this.#nextAt - now);
  }
}
