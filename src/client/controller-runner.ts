/** Turns a reconciler and its queue into a running component. */
import { InvariantError, invariant } from '../apimachinery/invariant.ts';
import { isConflict } from '../apimachinery/status-error.ts';
import type { Component, Logger, Reconciler } from './controller.ts';
import { crash } from './crash.ts';
import type { Workqueue } from './workqueue.ts';

/** What a controller runs on. */
export interface ControllerOptions {
  /** For messages: `job-controller`. */
  readonly name: string;
  readonly reconciler: Reconciler;
  /** The controller's own queue; `stop` shuts it down. */
  readonly queue: Workqueue;
  readonly log: Logger;
  /** The local copies that `sync` reads; the workers begin when all of them are synced. */
  readonly informers: readonly { start(): Promise<void> }[];
  /** How many keys are worked on at the same time. Default 5, as most of upstream's controllers. */
  readonly workers?: number;
}

const DEFAULT_WORKERS = 5;

/**
 * Keys that a controller works on before everybody else gets a turn of the loop. Reads of this process's own server need none,
 * so that a controller whose work never ends would keep the server from answering, and from ending, for ever.
 */
const SYNCS_A_TURN_MAX = 256;

/**
 * A component that hands keys of the queue to the reconciler: one key to one worker at a time, a failed key again with
 * backoff, a key that asks for it again after its delay. `stop` lets syncs in hand end and leaves waiting keys.
 */
export function newController(options: ControllerOptions): Component {
  return new Controller(options);
}

class Controller implements Component {
  readonly name: string;
  readonly #options: ControllerOptions;
  #workers: Promise<void>[] = [];
  #started = false;
  #stopping = false;
  /** Syncs begun in this turn of the loop. */
  #syncs = 0;

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async start(): Promise<void> {
    invariant(!this.#started, `${this.name} was started twice`);
    this.#started = true;
    await Promise.all(this.#options.informers.map((informer) => informer.start()));
    if (this.#stopping) return;
    const count = this.#options.workers ?? DEFAULT_WORKERS;
    this.#workers = Array.from({ length: count }, () => this.#work());
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#options.queue.shutDown();
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    const { queue } = this.#options;
    while (!this.#stopping) {
      const key = await queue.take();
      if (key === undefined) return;
      if (!this.#stopping) await this.#sync(key);
      queue.done(key);
      await this.#giveWay();
    }
  }

  async #giveWay(): Promise<void> {
    if (this.#syncs === 0) {
      setImmediate(() => {
        this.#syncs = 0;
      });
    }
    this.#syncs += 1;
    if (this.#syncs > SYNCS_A_TURN_MAX) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  async #sync(key: string): Promise<void> {
    const { queue, reconciler, log } = this.#options;
    try {
      const againMs = await reconciler.sync(key);
      queue.forget(key);
      if (againMs !== undefined) queue.addAfter(key, againMs);
    } catch (error) {
      // A broken invariant is a bug of ours: it ends the process instead of being tried again for ever.
      if (error instanceof InvariantError) crash(error);
      queue.addRateLimited(key);
      const fields = { controller: this.name, key, retries: queue.requeues(key), error };
      // A conflict is the ordinary way to learn that the copy was behind.
      if (isConflict(error)) log.debug(fields, `${this.name}: ${key} changed meanwhile, trying again`);
      else log.warn(fields, `${this.name}: ${key} failed, trying again`);
    }
  }
}
