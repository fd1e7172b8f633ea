/** Keeps this node's object and lease in the API: registered at the start, its lease renewed, its status told on change. */

import { type Clock, rfc3339Micro, sleep, type Timer } from '../../apimachinery/clock.ts';
import { deepEqualJson } from '../../apimachinery/json.ts';
import { findCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly, Draft } from '../../apimachinery/meta/object.ts';
import { isAlreadyExists, isConflict, isNotFound, isPassing } from '../../apimachinery/status-error.ts';
import type { Lease } from '../../apis/coordination/types.ts';
import type { Node, NodeStatus } from '../../apis/core/types.ts';
import { type Client, type Informer, LEASES, type Logger, NODES } from '../../client/index.ts';
import type { Pressure } from '../eviction/index.ts';
import type { Runtime, RuntimeVersion } from '../runtimes/runtime.ts';
import type { Machine } from './machine.ts';
import { type NodeTraits, nodeLabels, nodeStatus } from './node-object.ts';
import { RuntimeHealth } from './runtime-health.ts';

/** Milliseconds for which a lease stands for a node that works, unless the options say so. */
export const LEASE_MS = 40_000;
/** Part of that after which it is renewed, as with the kubelet. */
const RENEW_PART = 0.25;
/** Milliseconds after which the status is told even if nothing changed (the kubelet's nodeStatusReportFrequency). */
const REPORT_MS = 300_000;
/** Milliseconds before a status is told again that somebody else has overwritten; keeps two writers from a race. */
const DENIED_MS = 500;
/** Milliseconds before a node that could not be registered tries again. */
const REGISTER_RETRY_MS = 1_000;
/** Times that a status is written at once while others write to the node as well, as upstream's kubelet does. */
const STATUS_ATTEMPTS_MAX = 5;
const LEASE_NAMESPACE = 'kube-node-lease';

/** What a node's presence in the API is made of. */
export interface NodeRegistrationOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly runtime: Runtime;
  readonly traits: NodeTraits;
  /** Sees this node, perhaps among others: who else says what about it is noticed at once. */
  readonly nodes: Informer<Node>;
  readonly machine: Machine;
  /** Milliseconds for which the lease stands for a node that works. Default 40 seconds. */
  readonly leaseMs?: number;
  /** What the node is short of now. */
  pressures(): ReadonlySet<Pressure>;
}

/** See the file's head. */
export class NodeRegistration {
  readonly #options: NodeRegistrationOptions;
  readonly #leaseMs: number;
  readonly #runtime: RuntimeHealth;
  #version: RuntimeVersion = { name: '', version: '', apiVersion: '' };
  #lease: DeepReadonly<Lease> | undefined;
  #node: DeepReadonly<Node> | undefined;
  /** The status as it was sent: the server writes amounts in another form, which cannot be compared. */
  #told: NodeStatus | undefined;
  #reportedAt = 0;
  #renewedAt = 0;
  #timer: Timer | undefined;
  #beating: Promise<void> = Promise.resolve();
  readonly #ended = new AbortController();
  #stopped = false;
  /** Somebody else has written another Ready condition since the status was told. */
  #denied = false;

  constructor(options: NodeRegistrationOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
    this.#runtime = new RuntimeHealth(options.clock, options.runtime);
  }

  /** The node as last written; it stands for the node in events. */
  get node(): DeepReadonly<Node> | undefined {
    return this.#node;
  }

  /** Resolves once the node is there and ready for pods. */
  async start(): Promise<void> {
    const { runtime } = this.#options;
    this.#version = await runtime.version();
    await this.#register();
    this.#options.nodes.onChange({ updated: (node) => this.#observed(node) });
    await this.#options.nodes.start();
    this.#schedule(this.#leaseMs * RENEW_PART);
  }

  /** A server that is busy, or not there yet, is waited for; any other refusal is the caller's. */
  async #register(): Promise<void> {
    const { clock, log, traits } = this.#options;
    for (;;) {
      try {
        await this.#beat();
        return;
      } catch (error) {
        if (!isPassing(error)) throw error;
        log.warn({ node: traits.name, error }, 'the node could not be registered, trying again');
        await sleep(clock, REGISTER_RETRY_MS, this.#ended.signal);
        if (this.#stopped) return;
      }
    }
  }

  /** Ends the reports: nothing is written any more once it resolves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ended.abort();
    this.#timer?.cancel();
    await this.#beating;
  }

  /** Somebody says of this node what it did not say itself, that nobody knows how it is most likely: it says it again. */
  #observed(node: DeepReadonly<Node>): void {
    if (node.metadata.name !== this.#options.traits.name || this.#told === undefined || this.#denied) return;
    const ready = (status: DeepReadonly<NodeStatus> | undefined): string | undefined =>
      findCondition(status?.conditions, 'Ready')?.status;
    if (ready(node.status) === ready(this.#told)) return;
    this.#denied = true;
    this.#timer?.cancel();
    this.#schedule(DENIED_MS);
  }

  /** Something changed that the API should know before the next beat. */
  hurry(): void {
    this.#timer?.cancel();
    if (this.#timer !== undefined) this.#schedule(0);
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    const { clock, log, traits } = this.#options;
    const beat = (): void => {
      this.#timer = undefined;
      this.#beating = this.#beat()
        .catch((error: unknown) => log.warn({ node: traits.name, error }, 'the heartbeat of a node failed'))
        .then(() => this.#schedule(this.#leaseMs * RENEW_PART));
    };
    this.#timer = clock.after(delayMs, beat, { background: true });
  }

  async #beat(): Promise<void> {
    await this.#report();
    await this.#renew();
    this.#renewedAt = this.#options.clock.now();
  }

  async #renew(): Promise<void> {
    const { client, clock, traits } = this.#options;
    const renewTime = rfc3339Micro(clock.now());
    try {
      if (this.#lease !== undefined) {
        const spec = { ...this.#lease.spec, renewTime };
        this.#lease = await client.update(LEASES, { ...this.#lease, spec });
        return;
      }
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
    const lease: DeepReadonly<Draft<Lease>> = {
      metadata: { name: traits.name, ...this.#ownedByNode() },
      spec: { holderIdentity: traits.name, leaseDurationSeconds: Math.ceil(this.#leaseMs / 1000), renewTime },
    };
    try {
      this.#lease = await client.create(LEASES, LEASE_NAMESPACE, lease);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const there = await client.get(LEASES, LEASE_NAMESPACE, traits.name);
      this.#lease = await client.update(LEASES, { ...there, spec: { ...there.spec, ...lease.spec } });
    }
  }

  #ownedByNode(): Partial<Lease['metadata']> {
    if (this.#node === undefined) return {};
    const { name, uid } = this.#node.metadata;
    return { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] };
  }

  /** Writes the status when it changed, when it was long ago, or when the node is missing. */
  async #report(): Promise<void> {
    const { client, clock, traits, machine } = this.#options;
    const state = await this.#runtime.look();
    const pressures = this.#options.pressures();
    const now = clock.now();
    const known = this.#node !== undefined;
    const status = nodeStatus(
      traits,
      machine,
      { version: this.#version, runtime: state, pressures },
      this.#told ?? {},
      now,
    );
    const recent = now - this.#reportedAt < REPORT_MS && !this.#wasLost(now) && !this.#denied;
    if (known && recent && this.#told !== undefined && !differs(this.#told, status)) return;
    for (let attempt = 1; ; attempt++) {
      const node = await this.#orRegister();
      const { conditions: _, ...rest } = node.status;
      const seen = { version: this.#version, runtime: state, pressures };
      const fresh = nodeStatus(traits, machine, seen, node.status, now);
      try {
        this.#node = await client.updateStatus(NODES, { ...node, status: { ...rest, ...fresh } });
        this.#told = fresh;
        this.#denied = false;
        this.#reportedAt = now;
        return;
      } catch (error) {
        // Somebody else wrote (a taint, a label): on top of that then, and if it goes on, the next beat looks again.
        if (!isConflict(error) && !isNotFound(error)) throw error;
        this.#node = undefined;
        if (attempt < STATUS_ATTEMPTS_MAX) continue;
        if (!known) throw error;
        return;
      }
    }
  }

  /** The lease ran out meanwhile: others may have called the node unreachable. */
  #wasLost(now: number): boolean {
    return now - this.#renewedAt > this.#leaseMs;
  }

  async #orRegister(): Promise<DeepReadonly<Node>> {
    const { client, traits, machine } = this.#options;
    const labels = nodeLabels(traits, machine);
    try {
      const there = await client.get(NODES, '', traits.name);
      const merged = { ...there.metadata.labels, ...labels };
      if (deepEqualJson(there.metadata.labels ?? {}, merged)) return there;
      return await client.update(NODES, { ...there, metadata: { ...there.metadata, labels: merged } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    const taints = traits.taints === undefined ? {} : { taints: traits.taints };
    return client.create(NODES, '', { metadata: { name: traits.name, labels }, spec: taints });
  }
}

/** Whether two statuses differ in more than the times of their heartbeats. */
function differs(before: DeepReadonly<NodeStatus>, now: NodeStatus): boolean {
  const plain = ({ conditions = [], ...rest }: DeepReadonly<NodeStatus>): object => ({
    ...rest,
    conditions: conditions.map(({ lastHeartbeatTime: _lastHeartbeatTime, ...condition }) => condition),
  });
  return !deepEqualJson(plain(before), plain(now));
}
