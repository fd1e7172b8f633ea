/** Runs a reconciler: the one way in which every control loop of longshore works. */

import type { Clock } from '../apimachinery/clock.ts';
import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Random } from '../apimachinery/random.ts';
import type { Client, Resource, Selection } from './client.ts';
import type { Informer } from './informer.ts';

/**
 * Brings one object's world from what it is to what it should be. It is given a key and nothing else, so that nobody can
 * write edge-triggered logic. A thrown error means: again, with backoff. A returned number means: again in so many
 * milliseconds.
 */
export interface Reconciler {
  sync(key: string): Promise<number | undefined>;
}

/** A running part of the cluster: started once, stopped once. */
export interface Component {
  readonly name: string;
  /** Resolves when it works (informers synced, workers running). */
  start(): Promise<void>;
  /** Lets work in hand end, then releases everything. Idempotent. */
  stop(): Promise<void>;
}

/** Tells users what a component did to an object, as Events; never throws and never waits. */
export interface EventRecorder {
  /** `fieldPath` names a part of the object, as the kubelet does: `spec.containers{main}`. */
  event(
    about: DeepReadonly<ApiObject>,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    fieldPath?: string,
  ): void;
}

/** What a component reports in the newer form of events. */
export interface Report {
  readonly regarding: DeepReadonly<ApiObject>;
  /** Another object that had a part in it. */
  readonly related?: DeepReadonly<ApiObject>;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** What the component did, in a word for machines. */
  readonly action: string;
  /** In words, at most 1,024 bytes. */
  readonly note: string;
}

/** Records events in the newer form (events.k8s.io), with the same guarantees as {@link EventRecorder}. */
export interface EventReporter {
  report(report: Report): void;
}

/** One line of `/metrics`. */
export interface MetricSeries {
  /** As Prometheus names things: in snake case, with the unit, and `_total` at the end of a counter's. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  /** What it counts, in one line; the same for all series of a name. */
  readonly help: string;
  /** Default: none. Values come from a set that is small and known, never from users. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The value of now. Called only when somebody looks, so that counting costs a component no more than a number. */
  readonly read: () => number;
}

/** Where components show figures to whoever runs the cluster. */
export interface Metrics {
  /** Shows a series from now on. One of the same name and labels that was shown before makes way for it. */
  expose(series: MetricSeries): void;
}

/** What every component is made of. */
export interface ComponentContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** One informer for each kind and selection in a process: asking twice gives the same one. */
  informer<T extends ApiObject>(of: Resource<T>, selection?: Selection): Informer<T>;
  /** Events in the name of a component, on a host (a node's name) where it has one. */
  recorder(component: string, host?: string): EventRecorder;
  /** Events in the newer form, which upstream's scheduler writes. @param instance which of several it is: the controller's name and its host. */
  reporter(controller: string, instance: string): EventReporter;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Resolves when the server may be asked again for what failed: after that many milliseconds, or once somebody has reached it anew. Keeps no process alive. */
  retryPause(delayMs: number): Promise<void>;
}

/** Structured log lines for the operator. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
