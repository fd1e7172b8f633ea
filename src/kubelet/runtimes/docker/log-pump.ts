/** Takes over what one container prints, from the engine's log into the one that Kubernetes knows. */
import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, sleep } from '../../../apimachinery/clock.ts';
import type { Logger } from '../../../client/index.ts';
import { DockerError } from './docker-error.ts';
import type { EngineClient } from './engine-client.ts';
import type { EngineContainer } from './engine-types.ts';
import { lineOf, newLogReader } from './log-entries.ts';
import { LogPosition } from './log-position.ts';

/** Pause before a lost log is asked for again, milliseconds. */
const AGAIN_MS = 500;

/** Which container, and where its log goes. */
export interface LogPlace {
  readonly id: string;
  readonly tty: boolean;
  readonly logFile: string;
}

/** What a pump depends on. */
export interface LogPumpOptions {
  readonly client: EngineClient;
  readonly clock: Clock;
  readonly log: Logger;
}

/** See the file's head. Begins where the log ends. */
export class LogPump {
  /** Resolves when all was taken over and nothing more will come, or taking over was stopped. */
  readonly over: Promise<void>;
  readonly #options: LogPumpOptions;
  readonly #place: LogPlace;
  readonly #stopped = new AbortController();
  #file: number;
  #isOver = false;

  /** @param begun resolves when there is something to take over; when it rejects, there never will be. */
  constructor(options: LogPumpOptions, place: LogPlace, begun: Promise<unknown>) {
    this.#options = options;
    this.#place = place;
    mkdirSync(dirname(place.logFile), { recursive: true, mode: 0o755 });
    this.#file = openSync(place.logFile, 'a', 0o640);
    this.over = begun
      .then(
        () => this.#run(),
        () => undefined,
      )
      .finally(() => {
        this.#isOver = true;
        closeSync(this.#file);
      });
  }

  /** Goes on in a new file, the old one having been renamed. */
  reopen(): void {
    if (this.#isOver) return;
    const next = openSync(this.#place.logFile, 'a', 0o640);
    closeSync(this.#file);
    this.#file = next;
  }

  /** Takes nothing over from now on. Idempotent. */
  stop(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#takeOver(true);
        if (!(await this.#mayGoOn())) {
          // Engines may end a log that is followed before the last of it was read: what was written as the container ended.
          await this.#takeOver(false);
          return;
        }
      } catch (error) {
        if (signal.aborted || (error instanceof DockerError && error.code === 404)) return;
        log.debug({ container: this.#place.id, error }, 'lost the log of a container; asking for it again');
      }
      await sleep(clock, AGAIN_MS, signal);
    }
  }

  async #takeOver(follow: boolean): Promise<void> {
    const { id, tty, logFile } = this.#place;
    const position = LogPosition.of(logFile);
    const query = { follow, stdout: true, stderr: true, timestamps: true, since: position.since };
    const { signal } = this.#stopped;
    const answer = await this.#options.client.stream(`/containers/${id}/logs`, query, signal);
    const reader = newLogReader(tty);
    for await (const block of answer as AsyncIterable<Buffer>) {
      if (signal.aborted) return;
      const news = reader.push(block).filter((entry) => entry.time !== '' && position.isNew(entry));
      this.#append(Buffer.concat(news.map(lineOf)));
    }
  }

  /** An engine may end a log before its container has ended. */
  async #mayGoOn(): Promise<boolean> {
    const { client } = this.#options;
    const { State } = await client.get<EngineContainer>(`/containers/${this.#place.id}/json`);
    return State.Running;
  }

  #append(bytes: Buffer): void {
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
  }
}

/** Whether a log can be written there: not where the pod's directory is gone. */
export function hasPlace({ logFile }: LogPlace): boolean {
  return existsSync(dirname(dirname(logFile)));
}
