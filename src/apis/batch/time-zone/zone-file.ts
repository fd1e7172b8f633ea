/** Compiled time zone files (RFC 9636), as an operating system keeps them under /usr/share/zoneinfo. */
import { parsePosixRule } from './posix-rule.ts';
import type { Span, ZoneRules } from './span.ts';

const HEADER_BYTES = 44;
const MAGIC = 0x545a6966;

interface Counts {
  readonly indicators: number;
  readonly leaps: number;
  readonly transitions: number;
  readonly types: number;
  readonly letters: number;
}

/** Reads such a file; undefined for bytes that are none, or of the first version, which knows no years beyond 2037. */
export function parseZoneFile(bytes: Uint8Array): ZoneRules | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = readCounts(view, 0);
  if (first === undefined || view.getUint8(4) < 0x32) return undefined;
  // The data of the first version, with times of four bytes, stands before the one that is wanted.
  const second = HEADER_BYTES + sizeOf(first, 4);
  const counts = readCounts(view, second);
  if (counts === undefined) return undefined;
  const end = second + HEADER_BYTES + sizeOf(counts, 8);
  if (end > view.byteLength) return undefined;
  const footer = new TextDecoder().decode(bytes.subarray(end)).trim();
  return rulesOf(readTransitions(view, second + HEADER_BYTES, counts), parsePosixRule(footer));
}

function readCounts(view: DataView, at: number): Counts | undefined {
  if (view.byteLength < at + HEADER_BYTES || view.getUint32(at) !== MAGIC) return undefined;
  const count = (position: number): number => view.getUint32(at + 20 + position * 4);
  return {
    indicators: count(0) + count(1),
    leaps: count(2),
    transitions: count(3),
    types: count(4),
    letters: count(5),
  };
}

function sizeOf(counts: Counts, timeBytes: number): number {
  const { indicators, leaps, transitions, types, letters } = counts;
  return transitions * (timeBytes + 1) + types * 6 + letters + leaps * (timeBytes + 4) + indicators;
}

interface Transitions {
  /** Seconds since 1970, increasing. */
  readonly times: readonly number[];
  /** The offset before the first transition, then that from each on. One longer than `times`. */
  readonly offsets: readonly number[];
}

function readTransitions(view: DataView, at: number, counts: Counts): Transitions {
  const types = at + counts.transitions * 9;
  const offsetOf = (type: number): number => view.getInt32(types + type * 6);
  const times: number[] = [];
  const offsets: number[] = [offsetOf(0)];
  for (let index = 0; index < counts.transitions; index++) {
    times.push(Number(view.getBigInt64(at + index * 8)));
    offsets.push(offsetOf(view.getUint8(at + counts.transitions * 8 + index)));
  }
  return { times, offsets };
}

function rulesOf({ times, offsets }: Transitions, later: ZoneRules | undefined): ZoneRules {
  return {
    spanAt(instant) {
      const next = times.findIndex((time) => time > instant);
      const at = next < 0 ? times.length : next;
      const start = times[at - 1] ?? Number.NEGATIVE_INFINITY;
      if (next < 0 && later !== undefined) {
        const span: Span = later.spanAt(instant);
        return { ...span, start: Math.max(start, span.start) };
      }
      return { start, end: times[at] ?? Number.POSITIVE_INFINITY, offset: offsets[at] ?? 0 };
    },
  };
}
