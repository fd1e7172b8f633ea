/**
 * Lets one of several processes lead: whoever holds a Lease and keeps renewing it. Upstream: client-go tools/leaderelection.
 *
 * Guarantees: at most one leads at a time as long as the processes' clocks run at about the same rate (their times of day
 * need not agree); whoever cannot renew stops leading before another may begin. It does not fence: what a former leader has
 * under way at the server may still arrive.
 */
import { type Clock, rfc3339Micro, sleep } from '../apimachinery/clock.ts';
import { invariant } from '../apimachinery/invariant.ts';
import type { DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Random } from '../apimachinery/random.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../apimachinery/status-error.ts';
import type { Lease, LeaseSpec } from '../apis/coordination/types.ts';
import type { Client } from './client.ts';
import type { Component, EventRecorder, Logger } from './controller.ts';
import { LEASES } from './resources.ts';

/** Milliseconds that others wait after the last renewal that they saw; client-go's own for control planes. */
const LEASE_MS = 15_000;
/** Milliseconds without a successful renewal after which a leader gives up; must be less than {@link LEASE_MS}. */
const RENEW_DEADLINE_MS = 10_000;
/** Milliseconds between tries. */
const RETRY_MS = 2_000;
/** Those who do not lead wait up to so much longer, as a share, so that they do not all try at once. */
const JITTER = 1.2;

/** What an election needs. */
export interface LeaderElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly namespace: string;
  /** The Lease's name: what is led. */
  readonly name: string;
  /** Who this process is; different for each. */
  readonly identity: string;
  /** Called once each time that this process begins to lead. Returns at once. */
  readonly onLeading: () => void;
  /** Called once each time that it no longer does. Returns at once; whatever needs the lead must have stopped working then. */
  readonly onLost: () => void;
}

/** A component that competes for the lead from start to stop; stopping gives the lead away at once. */
export function newLeaderElection(options: LeaderElectionOptions): Component {
  return new LeaderElection(options);
}

class LeaderElection implements Component {
  readonly name: string;
  readonly #options: LeaderElectionOptions;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  /** The lease as last seen, and when it was first seen so (monotonic). */
  #seen: DeepReadonly<Lease> | undefined;
  #seenAt = 0;

  constructor(options: LeaderElectionOptions) {
    this.name = `leader-election-${options.name}`;
    this.#options = options;
  }

  start(): Promise<void> {
    invariant(this.#running === undefined, `${this.name} was started twice`);
    this.#running = this.#run();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, random, log, events, name, identity, onLeading, onLost } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      if (!(await this.#try())) {
        await sleep(clock, RETRY_MS * (1 + JITTER * random.fraction()), signal);
        continue;
      }
      log.info({ lease: name, identity }, `${identity} leads ${name}`);
      if (this.#seen !== undefined) {
        events.event(this.#seen, 'Normal', 'LeaderElection', `${identity} became leader`);
      }
      onLeading();
      await this.#keep();
      onLost();
      if (signal.aborted) await this.#release();
      else log.warn({ lease: name, identity }, `${identity} no longer leads ${name}`);
    }
  }

  /** Renews until that has failed for too long or another leads. */
  async #keep(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopped;
    let renewedAt = clock.monotonic();
    for (;;) {
      await sleep(clock, RETRY_MS, signal);
      if (signal.aborted) return;
      // An answer that never comes must not let the lease run out unnoticed.
      const left = RENEW_DEADLINE_MS - (clock.monotonic() - renewedAt);
      const answered = new AbortController();
      const renewed = await Promise.race([
        this.#try(),
        sleep(clock, left, answered.signal).then(() => false),
      ]);
      answered.abort();
      if (renewed) renewedAt = clock.monotonic();
      else if (this.#seen?.spec.holderIdentity !== this.#options.identity) return;
      if (clock.monotonic() - renewedAt >= RENEW_DEADLINE_MS) return;
    }
  }

  /** Takes the lease or renews it; answers whether this process holds it now. */
  async #try(): Promise<boolean> {
    const { client, clock, log, namespace, name, identity } = this.#options;
    try {
      const lease = await this.#read();
      const now = rfc3339Micro(clock.now());
      if (lease === undefined) {
        const spec = this.#spec({ acquireTime: now, leaseTransitions: 0 }, now);
        this.#see(await client.create(LEASES, namespace, { metadata: { name, namespace }, spec }));
        return true;
      }
      const { holderIdentity = '', leaseTransitions = 0, leaseDurationSeconds = 0, ...rest } = lease.spec;
      const mine = holderIdentity === identity;
      const isFresh = clock.monotonic() - this.#seenAt < leaseDurationSeconds * 1000;
      if (!mine && holderIdentity !== '' && isFresh) return false;
      const kept = mine
        ? { ...rest, leaseTransitions }
        : { ...rest, acquireTime: now, leaseTransitions: leaseTransitions + 1 };
      this.#see(await client.update(LEASES, { ...lease, spec: this.#spec(kept, now) }));
      return true;
    } catch (error) {
      // Somebody else was quicker: what they wrote is seen at the next try.
      const fields = { lease: name, identity, error };
      if (isConflict(error) || isAlreadyExists(error))
        log.debug(fields, `the lease ${name} changed meanwhile`);
      else log.warn(fields, `the lease ${name} could not be taken or renewed`);
      return false;
    }
  }

  async #read(): Promise<DeepReadonly<Lease> | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      const lease = await client.get(LEASES, namespace, name);
      this.#see(lease);
      return lease;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #see(lease: DeepReadonly<Lease>): void {
    if (this.#seen?.metadata.resourceVersion === lease.metadata.resourceVersion) return;
    this.#seen = lease;
    this.#seenAt = this.#options.clock.monotonic();
  }

  #spec(kept: LeaseSpec, now: string): LeaseSpec {
    const { identity } = this.#options;
    return { ...kept, holderIdentity: identity, leaseDurationSeconds: LEASE_MS / 1000, renewTime: now };
  }

  /** Lets others lead at once, if this process still holds the lease. */
  async #release(): Promise<void> {
    const { client, clock, log, identity } = this.#options;
    const lease = this.#seen;
    if (lease?.spec.holderIdentity !== identity) return;
    const now = rfc3339Micro(clock.now());
    const { leaseTransitions = 0 } = lease.spec;
    const spec = {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
      leaseTransitions,
    };
    try {
      this.#see(await client.update(LEASES, { ...lease, spec }));
    } catch (error) {
      log.debug({ lease: lease.metadata.name, error }, 'the lease was not given away and runs out by itself');
    }
  }
}
