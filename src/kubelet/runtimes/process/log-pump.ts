/**
 * Copies what a container printed into its log, in the format of CRI. A container prints into two plain files, so that it
 * need not wait for the server and loses nothing when the server is not there; the pump goes on where it was, by offsets
 * that it keeps beside them.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../../apimachinery/clock.ts';
import { logLineHead } from '../../logs/cri-line.ts';

/** Files in a container's directory. */
export const STREAM_FILES = { stdout: 'stdout', stderr: 'stderr' } as const;
type StreamName = keyof typeof STREAM_FILES;
const STREAMS = ['stdout', 'stderr'] as const;
const OFFSETS_FILE = 'offsets';

/** Bytes read at a time. */
const CHUNK_BYTES = 64 * 1024;

/** Longest entry of the log in bytes; a longer line is written in parts, as container runtimes do. */
const ENTRY_BYTES_MAX = 16 * 1024;

/** Copied bytes after which the plain files are emptied, so that a container's output is not kept twice for ever. */
const TRIM_BYTES = 8 * 1024 * 1024;

const NEWLINE = 0x0a;

/** One container's pump; `pump` copies what is there now. */
export class LogPump {
  readonly #directory: string;
  readonly #logFile: string;
  readonly #clock: Clock;
  readonly #offsets: Record<StreamName, number>;
  /** The beginning of a line whose end has not been printed yet. */
  readonly #rest: Record<StreamName, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  #log: number | undefined;

  constructor(directory: string, logFile: string, clock: Clock) {
    this.#directory = directory;
    this.#logFile = logFile;
    this.#clock = clock;
    this.#offsets = readOffsets(join(directory, OFFSETS_FILE));
  }

  /** Copies what has been printed since the last time; with `last`, the beginning of an unfinished line too. */
  pump(last = false): void {
    let moved = false;
    for (const stream of STREAMS) moved = this.#copy(stream, last) || moved;
    if (moved) this.#keepOffsets();
  }

  /** Whether so much has been copied that {@link trim} is worth while. */
  get trimmable(): boolean {
    return this.#offsets.stdout + this.#offsets.stderr > TRIM_BYTES;
  }

  /** Empties the plain files. The container must be held still meanwhile, or what it prints just then is lost. */
  trim(): void {
    this.pump();
    for (const stream of STREAMS) {
      const file = openSync(join(this.#directory, STREAM_FILES[stream]), 'r+');
      ftruncateSync(file, 0);
      closeSync(file);
      this.#offsets[stream] = 0;
    }
    this.#keepOffsets();
  }

  /** Goes on in a new log file, the old one having been renamed. */
  reopen(): void {
    this.close();
  }

  close(): void {
    if (this.#log !== undefined) closeSync(this.#log);
    this.#log = undefined;
  }

  #copy(stream: StreamName, last: boolean): boolean {
    const path = join(this.#directory, STREAM_FILES[stream]);
    if (!existsSync(path)) return false;
    const file = openSync(path, 'r');
    try {
      const size = fstatSync(file).size;
      const start = this.#offsets[stream];
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      let position = start + this.#rest[stream].length;
      while (position < size) {
        const count = readSync(file, chunk, 0, CHUNK_BYTES, position);
        if (count === 0) break;
        position += count;
        this.#write(stream, Buffer.concat([this.#rest[stream], chunk.subarray(0, count)]));
      }
      if (last && this.#rest[stream].length > 0) {
        this.#entry(stream, this.#rest[stream], true);
        this.#offsets[stream] += this.#rest[stream].length;
        this.#rest[stream] = Buffer.alloc(0);
      }
      return this.#offsets[stream] !== start;
    } finally {
      closeSync(file);
    }
  }

  /** Writes the whole lines of `bytes` and keeps the rest. */
  #write(stream: StreamName, bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#entry(stream, bytes.subarray(start, end), false);
      start = end + 1;
    }
    while (bytes.length - start > ENTRY_BYTES_MAX) {
      this.#entry(stream, bytes.subarray(start, start + ENTRY_BYTES_MAX), true);
      start += ENTRY_BYTES_MAX;
    }
    this.#offsets[stream] += start;
    this.#rest[stream] = Buffer.from(bytes.subarray(start));
  }

  #entry(stream: StreamName, text: Buffer, partial: boolean): void {
    const log = this.#openLog();
    let start = 0;
    while (text.length - start > ENTRY_BYTES_MAX) {
      this.#put(log, stream, text.subarray(start, start + ENTRY_BYTES_MAX), true);
      start += ENTRY_BYTES_MAX;
    }
    this.#put(log, stream, text.subarray(start), partial);
  }

  #put(log: number, stream: StreamName, text: Buffer, partial: boolean): void {
    const head = Buffer.from(logLineHead(this.#clock.now(), stream, partial), 'latin1');
    writeSync(log, Buffer.concat([head, text, Buffer.from([NEWLINE])]));
  }

  #openLog(): number {
    if (this.#log === undefined) {
      mkdirSync(dirname(this.#logFile), { recursive: true, mode: 0o755 });
      this.#log = openSync(this.#logFile, 'a', 0o640);
    }
    return this.#log;
  }

  #keepOffsets(): void {
    const file = openSync(join(this.#directory, OFFSETS_FILE), 'w', 0o600);
    writeSync(file, `${this.#offsets.stdout} ${this.#offsets.stderr}\n`);
    closeSync(file);
  }
}

function readOffsets(path: string): Record<StreamName, number> {
  const text = existsSync(path) ? readFileSync(path, 'latin1') : '';
  const [stdout = 0, stderr = 0] = text.trim().split(' ').map(Number);
  return { stdout: stdout || 0, stderr: stderr || 0 };
}
