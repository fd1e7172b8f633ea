import type { Clock, Timer } from '../../apimachinery/clock.ts';
import { newExpired, newServiceUnavailable, type StatusError } from '../../apimachinery/status-error.ts';
import type { Watch, WatchEvent, WatchObserver } from '../../apimachinery/watch-event.ts';
import type { StorageError, StorageEvent } from '../../storage/storage.ts';
import type { Circumstances } from '../circumstances.ts';
import { parametersOf } from '../options/parameters.ts';
import { newTooLargeResourceVersion } from '../options/resource-version.ts';
import { type Selection, selectionOf } from '../options/selection.ts';
import { type WatchOptions, watchOptions } from '../options/watch-options.ts';
import { prefixOf, present, type ServedResource } from '../served-resource.ts';
import type { Workings } from '../workings.ts';
import { storageCode } from './storage-answers.ts';
import { bookmark, EventTranslator } from './watch-events.ts';

/** Milliseconds between bookmarks, before chance makes it up to a fifth shorter so that watchers do not tick together. */
const BOOKMARK_PERIOD_MS = 60_000;
/** Milliseconds before its time is up that a watch gets a last bookmark, for the client to go on from. */
const LAST_BOOKMARK_LEAD_MS = 2_000;
/** Seconds that a watch lasts when its client names no timeout, before chance makes it up to twice as long (upstream's). */
const DEFAULT_TIMEOUT_SECONDS = 1_800;

/**
 * Milliseconds that a watch waits in silence for the revision after which it is to start. Upstream waits for ever; here a
 * client of a store that was lost or restored learns in the end that it has to list again.
 */
const FUTURE_PATIENCE_MS = 30_000;
/** Milliseconds that initial events wait for the revision as new as which they are to be (upstream's). */
const FRESH_WAIT_MS = 3_000;
/** Milliseconds between two looks at how far the store has come, in that time. */
const FRESH_LOOK_MS = 50;

const translators = new WeakMap<ServedResource, EventTranslator>();

/** The translator of a resource, one for all its watchers. */
function translatorOf(served: ServedResource): EventTranslator {
  let translator = translators.get(served);
  if (translator === undefined) {
    translator = new EventTranslator(served);
    translators.set(served, translator);
  }
  return translator;
}

/**
 * Opens a watch. A start that the store no longer has is no rejection: the watch opens and ends with 410 Expired, which
 * HTTP shows as an ERROR event, as upstream does.
 */
export async function watch(
  workings: Workings,
  served: ServedResource,
  context: Circumstances,
  observer: WatchObserver,
): Promise<Watch> {
  const { request } = context;
  const options = watchOptions(parametersOf(request));
  const selection = selectionOf(served, request, options.selectors);
  const prefix = prefixOf(served, request.namespace);
  const session = new WatchSession(workings, served, selection, options, observer);
  if (request.signal?.aborted) return { stop: () => {} };
  if ((options.timeoutSeconds ?? 0) < 0) {
    setImmediate(() => observer.end());
    return { stop: () => {} };
  }
  if (options.initialEvents) {
    const isFresh =
      options.after <= workings.storage.revision || (await becomesFresh(workings, options.after));
    if (!isFresh) {
      const reason = newTooLargeResourceVersion(options.after, workings.storage.revision);
      setImmediate(() => observer.end(reason));
      return { stop: () => {} };
    }
    const page = await workings.storage.list(prefix);
    const events: WatchEvent[] = [];
    for (const stored of page.items) {
      const object = present(served, stored.object);
      if (selection.everything || selection.matches(object)) events.push({ type: 'ADDED', object });
    }
    if (options.markInitialEvents) events.push(bookmark(served, page.revision, true));
    session.open(prefix, page.revision, events);
  } else {
    session.open(prefix, options.after === 0 ? workings.storage.revision : options.after, []);
  }
  request.signal?.addEventListener('abort', () => session.stop(), { once: true });
  return session;
}

/** Waits a moment for the store to come to a revision; answers whether it has. */
async function becomesFresh({ storage, clock }: Workings, revision: number): Promise<boolean> {
  const end = clock.monotonic() + FRESH_WAIT_MS;
  while (storage.revision < revision && clock.monotonic() < end) {
    await new Promise<void>((resolve) => {
      clock.after(FRESH_LOOK_MS, resolve, { background: true });
    });
  }
  return storage.revision >= revision;
}

/** One open watch: filters what the store tells, adds bookmarks, ends when its time is up. */
class WatchSession implements Watch {
  readonly #workings: Workings;
  readonly #served: ServedResource;
  readonly #selection: Selection;
  readonly #options: WatchOptions;
  readonly #observer: WatchObserver;
  readonly #translator: EventTranslator;
  #initial: readonly WatchEvent[] = [];
  #revision = 0;
  #told = 0;
  /** Changes up to this revision are not told; 0 unless the watch began before the store was there. */
  #silentUntil = 0;
  #ended = false;
  #source: Watch | undefined;
  #timeout: Timer | undefined;
  #bookmark: Timer | undefined;
  #patience: Timer | undefined;

  constructor(
    workings: Workings,
    served: ServedResource,
    selection: Selection,
    options: WatchOptions,
    observer: WatchObserver,
  ) {
    this.#workings = workings;
    this.#served = served;
    this.#selection = selection;
    this.#options = options;
    this.#observer = observer;
    this.#translator = translatorOf(served);
  }

  /** Starts at `revision`, after `initial`, which is delivered on a later turn. */
  open(prefix: string, revision: number, initial: readonly WatchEvent[]): void {
    this.#initial = initial;
    this.#revision = revision;
    this.#told = revision;
    const { storage } = this.#workings;
    const reached = storage.revision;
    if (revision > reached) this.#waitFor(revision);
    try {
      this.#source = storage.watch(prefix, Math.min(revision, reached), {
        next: (events) => this.#next(events),
        progress: (reached) => {
          this.#revision = Math.max(this.#revision, reached);
        },
        end: (reason) => this.#sourceEnded(reason),
      });
    } catch (error) {
      const reason = this.#refusal(error, revision);
      setImmediate(() => this.#end(reason));
      return;
    }
    if (initial.length > 0) setImmediate(() => this.#flushInitial());
    this.#startTimers();
  }

  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#release();
  }

  /** Says nothing of what happens up to a revision, and gives up when the store does not come to it. */
  #waitFor(revision: number): void {
    this.#silentUntil = revision;
    const { clock, storage } = this.#workings;
    const giveUp = (): void => {
      if (storage.revision < revision) this.#end(newTooLargeResourceVersion(revision, storage.revision));
    };
    this.#patience = clock.after(FUTURE_PATIENCE_MS, giveUp, { background: true });
  }

  #next(seen: readonly StorageEvent[]): void {
    if (this.#ended) return;
    this.#flushInitial();
    const silent = this.#silentUntil;
    const changes = silent === 0 ? seen : seen.filter((change) => change.revision > silent);
    const events = this.#translator.translateAll(changes, this.#selection);
    const last = changes.at(-1);
    if (last !== undefined) this.#revision = Math.max(this.#revision, last.revision);
    if (events.length === 0) return;
    this.#told = this.#revision;
    this.#observer.next(events);
  }

  #flushInitial(): void {
    if (this.#ended || this.#initial.length === 0) return;
    const events = this.#initial;
    this.#initial = [];
    this.#observer.next(events);
  }

  #startTimers(): void {
    const { clock, random } = this.#workings;
    const seconds = this.#options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS * (1 + random.fraction());
    const timeoutMs = seconds * 1000;
    this.#timeout = clock.after(timeoutMs, () => this.#end(), { background: true });
    if (this.#options.bookmarks) this.#armBookmark(clock, timeoutMs);
  }

  #armBookmark(clock: Clock, leftMs: number): void {
    const jittered = BOOKMARK_PERIOD_MS * (1 - this.#workings.random.fraction() / 5);
    const untilLast = leftMs - LAST_BOOKMARK_LEAD_MS;
    if (untilLast <= 0) return;
    const delay = Math.min(jittered, untilLast);
    this.#bookmark = clock.after(
      delay,
      () => {
        this.#tellRevision();
        this.#armBookmark(clock, leftMs - delay);
      },
      { background: true },
    );
  }

  /** Sends a bookmark unless the client knows that revision already. */
  #tellRevision(): void {
    if (this.#ended || this.#initial.length > 0 || this.#revision <= this.#told) return;
    this.#told = this.#revision;
    this.#observer.next([bookmark(this.#served, this.#revision)]);
  }

  #sourceEnded(reason: StorageError | undefined): void {
    this.#flushInitial();
    if (reason === undefined || reason.code === 'closed') this.#end();
    else this.#end(this.#refusal(reason, this.#revision));
  }

  #refusal(error: unknown, revision: number): StatusError {
    const current = this.#workings.storage.revision;
    switch (storageCode(error)) {
      case 'compacted':
        return newExpired(`too old resource version: ${revision} (${current})`);
      case undefined:
        throw error;
      default:
        return newServiceUnavailable('the watch cannot be continued');
    }
  }

  #end(reason?: StatusError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#release();
    this.#observer.end(reason);
  }

  #release(): void {
    this.#source?.stop();
    this.#timeout?.cancel();
    this.#bookmark?.cancel();
    this.#patience?.cancel();
  }
}
