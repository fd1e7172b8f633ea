/**
 * Learns of containers' exits from the engine's events. Whatever happens to that stream, an exit is told in the end, because
 * every new stream begins with a look at all containers. Podman notes an exit only when somebody looks, so that there the
 * containers are looked at again and again while one may be running.
 */
import { type Clock, sleep } from '../../../apimachinery/clock.ts';
import type { Logger } from '../../../client/index.ts';
import { OWNER_LABEL, type Owner } from '../owner.ts';
import { DockerError } from './docker-error.ts';
import type { EngineClient } from './engine-client.ts';
import { linesOf } from './lines.ts';
import { ROLE_LABEL } from './own-labels.ts';

/** Pause before a broken stream is opened again, milliseconds. */
const AGAIN_MS = 500;

/** Pause between two looks where exits are noted by looking, milliseconds: Podman's own between two of its. */
const LOOK_MS = 250;

/** What the watch asks of the runtime. */
export interface ExitSource {
  readonly client: EngineClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly owner: Owner;
  /** Whether exits are noted only when somebody looks. */
  readonly needsLooks: boolean;
  /** Whether a container of this owner is running. */
  isAnyRunning(): Promise<boolean>;
  /** Ids of all containers that have ended. */
  exitedContainers(): Promise<readonly string[]>;
  /** A container has ended: tells whoever listens. Rejects with {@link DockerError}. */
  report(id: string): Promise<void>;
}

/** See the file's head. */
export class ExitWatch {
  readonly #source: ExitSource;
  readonly #stopped = new AbortController();
  /** Ended containers that were told, as far as the last full look found them still there. */
  #told = new Set<string>();
  #isLooking = false;
  /** Counts the starts of containers, so that one is noticed that begins while the last look is under way. */
  #starts = 0;

  constructor(source: ExitSource) {
    this.#source = source;
    void this.#run();
    this.started();
  }

  /** A container was started, or may have been. */
  started(): void {
    this.#starts += 1;
    if (!this.#source.needsLooks || this.#isLooking) return;
    this.#isLooking = true;
    void this.#look().finally(() => {
      this.#isLooking = false;
    });
  }

  /** Tells nothing from now on. Idempotent. */
  stop(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const { clock, log } = this.#source;
    while (!signal.aborted) {
      try {
        await this.#listen();
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ error }, 'lost the events of the Docker Engine; opening them again');
      }
      await sleep(clock, AGAIN_MS, signal);
    }
  }

  async #listen(): Promise<void> {
    const { client, owner } = this.#source;
    const label = [`${OWNER_LABEL}=${owner.id}`, `${ROLE_LABEL}=container`];
    // Podman chooses by its own word for the same event.
    const filters = { type: ['container'], event: ['die', 'died'], label };
    const events = await client.stream('/events', { filters }, this.#stopped.signal);
    await this.#lookAtAll();
    for await (const line of linesOf(events)) {
      const id = idIn(line);
      if (id !== undefined) void this.#report(id);
    }
  }

  /** Looks for as long as a container runs. */
  async #look(): Promise<void> {
    const { signal } = this.#stopped;
    const { clock } = this.#source;
    for (let seen = -1; !signal.aborted; ) {
      try {
        const starts = this.#starts;
        const isRunning = await this.#source.isAnyRunning();
        await this.#lookAtAll();
        if (!isRunning && seen === starts) return;
        seen = starts;
      } catch (error) {
        // The engine is gone for a while; what runs in it may go on.
        if (!(error instanceof DockerError)) throw error;
      }
      await sleep(clock, LOOK_MS, signal);
    }
  }

  async #lookAtAll(): Promise<void> {
    const exited = await this.#source.exitedContainers();
    const news = exited.filter((id) => !this.#told.has(id));
    this.#told = new Set(exited);
    for (const id of news) void this.#report(id);
  }

  async #report(id: string): Promise<void> {
    try {
      if (!this.#stopped.signal.aborted) await this.#source.report(id);
    } catch (error) {
      if (!(error instanceof DockerError)) throw error;
      // Gone meanwhile; or the engine is, and the next stream begins with a look at all.
      if (error.code !== 404) this.#told.delete(id);
    }
  }
}

function idIn(line: string): string | undefined {
  if (line.trim() === '') return undefined;
  const { Actor } = JSON.parse(line) as { readonly Actor?: { readonly ID?: string } };
  return Actor?.ID;
}
