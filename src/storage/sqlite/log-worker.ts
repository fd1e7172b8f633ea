/**
 * The thread that owns the store's file: SQLite and the disk make this thread wait instead of the server. It answers each
 * request in order and tidies the file between them.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { systemClock, type Timer } from '../../apimachinery/clock.ts';
import { invariant } from '../../apimachinery/invariant.ts';
import { type DatabaseOptions, openDatabase } from './database.ts';
import { toStorageError } from './faults.ts';
import { type LogRow, LogWriter } from './log-writer.ts';

/** What the thread is started with. */
export interface LogWorkerData {
  /** URL of this module: log-thread.js loads it. */
  readonly script: string;
  readonly directory: string;
  readonly options: DatabaseOptions;
}

/** What the thread is asked, and answers in the same order. `open` comes first, once. */
export type LogRequest =
  | { readonly type: 'open'; readonly newest: number; readonly superseded: readonly number[] }
  | { readonly type: 'append'; readonly rows: readonly LogRow[] }
  | { readonly type: 'probe' }
  | { readonly type: 'close' };

/** The answer to one request: done, or why it is refused. */
export interface LogAnswer {
  readonly refusal: string | undefined;
}

/** Milliseconds without a write after which the file is tidied. */
const QUIET_MS = 500;

class LogThread {
  readonly #data: LogWorkerData;
  #writer: LogWriter | undefined;
  #tidying: Timer | undefined;

  constructor(data: LogWorkerData) {
    this.#data = data;
  }

  /** Does what is asked; answers why it cannot. */
  answer(request: LogRequest): LogAnswer {
    try {
      this.#do(request);
      return { refusal: undefined };
    } catch (error) {
      return { refusal: toStorageError(error, this.#data.directory).message };
    }
  }

  /** Tidies what cannot wait, and the rest when it becomes quiet. */
  afterwards(request: LogRequest): void {
    if (request.type !== 'append' && request.type !== 'open') return;
    this.#tidying?.cancel();
    if (this.#writer?.pressing) this.#writer.tidy();
    this.#tidyIn(QUIET_MS);
  }

  #tidyIn(delayMs: number): void {
    this.#tidying = systemClock.after(delayMs, () => {
      if (this.#writer?.tidy()) this.#tidyIn(0);
    });
  }

  #do(request: LogRequest): void {
    const { directory, options } = this.#data;
    if (request.type === 'open') {
      const database = openDatabase(directory, options);
      this.#writer = new LogWriter(database, directory, request.newest, request.superseded);
      return;
    }
    if (request.type === 'close') {
      this.#tidying?.cancel();
      this.#writer?.close();
      return;
    }
    invariant(this.#writer !== undefined, 'the log is opened first');
    if (request.type === 'append') this.#writer.append(request.rows);
    else this.#writer.probe();
  }
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const thread = new LogThread(workerData as LogWorkerData);
  port.on('message', (request: LogRequest) => {
    port.postMessage(thread.answer(request));
    thread.afterwards(request);
    if (request.type === 'close') port.close();
  });
}
