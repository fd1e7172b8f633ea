/** Builds what every component of a process is made of. */
import type { Clock } from '../apimachinery/clock.ts';
import type { Random } from '../apimachinery/random.ts';
import type { Client } from './client.ts';
import { ComponentMetrics } from './component-metrics.ts';
import type { ComponentContext, Logger, Metrics } from './controller.ts';
import { EventSink } from './event-recorder.ts';
import { InformerFactory } from './informer-factory.ts';
import { Reconnection } from './reconnection.ts';

/** The parts that come from outside. */
export interface ComponentContextOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Longest pause of an informer that cannot reach the server, in milliseconds. Default 30 seconds. */
  readonly retryMsMax?: number;
  /** Who tells that the server is reached again. Default: nobody, as where the server is this process. */
  readonly reconnection?: Reconnection;
  /** Default: figures that nobody looks at. */
  readonly metrics?: Metrics;
}

/** A context that somebody owns: whoever built it stops it after its components. */
export interface OwnedComponentContext extends ComponentContext {
  /** Events that were lost: too many at a time, or refused by the server. */
  readonly droppedEvents: number;
  /** Starts the informers asked for so far; components that start their own informers need no such call. */
  startInformers(): Promise<void>;
  /** Stops all informers and lets event writes in hand end. Idempotent. */
  stop(): Promise<void>;
}

/** One context for all components that act as one user. */
export function componentContext(options: ComponentContextOptions): OwnedComponentContext {
  const { client, clock, random, log, metrics = new ComponentMetrics() } = options;
  const { reconnection = new Reconnection(clock) } = options;
  const informers = new InformerFactory({ ...options, reconnection });
  const events = new EventSink(options);
  return {
    client,
    clock,
    random,
    log,
    metrics,
    retryPause: (delayMs) => reconnection.pause(delayMs, undefined, { background: true }),
    informer: (of, selection) => informers.informer(of, selection),
    recorder: (component, host) => events.recorder(component, host),
    reporter: (controller, instance) => events.reporter(controller, instance),
    get droppedEvents() {
      return events.dropped;
    },
    startInformers: () => informers.start(),
    async stop() {
      informers.stop();
      await events.stop();
    },
  };
}
