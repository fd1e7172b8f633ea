/** Writes events without ever holding anybody up: correlates, queues within limits, writes a few at a time. */
import { type Clock, rfc3339Micro, type Timer } from '../apimachinery/clock.ts';
import type { ApiObject, DeepReadonly, Draft } from '../apimachinery/meta/object.ts';
import { isNotFound } from '../apimachinery/status-error.ts';
import type { Event } from '../apis/core/types.ts';
import type { Event as ReportedEvent } from '../apis/events/index.ts';
import type { Client } from './client.ts';
import type { EventRecorder, EventReporter, Logger, Report } from './controller.ts';
import { EventCorrelator } from './event-correlator.ts';
import { EventSeries, SERIES_LOOK_MS } from './event-series.ts';
import { EVENTS, REPORTED_EVENTS } from './resources.ts';

/** Events that wait to be written, as many as client-go's broadcaster holds; beyond, new ones are dropped and counted. */
const QUEUED_EVENTS_MAX = 1_000;
/** Events being written at the same time: enough for the store to commit them in groups. */
const WRITES_IN_FLIGHT_MAX = 8;
/** Events written at once after a quiet time; a Job of some hundred pods shows all of its events without delay. */
const BURST_EVENTS = 1_000;
/** Events a second once the burst is used up, so that thousands of pods a second do not mean thousands of events. */
const EVENTS_PER_SECOND = 100;

/** An event on its way to the server, in one of its two forms. */
interface QueuedWrite {
  readonly kind: 'create' | 'update';
  readonly form: 'recorded' | 'reported';
  readonly event: Event | ReportedEvent;
  /** Gives way in a flood. */
  readonly common: boolean;
}

/** What the events of one process are written with. */
export interface EventSinkOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The way of all events of one process to the server. Its limits hold for all recorders together. */
export class EventSink {
  readonly #options: EventSinkOptions;
  readonly #correlator = new EventCorrelator();
  readonly #series = new EventSeries();
  #looking: Timer | undefined;
  /** By `namespace/name`: a later count of an event that still waits replaces it. Rare events are written first. */
  readonly #rare = new Map<string, QueuedWrite>();
  readonly #common = new Map<string, QueuedWrite>();
  readonly #writes = new Set<Promise<void>>();
  #tokens = BURST_EVENTS;
  #filledAt: number;
  #refilling = false;
  #sequence = 0;
  #dropped = 0;
  #stopped = false;

  constructor(options: EventSinkOptions) {
    this.#options = options;
    this.#filledAt = options.clock.monotonic();
  }

  /** Events lost because too many waited, or because the server refused them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A recorder in the name of `component`, on `host` where it has one. */
  recorder(component: string, host?: string): EventRecorder {
    return {
      event: (about, type, reason, message, fieldPath) => {
        if (this.#stopped) return;
        // In a flood nothing is made of an event that would not find room.
        const common = isCommon(type, about.kind);
        if (common && this.#isFull) {
          this.#dropped += 1;
          return;
        }
        const now = this.#options.clock.now();
        const event = {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: this.#metadata(about, now),
          involvedObject: referenceTo(about, fieldPath),
          type,
          reason,
          message,
          source: { component, ...(host === undefined ? {} : { host }) },
          reportingComponent: component,
          reportingInstance: host ?? '',
        };
        const write = this.#correlator.correlate(event, now);
        if (write !== undefined) this.#enqueue({ ...write, form: 'recorded', common });
      },
    };
  }

  /** A reporter in the name of `controller`, of which `instance` is one. */
  reporter(controller: string, instance: string): EventReporter {
    return {
      report: (report) => {
        if (this.#stopped) return;
        const common = isCommon(report.type, report.regarding.kind);
        if (common && this.#isFull) {
          this.#dropped += 1;
          return;
        }
        const now = this.#options.clock.now();
        const write = this.#series.observe(this.#reported(report, controller, instance, now), now);
        this.#lookLater();
        if (write !== undefined) this.#enqueue({ ...write, form: 'reported', common });
      },
    };
  }

  #reported(
    { regarding, related, type, reason, action, note }: Report,
    reportingController: string,
    reportingInstance: string,
    now: number,
  ): ReportedEvent {
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: this.#metadata(regarding, now),
      eventTime: rfc3339Micro(now),
      reportingController,
      reportingInstance,
      action,
      reason,
      regarding: referenceTo(regarding, undefined),
      ...(related === undefined ? {} : { related: referenceTo(related, undefined) }),
      note,
      type,
    };
  }

  #metadata(
    { metadata: { name, namespace = 'default' } }: DeepReadonly<ApiObject>,
    now: number,
  ): Event['metadata'] {
    return { name: `${name}.${this.#stamp(now)}`, namespace } as Event['metadata'];
  }

  /** Tells series that have ended, or that have gone on for long. */
  #lookLater(): void {
    const { clock } = this.#options;
    this.#looking ??= clock.after(
      SERIES_LOOK_MS,
      () => {
        this.#looking = undefined;
        for (const write of this.#series.look(clock.now())) {
          this.#enqueue({ ...write, form: 'reported', common: true });
        }
        if (!this.#series.isEmpty) this.#lookLater();
      },
      { background: true },
    );
  }

  /** Lets writes in hand end; what waits is dropped, and so is every later event. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#looking?.cancel();
    this.#dropped += this.#rare.size + this.#common.size;
    this.#rare.clear();
    this.#common.clear();
    await Promise.all(this.#writes);
  }

  get #isFull(): boolean {
    return this.#rare.size + this.#common.size >= QUEUED_EVENTS_MAX;
  }

  /** Nanoseconds since 1970 as hexadecimal, as upstream ends an event's name; the last digits count within a millisecond. */
  #stamp(nowMs: number): string {
    this.#sequence = (this.#sequence + 1) % 1_000_000;
    return (BigInt(nowMs) * 1_000_000n + BigInt(this.#sequence)).toString(16);
  }

  #enqueue(write: QueuedWrite): void {
    const { namespace, name } = write.event.metadata;
    const key = `${namespace}/${name}`;
    const queue = write.common ? this.#common : this.#rare;
    const waiting = queue.get(key);
    if (waiting === undefined && this.#isFull) {
      this.#dropped += 1;
      const oldest = this.#common.keys().next();
      if (queue === this.#common || oldest.done) return;
      this.#common.delete(oldest.value);
    }
    queue.set(key, waiting === undefined ? write : { ...write, kind: waiting.kind });
    this.#pump();
  }

  #pump(): void {
    this.#refill();
    while (this.#writes.size < WRITES_IN_FLIGHT_MAX && this.#tokens >= 1) {
      const queue = this.#rare.size > 0 ? this.#rare : this.#common;
      const next = queue.entries().next();
      if (next.done) return;
      queue.delete(next.value[0]);
      this.#tokens -= 1;
      const writing = this.#write(next.value[1]).finally(() => {
        this.#writes.delete(writing);
        this.#pump();
      });
      this.#writes.add(writing);
    }
    if (this.#tokens < 1 && this.#rare.size + this.#common.size > 0) this.#wakeLater();
  }

  #refill(): void {
    const now = this.#options.clock.monotonic();
    const gained = ((now - this.#filledAt) * EVENTS_PER_SECOND) / 1000;
    this.#tokens = Math.min(BURST_EVENTS, this.#tokens + gained);
    this.#filledAt = now;
  }

  #wakeLater(): void {
    if (this.#refilling) return;
    this.#refilling = true;
    const wake = (): void => {
      this.#refilling = false;
      this.#pump();
    };
    this.#options.clock.after((WRITES_IN_FLIGHT_MAX * 1000) / EVENTS_PER_SECOND, wake, { background: true });
  }

  async #write(write: QueuedWrite): Promise<void> {
    const { client, log } = this.#options;
    const { kind, form, event } = write;
    const { namespace = '', name } = event.metadata;
    try {
      if (kind === 'update' && (await this.#update(namespace, name, write))) return;
      if (form === 'recorded') await client.create(EVENTS, namespace, event as DeepReadonly<Draft<Event>>);
      else await client.create(REPORTED_EVENTS, namespace, event as DeepReadonly<Draft<ReportedEvent>>);
    } catch (error) {
      this.#dropped += 1;
      log.debug({ namespace, name, reason: event.reason, error }, `event ${event.reason} was not written`);
    }
  }

  /** Sets the new count; answers whether the event was still there. */
  async #update(namespace: string, name: string, { form, event }: QueuedWrite): Promise<boolean> {
    const { client } = this.#options;
    try {
      if (form === 'reported') {
        const type = 'application/strategic-merge-patch+json';
        await client.patch(REPORTED_EVENTS, namespace, name, type, { series: event.series });
        return true;
      }
      const { count, lastTimestamp, message } = event as Event;
      const patch = { count, lastTimestamp, message };
      await client.patch(EVENTS, namespace, name, 'application/merge-patch+json', patch);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}

/** Every pod has its events of the ordinary run of things; in a flood they give way to warnings and to what Jobs say. */
function isCommon(type: string | undefined, kind: string | undefined): boolean {
  return type === 'Normal' && kind === 'Pod';
}

function referenceTo(about: DeepReadonly<ApiObject>, fieldPath: string | undefined): Event['involvedObject'] {
  const { namespace, name, uid, resourceVersion } = about.metadata;
  return {
    kind: about.kind,
    ...(namespace ? { namespace } : {}),
    name,
    uid,
    apiVersion: about.apiVersion,
    ...(resourceVersion ? { resourceVersion } : {}),
    ...(fieldPath ? { fieldPath } : {}),
  };
}
