/**
 * Keeps a copy current: lists, watches from there, takes a lost watch up again at its last revision, and lists anew when
 * the server no longer has that history. Upstream: client-go tools/cache/reflector.
 */
import { type Clock, sleep } from '../apimachinery/clock.ts';
import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Random } from '../apimachinery/random.ts';
import { isExpired, isTooManyRequests, StatusError } from '../apimachinery/status-error.ts';
import type { Watch, WatchEvent } from '../apimachinery/watch-event.ts';
import type { Client, List, Resource, Selection } from './client.ts';
import type { Logger } from './controller.ts';
import { crash } from './crash.ts';
import type { Reconnection } from './reconnection.ts';

/** Objects asked for in one page of a list: client-go's own, so that no answer holds a server up for long. */
const LIST_PAGE_OBJECTS = 500;
/** First pause after a failure in milliseconds; it doubles with each failure in a row and is drawn out by up to as much again. */
const BACKOFF_BASE_MS = 100;
/** Longest pause after failures in milliseconds, before jitter; client-go's own. */
const BACKOFF_MAX_MS = 30_000;
/** A watch that lasted so many milliseconds, or brought an event, counts as a success and ends a row of failures. */
const WATCH_WORKED_MS = 1_000;

/** Where the copy lies. Both calls return at once and never throw. */
interface ReflectorTarget<T> {
  /** The whole selection as it is now. */
  replace(objects: readonly DeepReadonly<T>[]): void;
  /** Changes in order, none of them a bookmark, none older than what was told before. */
  apply(events: readonly WatchEvent<T>[]): void;
}

/** What a reflector is made of. */
export interface ReflectorOptions<T extends ApiObject> {
  readonly client: Client;
  readonly of: Resource<T>;
  readonly selection: Selection;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Longest pause after failures in milliseconds, before jitter. Default 30 seconds, client-go's own. */
  readonly retryMsMax?: number;
  readonly reconnection: Reconnection;
  readonly target: ReflectorTarget<T>;
}

interface Listed<T> {
  readonly items: readonly DeepReadonly<T>[];
  readonly resourceVersion: string;
}

/** See the file's head. Runs from `start` to `stop`, once. */
export class Reflector<T extends ApiObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #stopped = new AbortController();
  #resourceVersion = '';
  #failures = 0;
  #started = false;
  #endWatch: (() => void) | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  /** Begins to list and watch. Idempotent. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#run().catch(crash);
  }

  /** Ends the watch; nothing is told to the target from the moment of the call. */
  stop(): void {
    this.#stopped.abort();
    this.#endWatch?.();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const listed = await this.#list();
      while (listed && !signal.aborted && (await this.#watch()) === 'resume');
    }
  }

  /** Takes in the whole selection; answers whether that succeeded, after a pause if not. */
  async #list(): Promise<boolean> {
    let listed: Listed<T>;
    try {
      listed = await this.#pages();
    } catch (error) {
      await this.#failed('cannot list', error);
      return false;
    }
    if (this.#stopped.signal.aborted) return false;
    this.#resourceVersion = listed.resourceVersion;
    this.#options.target.replace(listed.items);
    return true;
  }

  async #pages(): Promise<Listed<T>> {
    const { client, of, selection } = this.#options;
    const first = await client.list(of, selection, { limit: LIST_PAGE_OBJECTS });
    let next = first.metadata.continue;
    if (!next) return { items: first.items, resourceVersion: first.metadata.resourceVersion };
    const items = [...first.items];
    while (next && !this.#stopped.signal.aborted) {
      try {
        const page: List<T> = await client.list(of, selection, { limit: LIST_PAGE_OBJECTS, continue: next });
        for (const item of page.items) items.push(item);
        next = page.metadata.continue;
      } catch (error) {
        if (!isExpired(error)) throw error;
        // The pages' snapshot was compacted away while we read it: one answer cannot lose its snapshot.
        const whole = await client.list(of, selection);
        return { items: whole.items, resourceVersion: whole.metadata.resourceVersion };
      }
    }
    return { items, resourceVersion: first.metadata.resourceVersion };
  }

  /** Follows changes until the watch ends; answers whether to take it up where it ended or to list again. */
  async #watch(): Promise<'resume' | 'relist'> {
    const { client, of, selection, clock } = this.#options;
    const openedAt = clock.monotonic();
    let worked = false;
    let over = false;
    let finish: (reason: StatusError | undefined) => void = () => {};
    const ended = new Promise<StatusError | undefined>((resolve) => {
      finish = resolve;
    });
    let watch: Watch | undefined;
    const end = (reason?: StatusError): void => {
      over = true;
      finish(reason);
    };
    this.#endWatch = end;
    try {
      watch = await client.watch(of, selection, this.#resourceVersion, {
        next: (events) => {
          if (over) return;
          worked = true;
          this.#take(events);
        },
        end,
      });
      const reason = await ended;
      if (this.#stopped.signal.aborted) return 'resume';
      if (worked || clock.monotonic() - openedAt >= WATCH_WORKED_MS) this.#failures = 0;
      else if (reason === undefined) await this.#failed('watch ended at once', undefined);
      if (reason !== undefined) throw reason;
      return 'resume';
    } catch (error) {
      if (isExpired(error) && worked) return 'relist';
      await this.#failed('watch ended', error);
      return canResume(error) ? 'resume' : 'relist';
    } finally {
      over = true;
      this.#endWatch = undefined;
      watch?.stop();
    }
  }

  /** Passes on what is new. After a lost connection a server may repeat changes that were seen; they are left out. */
  #take(events: readonly WatchEvent<T>[]): void {
    let seen = Number(this.#resourceVersion);
    let repeated = false;
    let bookmarks = false;
    const fresh: WatchEvent<T>[] = [];
    for (const event of events) {
      const { resourceVersion } = (event.object as DeepReadonly<ApiObject>).metadata;
      const revision = Number(resourceVersion);
      // Another server's versions may be no numbers: then nothing compares, and every event counts as new.
      if (revision <= seen) {
        repeated = true;
        continue;
      }
      seen = revision;
      this.#resourceVersion = resourceVersion;
      if (event.type === 'BOOKMARK') bookmarks = true;
      else fresh.push(event);
    }
    if (fresh.length === 0) return;
    try {
      this.#options.target.apply(repeated || bookmarks ? fresh : events);
    } catch (error) {
      crash(error);
    }
  }

  async #failed(what: string, error: unknown): Promise<void> {
    const { signal } = this.#stopped;
    if (signal.aborted) return;
    const { clock, random, log, of, reconnection, retryMsMax = BACKOFF_MAX_MS } = this.#options;
    const steps = Math.min(this.#failures, 20);
    this.#failures += 1;
    const pause = Math.min(BACKOFF_BASE_MS * 2 ** steps, retryMsMax) * (1 + random.fraction());
    const asked = error instanceof StatusError ? (error.status.details?.retryAfterSeconds ?? 0) * 1000 : 0;
    const waitMs = Math.round(Math.max(pause, asked));
    const fields = { resource: of.resource, resourceVersion: this.#resourceVersion, waitMs, error };
    // Once is nothing: servers end watches, connections break, and the next try mends it.
    if (steps === 0 || isExpired(error)) log.debug(fields, `${of.resource}: ${what}`);
    else log.warn(fields, `${of.resource}: ${what}, trying again`);
    // A server that named a time means it.
    await (asked > 0 ? sleep(clock, waitMs, signal) : reconnection.pause(waitMs, signal));
  }
}

/** Whether the server may still have the history after our last revision: it was busy or not to be reached. */
function canResume(error: unknown): boolean {
  if (!(error instanceof StatusError)) return true;
  // 504 is the answer to a revision that the server has not reached, as after a restore: only a list gets on from there.
  return isTooManyRequests(error) || (error.code >= 500 && error.code !== 504);
}
