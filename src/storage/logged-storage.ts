import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import type { Watch } from '../apimachinery/watch-event.ts';
import type { CommitLog, LogContent } from './commit-log.ts';
import { type CommitOptions, CommitQueue, type Write } from './commit-queue.ts';
import { JsonCache } from './json-cache.ts';
import { type HistoryLimits, State } from './state.ts';
import {
  type ListOptions,
  type ListPage,
  type Storage,
  StorageError,
  type StorageEvent,
  type StorageFigures,
  type StorageObserver,
  type StoredObject,
} from './storage.ts';
import { WatchHub } from './watch-hub.ts';

/** What a backend decides besides its log. */
export interface LoggedStorageOptions extends CommitOptions {
  /** How much of the past to keep for watches and lists. */
  readonly history?: HistoryLimits | undefined;
}

/** A store whose state lives in memory, read-only, with a durable log behind it. */
export class LoggedStorage implements Storage {
  readonly #log: CommitLog;
  readonly #state: State;
  readonly #queue: CommitQueue;
  readonly #hub = new WatchHub();
  readonly #json = new JsonCache();
  #closing: Promise<void> | undefined;

  /** @param content what the log held when it was opened. */
  constructor(log: CommitLog, content: LogContent, options: LoggedStorageOptions) {
    this.#log = log;
    this.#state = new State(content.revision, content.stored, options.history);
    this.#queue = new CommitQueue(this.#state, log, this.#json, options, (events) => this.#tell(events));
  }

  get revision(): number {
    return this.#state.revision;
  }

  async get(key: string): Promise<StoredObject | undefined> {
    this.#assertOpen();
    return this.#state.get(key);
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListPage> {
    this.#assertOpen();
    return this.#state.list(prefix, options);
  }

  async count(prefix: string): Promise<number> {
    this.#assertOpen();
    return this.#state.count(prefix);
  }

  create(key: string, object: ApiObject): Promise<StoredObject> {
    return this.#submit({ type: 'create', key, object });
  }

  update(key: string, object: ApiObject, expectedRevision: number): Promise<StoredObject> {
    return this.#submit({ type: 'update', key, object, expectedRevision });
  }

  delete(key: string, expectedRevision: number): Promise<StoredObject> {
    return this.#submit({ type: 'delete', key, expectedRevision });
  }

  json(object: DeepReadonly<ApiObject>, passing = false): string {
    return passing ? this.#json.passing(object) : this.#json.text(object);
  }

  watch(prefix: string, afterRevision: number, observer: StorageObserver): Watch {
    this.#assertOpen();
    this.#state.assertKnown(afterRevision);
    if (afterRevision === this.#state.revision) return this.#hub.add(prefix, observer);
    let stopped = false;
    let live: Watch | undefined;
    queueMicrotask(() => {
      if (!stopped) live = this.#replay(prefix, afterRevision, observer, () => stopped);
    });
    return {
      stop: () => {
        stopped = true;
        live?.stop();
      },
    };
  }

  expireLists(before: number): void {
    this.#state.expireLists(before);
  }

  forgetPast(): void {
    this.#state.forgetPast();
  }

  figures(): StorageFigures {
    return this.#queue.figures();
  }

  async ready(): Promise<void> {
    this.#assertOpen();
    await this.#log.ready();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Hands over what is past, and then what comes. */
  #replay(
    prefix: string,
    afterRevision: number,
    observer: StorageObserver,
    isStopped: () => boolean,
  ): Watch | undefined {
    let events: readonly StorageEvent[];
    try {
      this.#assertOpen();
      events = this.#state.changesSince(prefix, afterRevision);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (error.code === 'closed') observer.end();
      else observer.end(error);
      return undefined;
    }
    const { revision } = this.#state;
    const live = this.#hub.add(prefix, observer);
    if (events.length > 0) observer.next(events);
    if (isStopped()) live.stop();
    else observer.progress?.(revision);
    return live;
  }

  #tell(events: readonly StorageEvent[]): void {
    this.#hub.tell(events, this.#state.revision);
  }

  #submit(write: Write): Promise<StoredObject> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    return this.#queue.submit(write);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closed();
  }

  async #close(): Promise<void> {
    await this.#queue.drained();
    this.#hub.end();
    await this.#log.close();
  }
}

function closed(): StorageError {
  return new StorageError('closed', 'the store is closed');
}
