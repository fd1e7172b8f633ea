/**
 * Turns a container's raw output files into its log. The files belong to the container and go on without this process;
 * how far they were read follows from the log itself, so that nothing is lost or told twice across a crash.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../../apimachinery/clock.ts';
import { invariant } from '../../../apimachinery/invariant.ts';
import { replaceFileSync } from '../../../apimachinery/replace-file.ts';
import { LineSplitter, logLineHead, parseLogLine } from '../../logs/index.ts';
import { OutputTail } from './output-tail.ts';

/** Bytes read at a time. */
const BLOCK_BYTES = 64 * 1024;
/** Bytes of a line that are written as one entry; a longer line is cut, as container runtimes do. */
const ENTRY_BYTES_MAX = 16 * 1024;
/** Bytes of raw output that are kept after they were read; then the file begins anew. */
const RAW_BYTES_MAX = 64 * 1024 * 1024;

type StreamName = 'stdout' | 'stderr';
const STREAMS: readonly StreamName[] = ['stdout', 'stderr'];

interface Source {
  readonly name: StreamName;
  readonly file: number;
  readonly splitter: LineSplitter;
  /** Those who read along. */
  readonly tails: Set<OutputTail>;
  /** Bytes of the raw file that were read. */
  position: number;
  /** Bytes of raw output that the current log file tells of. */
  told: number;
}

/** The files of a container's output. */
export interface PumpPlaces {
  readonly raw: Readonly<Record<StreamName, string>>;
  readonly log: string;
  /** Remembers where in the raw files the current log file begins. */
  readonly marks: string;
}

/** See the file's head. */
export class OutputPump {
  readonly #clock: Clock;
  readonly #places: PumpPlaces;
  readonly #sources: readonly Source[];
  #log: number;
  #closed = false;

  constructor(clock: Clock, places: PumpPlaces) {
    this.#clock = clock;
    this.#places = places;
    mkdirSync(dirname(places.log), { recursive: true, mode: 0o755 });
    const told = recount(places.log);
    const marks = readMarks(places.marks);
    this.#log = openSync(places.log, 'a', 0o640);
    this.#sources = STREAMS.map((name) => {
      const file = openSync(places.raw[name], 'r+');
      const position = marks[name] + told[name];
      const { size } = fstatSync(file);
      return {
        name,
        file,
        splitter: new LineSplitter(),
        tails: new Set(),
        position: position > size ? 0 : position,
        told: told[name],
      };
    });
  }

  /** Takes over what was written since the last time. */
  pump(): void {
    if (this.#closed) return;
    for (const source of this.#sources) {
      this.#drain(source);
      for (const tail of source.tails) tail.look();
    }
  }

  /** The raw output of a stream from now on; it ends when the container has ended. */
  tail(name: StreamName): OutputTail {
    const source = this.#sources.find((each) => each.name === name);
    invariant(source !== undefined && !this.#closed, 'output is read along while it comes');
    const tail = new OutputTail(this.#places.raw[name], fstatSync(source.file).size);
    source.tails.add(tail);
    tail.once('close', () => source.tails.delete(tail));
    return tail;
  }

  /** The last of it, the container having ended: also a line without its end. Closes the pump. */
  finish(): void {
    if (this.#closed) return;
    this.pump();
    for (const source of this.#sources) {
      if (source.splitter.pending > 0) this.#write(source, source.splitter.takePending());
    }
    this.close();
  }

  /** Begins a new log file, the old one having been renamed. */
  reopen(): void {
    if (this.#closed) return;
    this.pump();
    const log = openSync(this.#places.log, 'a', 0o640);
    closeSync(this.#log);
    this.#log = log;
    for (const source of this.#sources) source.told = 0;
    this.#writeMarks();
  }

  /** Lets go of the files. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#log);
    for (const { file, tails } of this.#sources) {
      closeSync(file);
      for (const tail of tails) tail.finish();
    }
  }

  #drain(source: Source): void {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    for (;;) {
      const length = readSync(source.file, block, 0, BLOCK_BYTES, source.position);
      if (length === 0) break;
      source.position += length;
      const lines = source.splitter.push(Buffer.from(block.subarray(0, length)));
      const entries: Buffer[] = [];
      for (const line of lines) this.#format(source, line, false, entries);
      if (source.splitter.pending >= ENTRY_BYTES_MAX) {
        this.#format(source, source.splitter.takePending(), true, entries);
      }
      this.#append(entries);
    }
    if (source.position >= RAW_BYTES_MAX) this.#beginAnew(source);
  }

  /** What is written between the look and the cut would be lost, so that nothing happens between them. */
  #beginAnew(source: Source): void {
    if (source.splitter.pending > 0 || fstatSync(source.file).size !== source.position) return;
    for (const tail of source.tails) if (tail.position !== source.position) return;
    ftruncateSync(source.file, 0);
    for (const tail of source.tails) tail.beginAnew();
    source.position = 0;
    this.#writeMarks();
  }

  /** A line that was never finished is an entry that goes on in nothing, as with containerd. */
  #write(source: Source, text: Buffer): void {
    const entries: Buffer[] = [];
    this.#format(source, text, true, entries);
    this.#append(entries);
  }

  #format(source: Source, line: Buffer, partial: boolean, entries: Buffer[]): void {
    const now = this.#clock.now();
    let start = 0;
    while (line.length - start > ENTRY_BYTES_MAX) {
      const piece = line.subarray(start, start + ENTRY_BYTES_MAX);
      entries.push(Buffer.from(logLineHead(now, source.name, true)), piece, NEWLINE);
      start += ENTRY_BYTES_MAX;
    }
    entries.push(Buffer.from(logLineHead(now, source.name, partial)), line.subarray(start), NEWLINE);
    source.told += line.length + (partial ? 0 : 1);
  }

  #append(entries: readonly Buffer[]): void {
    if (entries.length === 0) return;
    const bytes = Buffer.concat(entries);
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#log, bytes, written);
  }

  /** The log begins where reading stands minus what it tells of already; what waits for its line's end is read again. */
  #writeMarks(): void {
    const marks: Record<string, number> = {};
    for (const { name, position, told, splitter } of this.#sources)
      marks[name] = position - splitter.pending - told;
    replaceFileSync(this.#places.marks, JSON.stringify(marks), { mode: 0o600 });
  }
}

const NEWLINE = Buffer.from('\n');

/** How many bytes of raw output a log file tells of; an entry that was being written at a crash is cut off. */
function recount(log: string): Record<StreamName, number> {
  const told: Record<StreamName, number> = { stdout: 0, stderr: 0 };
  let bytes: Buffer;
  try {
    bytes = readFileSync(log);
  } catch {
    return told; // Nothing was logged yet.
  }
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) truncateSync(log, whole);
  for (const entry of new LineSplitter().push(bytes.subarray(0, whole))) {
    const line = parseLogLine(entry);
    if (line !== undefined) told[line.stream] += line.text.length + (line.partial ? 0 : 1);
  }
  return told;
}

function readMarks(path: string): Record<StreamName, number> {
  try {
    const { stdout = 0, stderr = 0 } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>;
    return { stdout, stderr };
  } catch {
    return { stdout: 0, stderr: 0 }; // The log was never rotated.
  }
}
