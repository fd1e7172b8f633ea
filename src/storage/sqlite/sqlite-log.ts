import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { invariant } from '../../apimachinery/invariant.ts';
import type { CommitLog, LogEntry } from '../commit-log.ts';
import type { Seal } from '../seal.ts';
import { StorageError } from '../storage.ts';
import type { DatabaseOptions } from './database.ts';
import type { DirectoryLock } from './directory-lock.ts';
import type { LogAnswer, LogRequest, LogWorkerData } from './log-worker.ts';
import type { LogRow } from './log-writer.ts';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: StorageError) => void;
}

/** Megabytes of the thread's nursery: it passes texts on and keeps next to nothing. */
const THREAD_YOUNG_MB = 2;

/** The log in SQLite, written by a thread of its own. */
export class SqliteLog implements CommitLog {
  readonly #worker: Worker;
  readonly #lock: DirectoryLock;
  readonly #seal: Seal | undefined;
  readonly #waiting: Waiting[] = [];
  readonly #exited: Promise<void>;
  /** Why the thread is gone. */
  #gone: StorageError | undefined;
  #opened: Promise<void> | undefined;

  /** Starts the thread; it touches nothing before {@link open}. Owns `lock` from then on. */
  constructor(directory: string, options: DatabaseOptions, lock: DirectoryLock, seal?: Seal) {
    this.#lock = lock;
    this.#seal = seal;
    const script = new URL(`./log-worker${extname(import.meta.filename)}`, import.meta.url);
    const workerData: LogWorkerData = { script: script.href, directory, options };
    this.#worker = new Worker(new URL('./log-thread.js', import.meta.url), {
      workerData,
      name: 'longshore-store',
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: THREAD_YOUNG_MB },
    });
    this.#worker.on('message', (answer: LogAnswer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.#end(`the store's thread failed: ${String(error)}`, error));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#end("the store's thread has ended");
        resolve();
      });
    });
  }

  /** Lets the thread take the file over. An append may follow at once; it fails when this does. */
  open(newest: number, superseded: readonly number[]): void {
    this.#opened = this.#ask({ type: 'open', newest, superseded });
    // Whoever appends or asks for readiness hears of it; until then it is nobody's failure.
    this.#opened.catch(() => undefined);
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    const rows = entries.map(
      ({ revision, key, json, supersedes }): LogRow => [
        revision,
        key,
        json === undefined ? null : this.#written(key, json),
        supersedes ?? null,
      ],
    );
    await this.#opened;
    await this.#ask({ type: 'append', rows });
  }

  #written(key: string, json: string): string {
    return this.#seal?.covers(key) === true ? this.#seal.close(key, json) : json;
  }

  async ready(): Promise<void> {
    await this.#opened;
    await this.#ask({ type: 'probe' });
  }

  async close(): Promise<void> {
    try {
      await this.#ask({ type: 'close' });
    } finally {
      await this.#worker.terminate();
      await this.#exited;
      this.#lock.release();
    }
  }

  #ask(request: LogRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#gone !== undefined) {
        reject(this.#gone);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  #settle({ refusal }: LogAnswer): void {
    const first = this.#waiting.shift();
    invariant(first !== undefined, 'the thread answers what it was asked');
    if (refusal === undefined) first.resolve();
    else first.reject(new StorageError('unavailable', refusal));
  }

  #end(message: string, cause?: unknown): void {
    this.#gone ??= new StorageError('unavailable', message, { cause });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#gone);
  }
}
