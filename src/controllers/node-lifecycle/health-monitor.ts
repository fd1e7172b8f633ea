/** One look at all nodes: who is silent, what that means for the node's conditions, taints and pods, and for its zone. */
import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isConflict, isNotFound } from '../../apimachinery/status-error.ts';
import type { Lease } from '../../apis/coordination/types.ts';
import type { Node, Pod } from '../../apis/core/types.ts';
import {
  type Client,
  type EventRecorder,
  type Lister,
  type Logger,
  NODES,
  PODS_BY_NODE,
  type Reconciler,
} from '../../client/index.ts';
import {
  conditionOf,
  conditionsOfSilence,
  isSilent,
  type NodeHealth,
  observeHealth,
  type Patience,
} from './node-health.ts';
import { hasTaint, NOT_READY, UNREACHABLE, withExecuteTaint } from './node-taints.ts';
import { markPodsNotReady } from './pods-not-ready.ts';
import { changeTaints } from './taint-writer.ts';
import { Zone, zoneOf, zoneState } from './zone.ts';

/** Times that a node's conditions are written anew because somebody else wrote in between (upstream's NodeHealthUpdateRetry). */
const STATUS_TRIES = 5;
/** Nodes looked at at the same time, as upstream's workers. */
const NODES_AT_ONCE = 8;
const LEASE_NAMESPACE = 'kube-node-lease';
const NO_DISRUPTION_CHECK = 'node.kubernetes.io/exclude-disruption';

/** What the monitor is made of. */
export interface HealthMonitorParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly nodes: Lister<Node>;
  readonly leases: Lister<Lease>;
  /** Indexed by {@link PODS_BY_NODE}. */
  readonly pods: Lister<Pod>;
  readonly patience: Patience;
  /** Milliseconds from one look to the next. */
  readonly periodMs: number;
  /** Nodes wait for a taint, or a zone has another pace. */
  readonly tainting: () => void;
}

/** A node's Ready status before and after the look. */
interface Outcome {
  readonly zone: string;
  readonly counts: boolean;
  readonly ready: boolean;
}

/** See the file's head. */
export class HealthMonitor implements Reconciler {
  readonly #parts: HealthMonitorParts;
  readonly #health = new Map<string, NodeHealth>();
  /** Known nodes, by name, so that coming and going is told once. */
  readonly #known = new Map<string, DeepReadonly<Node>>();
  readonly #zones = new Map<string, Zone>();
  /** Nodes whose pods could not all be marked. */
  readonly #unmarked = new Set<string>();

  constructor(parts: HealthMonitorParts) {
    this.#parts = parts;
  }

  /** The zones with what waits in them. */
  get zones(): ReadonlyMap<string, Zone> {
    return this.#zones;
  }

  /** Looks at all nodes. */
  async sync(): Promise<number> {
    const nodes = this.#parts.nodes.list();
    this.#greet(nodes);
    const outcomes: Outcome[] = [];
    for (let at = 0; at < nodes.length; at += NODES_AT_ONCE) {
      const looks = nodes.slice(at, at + NODES_AT_ONCE).map((node) => this.#tryLook(node));
      for (const outcome of await Promise.all(looks)) if (outcome !== undefined) outcomes.push(outcome);
    }
    await this.#judgeZones(outcomes, nodes);
    this.#parts.tainting();
    return this.#parts.periodMs;
  }

  #greet(nodes: readonly DeepReadonly<Node>[]): void {
    const { events } = this.#parts;
    const present = new Set<string>();
    for (const node of nodes) {
      const { name } = node.metadata;
      present.add(name);
      this.#zoneOf(node);
      if (this.#known.has(name)) continue;
      this.#known.set(name, node);
      const text = `Node ${name} event: Registered Node ${name} in Controller`;
      events.event(nameOnly(node), 'Normal', 'RegisteredNode', text);
    }
    for (const [name, node] of this.#known) {
      if (present.has(name)) continue;
      this.#known.delete(name);
      this.#health.delete(name);
      this.#unmarked.delete(name);
      this.#zoneOf(node).remove(name);
      const text = `Node ${name} event: Removing Node ${name} from Controller`;
      events.event(nameOnly(node), 'Normal', 'RemovingNode', text);
    }
  }

  #zoneOf(node: DeepReadonly<Node>): Zone {
    const key = zoneOf(node);
    let zone = this.#zones.get(key);
    if (zone === undefined) {
      zone = new Zone();
      this.#zones.set(key, zone);
    }
    return zone;
  }

  async #tryLook(node: DeepReadonly<Node>): Promise<Outcome | undefined> {
    try {
      return await this.#look(node);
    } catch (error) {
      const { name } = node.metadata;
      this.#parts.log.warn({ node: name, error }, `the health of node ${name} could not be dealt with`);
      return undefined;
    }
  }

  async #look(node: DeepReadonly<Node>): Promise<Outcome> {
    const { events } = this.#parts;
    const { name, labels = {} } = node.metadata;
    const wasReady = conditionOf(node, 'Ready')?.status === 'True';
    const now = await this.#silenced(node);
    const ready = conditionOf(now, 'Ready')?.status;
    if (ready !== undefined) {
      await this.#taint(now, ready);
      if (ready !== 'True' && wasReady) {
        const text = `Node ${name} status is now: NodeNotReady`;
        events.event(nameOnly(now), 'Normal', 'NodeNotReady', text);
        this.#unmarked.add(name);
      }
      if (ready === 'True') this.#unmarked.delete(name);
      else if (this.#unmarked.has(name)) await this.#markPods(name);
    }
    const counts = labels[NO_DISRUPTION_CHECK] === undefined;
    return { zone: zoneOf(now), counts, ready: ready === 'True' };
  }

  /** Takes in the node's signs of life; writes that nothing is known of it if it has been silent for too long. */
  async #silenced(node: DeepReadonly<Node>): Promise<DeepReadonly<Node>> {
    const { client, clock, leases, patience } = this.#parts;
    const { name, uid } = node.metadata;
    let known = node;
    for (let tries = 1; ; tries++) {
      const moment = { wall: clock.now(), monotonic: clock.monotonic() };
      const lease = leases.get(LEASE_NAMESPACE, name);
      const health = observeHealth(this.#health.get(name), known, lease, moment);
      this.#health.set(name, health);
      if (!isSilent(health, known, moment.monotonic, patience)) return known;
      if (conditionOf(known, 'Ready')?.status === 'Unknown') return known;
      const status = { ...known.status, conditions: conditionsOfSilence(known, moment.wall) };
      try {
        return await client.updateStatus(NODES, { ...known, status });
      } catch (error) {
        if (!isConflict(error) || tries >= STATUS_TRIES) throw error;
        known = await client.get(NODES, '', name);
        if (known.metadata.uid !== uid) throw error;
      }
    }
  }

  /** Brings the NoExecute taint in line: at once where one only takes the other's place, else by the zone's queue. */
  async #taint(node: DeepReadonly<Node>, ready: string): Promise<void> {
    const { client, clock } = this.#parts;
    const { name } = node.metadata;
    const zone = this.#zoneOf(node);
    if (ready === 'True') {
      zone.remove(name);
      await changeTaints(client, node, ({ spec }) => withExecuteTaint(spec?.taints, undefined, clock.now()));
      return;
    }
    const [wanted, other] =
      ready === 'False' ? ([NOT_READY, UNREACHABLE] as const) : ([UNREACHABLE, NOT_READY] as const);
    const { taints } = node.spec ?? {};
    if (hasTaint(taints, other, 'NoExecute')) {
      await changeTaints(client, node, ({ spec }) => withExecuteTaint(spec?.taints, wanted, clock.now()));
    } else if (!hasTaint(taints, wanted, 'NoExecute')) zone.add(name);
  }

  async #markPods(name: string): Promise<void> {
    const { client, clock, events, pods } = this.#parts;
    await markPodsNotReady({ client, events, wall: () => clock.now() }, pods.byIndex(PODS_BY_NODE, name));
    this.#unmarked.delete(name);
  }

  async #judgeZones(outcomes: readonly Outcome[], nodes: readonly DeepReadonly<Node>[]): Promise<void> {
    const counts = new Map<string, { ready: number; notReady: number }>();
    for (const { zone, counts: isCounted, ready } of outcomes) {
      if (!isCounted) continue;
      const of = counts.get(zone) ?? { ready: 0, notReady: 0 };
      counts.set(zone, of);
      if (ready) of.ready += 1;
      else of.notReady += 1;
    }
    if (counts.size === 0) return;
    for (const key of this.#zones.keys()) {
      if (!counts.has(key) && !nodes.some((node) => zoneOf(node) === key)) this.#zones.delete(key);
    }
    const allWereGone = [...this.#zones.values()].every(({ state }) => state === 'full');
    const allAreGone = [...counts.values()].every((of) => zoneState(of.ready, of.notReady) === 'full');
    if (allAreGone) {
      if (!allWereGone) await this.#haltAll(nodes);
      return;
    }
    if (allWereGone) this.#startAnew();
    for (const [key, { ready, notReady }] of counts) {
      this.#zones.get(key)?.enter(zoneState(ready, notReady), ready + notReady);
    }
  }

  /** Nobody answers: more likely we are cut off than all of them. Nobody is evicted. */
  async #haltAll(nodes: readonly DeepReadonly<Node>[]): Promise<void> {
    const { client, clock, log } = this.#parts;
    log.warn({ nodes: nodes.length }, 'no node is ready: no pod is evicted until one is');
    for (const zone of this.#zones.values()) zone.halt();
    await Promise.all(
      nodes.map((node) => {
        this.#zoneOf(node).remove(node.metadata.name);
        return changeTaints(client, node, ({ spec }) =>
          withExecuteTaint(spec?.taints, undefined, clock.now()),
        ).catch((error: unknown) => {
          if (!isNotFound(error)) log.warn({ node: node.metadata.name, error }, 'a taint was not removed');
        });
      }),
    );
  }

  /** Some answer again: the silence of the others counts from now. */
  #startAnew(): void {
    const seenAt = this.#parts.clock.monotonic();
    for (const [name, health] of this.#health) this.#health.set(name, { ...health, seenAt });
  }
}

/** What stands for a node in events, as upstream's node controller names it. */
function nameOnly({ metadata: { name, uid } }: DeepReadonly<Node>): DeepReadonly<Node> {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, uid } } as DeepReadonly<Node>;
}
