/**
 * How far a container's log has been taken over, read from the log itself, so that nothing is lost or told twice when
 * taking over begins anew: after a restart of this process, or of the engine.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync, truncateSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LineSplitter, type LogLine, parseLogLine } from '../../logs/index.ts';

/** Bytes of the end of a log that are looked at. */
const LOOK_BYTES = 4 * 1024 * 1024;
/** Seconds by which entries of the two streams may be out of order: the engine's clock is read before its log is locked. */
const DISORDER_SECONDS = 1;

/** Where to go on. */
export class LogPosition {
  /** For `since` of the engine: seconds since 1970 with nine digits behind the point; 0 is the beginning. */
  readonly since: string;
  /** How often entries of that time and stream, from `since` on, are in the log already. */
  readonly #told: Map<string, number>;

  /** Reads the end of that log, and of what was rotated away from it last; cuts off an entry that is not whole. */
  static of(logFile: string): LogPosition {
    const entries = endOf(logFile, true);
    const before = rotatedLast(logFile);
    if (before !== undefined) entries.unshift(...endOf(before, false));
    const latest = entries
      .map(({ time }) => time)
      .toSorted()
      .at(-1);
    if (latest === undefined) return new LogPosition('0', new Map());
    const from = earlier(latest, DISORDER_SECONDS);
    const told = new Map<string, number>();
    for (const entry of entries) {
      if (secondsOf(entry.time) < from) continue;
      const key = keyOf(entry);
      told.set(key, (told.get(key) ?? 0) + 1);
    }
    return new LogPosition(from, told);
  }

  private constructor(since: string, told: Map<string, number>) {
    this.since = since;
    this.#told = told;
  }

  /** Whether the log lacks that entry. To be asked once for each, in their order. */
  isNew(entry: LogLine): boolean {
    if (this.#told.size === 0) return true;
    const key = keyOf(entry);
    const left = this.#told.get(key) ?? 0;
    if (left === 0) return true;
    if (left === 1) this.#told.delete(key);
    else this.#told.set(key, left - 1);
    return false;
  }
}

const keyOf = ({ time, stream }: LogLine): string => `${time} ${stream}`;

/** `1767225600.000000001`, of a fixed length for this and the next centuries, so that texts compare as numbers do. */
function secondsOf(time: string): string {
  const digits = /\.(\d+)Z$/.exec(time)?.[1] ?? '';
  return `${Date.parse(`${time.slice(0, 19)}Z`) / 1000}.${digits.padEnd(9, '0')}`;
}

function earlier(time: string, seconds: number): string {
  const [whole, digits] = secondsOf(time).split('.');
  return `${Number(whole) - seconds}.${digits}`;
}

function rotatedLast(logFile: string): string | undefined {
  const prefix = `${basename(logFile)}.`;
  try {
    const names = readdirSync(dirname(logFile)).filter((name) => name.startsWith(prefix));
    const last = names.sort().at(-1);
    return last === undefined ? undefined : join(dirname(logFile), last);
  } catch {
    return undefined; // There is no directory, so nothing was logged yet.
  }
}

function endOf(path: string, mend: boolean): LogLine[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return []; // Nothing was logged yet.
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, LOOK_BYTES));
    const start = size - bytes.length;
    readSync(file, bytes, 0, bytes.length, start);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    if (mend && whole < bytes.length) truncateSync(path, start + whole);
    const lines = new LineSplitter().push(bytes.subarray(0, whole));
    // The first line of a part of a file is most likely the rest of one.
    if (start > 0) lines.shift();
    return lines.flatMap((line) => parseLogLine(line) ?? []);
  } finally {
    closeSync(file);
  }
}
