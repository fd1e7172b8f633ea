/** Gives every part of a process the same informer for the same kind and selection. */
import type { Clock } from '../apimachinery/clock.ts';
import type { ApiObject } from '../apimachinery/meta/object.ts';
import type { Random } from '../apimachinery/random.ts';
import type { Client, Resource, Selection } from './client.ts';
import type { Logger } from './controller.ts';
import type { Informer } from './informer.ts';
import type { Reconnection } from './reconnection.ts';
import { SharedInformer } from './shared-informer.ts';

/** What the informers of one process are made of. */
export interface InformerFactoryOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Longest pause of an informer that cannot reach the server, in milliseconds. Default 30 seconds. */
  readonly retryMsMax?: number;
  readonly reconnection: Reconnection;
}

/** See the file's head. An informer asked for after `start` is started by whoever asked, or by the next `start`. */
export class InformerFactory {
  readonly #options: InformerFactoryOptions;
  readonly #informers = new Map<string, { start(): Promise<void>; stop(): void }>();

  constructor(options: InformerFactoryOptions) {
    this.#options = options;
  }

  /** The informer of that kind and selection. */
  informer<T extends ApiObject>(of: Resource<T>, selection: Selection = {}): Informer<T> {
    const { namespace = '', labelSelector = '', fieldSelector = '' } = selection;
    const id = JSON.stringify([of.group, of.version, of.resource, namespace, labelSelector, fieldSelector]);
    const known = this.#informers.get(id);
    // The id holds the kind, so an informer found under it carries objects of that kind.
    if (known !== undefined) return known as SharedInformer<T>;
    const made = new SharedInformer<T>({ ...this.#options, of, selection });
    this.#informers.set(id, made);
    return made;
  }

  /** Starts every informer asked for so far; resolves when all of them are synced. */
  async start(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((each) => each.start()));
  }

  /** Stops every informer. */
  stop(): void {
    for (const each of this.#informers.values()) each.stop();
  }
}
