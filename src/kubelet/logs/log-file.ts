/** Reads a container's log file: all of it, its end, or what is written to it from now on, across rotations. */
import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, sleep } from '../../apimachinery/clock.ts';
import { type LogLine, parseLogLine } from './cri-line.ts';
import { LineSplitter } from './line-splitter.ts';

/** Bytes read at a time. */
const BLOCK_BYTES = 64 * 1024;
/** Milliseconds after which a followed file is looked at even if nothing was told of it: file systems may not tell. */
const LOOK_AGAIN_MS = 500;

/** What of a log file is wanted: `PodLogOptions`, with the file found and the time worked out. */
export interface LogRequest {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** Wall milliseconds: only lines from then on. */
  readonly since?: number;
}

/** What reading a log depends on. */
export interface LogSurroundings {
  readonly clock: Clock;
  /** Whether more may be written: a followed log ends once this says no and everything was read. */
  mayGrow(): boolean;
  /** Calls back when `mayGrow` may answer otherwise; answers how to stop that. */
  onChange(changed: () => void): () => void;
  readonly signal: AbortSignal | undefined;
}

/** The log as its reader gets it. Rejects as the file system does when there is no such file. */
export async function* readLogFile(
  path: string,
  request: LogRequest,
  around: LogSurroundings,
): AsyncGenerator<Uint8Array> {
  let left = request.limitBytes ?? Number.POSITIVE_INFINITY;
  const format = new Formatter(request);
  await using follower = await FileFollower.open(path, request, around);
  for await (const block of follower.blocks()) {
    let out = format.push(block);
    if (out.length === 0) continue;
    if (out.length > left) out = out.subarray(0, left);
    left -= out.length;
    yield out;
    if (left <= 0) return;
  }
}

/** Entries of the file to what a reader sees. */
class Formatter {
  readonly #request: LogRequest;
  readonly #splitter = new LineSplitter();
  /** The entry before was part of a line, so that what follows is no beginning. */
  #inLine = false;

  constructor(request: LogRequest) {
    this.#request = request;
  }

  push(block: Buffer): Buffer {
    const pieces: Buffer[] = [];
    for (const entry of this.#splitter.push(block)) {
      const line = parseLogLine(entry);
      if (line !== undefined && this.#isWanted(line)) this.#format(line, pieces);
    }
    return Buffer.concat(pieces);
  }

  #isWanted({ time }: LogLine): boolean {
    const { since } = this.#request;
    return since === undefined || Date.parse(time) >= since;
  }

  #format(line: LogLine, pieces: Buffer[]): void {
    if (this.#request.timestamps && !this.#inLine) pieces.push(Buffer.from(`${line.time} `));
    pieces.push(line.text);
    if (!line.partial) pieces.push(NEWLINE);
    this.#inLine = line.partial;
  }
}

const NEWLINE = Buffer.from('\n');

class FileFollower implements AsyncDisposable {
  readonly #path: string;
  readonly #request: LogRequest;
  readonly #around: LogSurroundings;
  #file: FileHandle;
  #position: number;
  #watcher: FSWatcher | undefined;
  #changed = false;
  #wake: (() => void) | undefined;
  #forget: () => void = () => {};

  static async open(path: string, request: LogRequest, around: LogSurroundings): Promise<FileFollower> {
    const file = await open(path, 'r');
    const position = request.tailLines === undefined ? 0 : await tailOffset(file, request.tailLines);
    return new FileFollower(path, request, around, file, position);
  }

  private constructor(
    path: string,
    request: LogRequest,
    around: LogSurroundings,
    file: FileHandle,
    position: number,
  ) {
    this.#path = path;
    this.#request = request;
    this.#around = around;
    this.#file = file;
    this.#position = position;
    if (!request.follow) return;
    this.#watch();
    this.#forget = around.onChange(() => this.#notice());
  }

  async *blocks(): AsyncGenerator<Buffer> {
    const around = this.#around;
    while (!around.signal?.aborted) {
      // Asked before the read: what was written before the answer "no" is then surely read.
      const more = this.#request.follow && around.mayGrow();
      const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
      const { bytesRead } = await this.#file.read(buffer, 0, BLOCK_BYTES, this.#position);
      this.#position += bytesRead;
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (await this.#nextFile()) continue;
      else if (!more) return;
      else await this.#whenChanged();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#forget();
    this.#watcher?.close();
    await this.#file.close();
  }

  /** After a rotation, the path leads to another file; the old one was read to its end first. */
  async #nextFile(): Promise<boolean> {
    if (!this.#request.follow) return false;
    const there = await stat(this.#path).catch(() => undefined);
    if (there === undefined || there.ino === (await this.#file.stat()).ino) return false;
    const { bytesRead } = await this.#file.read(Buffer.alloc(1), 0, 1, this.#position);
    if (bytesRead > 0) return true;
    const next = await open(this.#path, 'r');
    await this.#file.close();
    this.#file = next;
    this.#position = 0;
    return true;
  }

  #watch(): void {
    try {
      this.#watcher = watch(dirname(this.#path), { persistent: false }, () => this.#notice());
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      this.#watcher = undefined; // No notifications here: looking again now and then has to do.
    }
  }

  #notice(): void {
    this.#changed = true;
    this.#wake?.();
  }

  async #whenChanged(): Promise<void> {
    const { clock, signal } = this.#around;
    if (!this.#changed) {
      const waiting = new AbortController();
      this.#wake = () => waiting.abort();
      await sleep(
        clock,
        LOOK_AGAIN_MS,
        signal === undefined ? waiting.signal : AbortSignal.any([signal, waiting.signal]),
      );
      this.#wake = undefined;
    }
    this.#changed = false;
  }
}

/** Where the last `lines` lines begin. */
async function tailOffset(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines === 0) return size;
  let found = 0;
  let end = size;
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  while (end > 0) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const { bytesRead } = await file.read(buffer, 0, end - start, start);
    for (let at = bytesRead - 1; at >= 0; at--) {
      if (buffer[at] !== 0x0a || start + at === size - 1) continue;
      found += 1;
      if (found === lines) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

/** The end of a log as text, at most so many lines and bytes; empty when there is none. */
export async function lastLogLines(path: string, lines: number, bytes: number): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const start = await tailOffset(file, lines);
    const { size } = await file.stat();
    const buffer = Buffer.alloc(size - start);
    await file.read(buffer, 0, buffer.length, start);
    const text = new Formatter({ follow: false, timestamps: false }).push(buffer);
    return text.subarray(Math.max(0, text.length - bytes)).toString();
  } catch {
    return ''; // No log: nothing was written, or its pod is gone.
  }
}
