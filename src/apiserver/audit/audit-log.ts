import {
  appendFile,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock, Timer } from '../../apimachinery/clock.ts';
import type { Log } from '../workings.ts';

const append = promisify(appendFile);

/** Where the lines of the audit log go. */
export interface AuditSink {
  /** Takes a line with its end; it is written soon, not at once. */
  write(line: string): void;
}

/** Bytes of one file. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Files: the one that is written, and the older ones. With their size, a hundred thousand requests. */
const FILES_MAX = 4;
/** Milliseconds that lines wait for others, so that one write takes many. A crash loses no more than these. */
const FLUSH_MS = 200;
/** Letters that wait at most, on a disk that does not follow; what comes then is dropped and counted. */
const WAITING_LETTERS_MAX = 8 * 1024 * 1024;

/** The options of an {@link AuditLog}; the sizes have defaults that serve everyone but tests. */
export interface AuditLogOptions {
  /** Made (0700) when it is missing. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly fileBytesMax?: number;
  readonly filesMax?: number;
}

/**
 * Writes lines to `audit.log` of a directory (0600), a batch at a time, off the way of the requests; turns to a new file
 * when it is full, and keeps `audit-1.log` (the newest before it) and so on. A disk that fails loses lines, and says so in
 * the server's log: requests go on.
 */
export class AuditLog implements AuditSink {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #fileBytesMax: number;
  readonly #filesMax: number;
  #file: number;
  #bytes: number;
  #waiting: string[] = [];
  #letters = 0;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #failing = false;
  #closing: Promise<void> | undefined;
  /** Lines that were dropped since the start. */
  dropped = 0;

  constructor({ directory, clock, log, fileBytesMax, filesMax }: AuditLogOptions) {
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
    this.#fileBytesMax = fileBytesMax ?? FILE_BYTES_MAX;
    this.#filesMax = filesMax ?? FILES_MAX;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#file = openSync(this.#path(0), 'a', 0o600);
    this.#bytes = statSync(this.#path(0)).size;
  }

  write(line: string): void {
    if (this.#letters + line.length > WAITING_LETTERS_MAX) {
      this.dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#letters += line.length;
    this.#timer ??= this.#clock.after(FLUSH_MS, () => this.#flush(), { background: true });
  }

  /** Writes what waits and lets the file go. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#timer?.cancel();
    while (this.#waiting.length > 0 || this.#writing !== undefined) {
      this.#flush();
      await this.#writing;
    }
    closeSync(this.#file);
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#writing !== undefined || this.#waiting.length === 0) return;
    if (this.#bytes >= this.#fileBytesMax) this.#turn();
    const bytes = Buffer.from(this.#take());
    this.#bytes += bytes.length;
    this.#writing = this.#append(bytes);
  }

  async #append(bytes: Buffer): Promise<void> {
    try {
      await append(this.#file, bytes);
      this.#failing = false;
    } catch (error) {
      this.#complain(error);
    }
    this.#writing = undefined;
    if (this.#waiting.length > 0) this.#flush();
  }

  /** The lines that fit into the file, at least one. */
  #take(): string {
    const room = this.#fileBytesMax - this.#bytes;
    let letters = 0;
    let count = 0;
    for (const line of this.#waiting) {
      if (count > 0 && letters + line.length > room) break;
      letters += line.length;
      count++;
    }
    this.#letters -= letters;
    return this.#waiting.splice(0, count).join('');
  }

  /** Makes the full file the newest of the old ones, and begins another. */
  #turn(): void {
    closeSync(this.#file);
    try {
      rmSync(this.#path(this.#filesMax - 1), { force: true });
      for (let at = this.#filesMax - 2; at >= 0; at--) {
        if (existsSync(this.#path(at))) renameSync(this.#path(at), this.#path(at + 1));
      }
    } catch (error) {
      this.#complain(error);
    }
    this.#file = openSync(this.#path(0), 'a', 0o600);
    this.#bytes = statSync(this.#path(0)).size;
  }

  #path(at: number): string {
    return join(this.#directory, at === 0 ? 'audit.log' : `audit-${at}.log`);
  }

  /** Says once that lines are lost, until writing works again. */
  #complain(error: unknown): void {
    if (!this.#failing) this.#log.error({ err: error }, 'the audit log cannot be written, lines are lost');
    this.#failing = true;
  }
}
