/** One line of a container's log file, in the format of CRI: `2026-01-01T00:00:00.000000000Z stdout F text`. */

/** A line taken apart. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, as written. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** The line goes on in the next entry. */
  readonly partial: boolean;
  readonly text: Buffer;
}

const SPACE = 0x20;

/** Takes an entry (without its newline) apart; undefined for one that is none. */
export function parseLogLine(entry: Buffer): LogLine | undefined {
  const afterTime = entry.indexOf(SPACE);
  const afterStream = entry.indexOf(SPACE, afterTime + 1);
  if (afterTime < 0 || afterStream < 0) return undefined;
  const afterTag = entry.indexOf(SPACE, afterStream + 1);
  const tag = entry.toString('latin1', afterStream + 1, afterTag < 0 ? entry.length : afterTag);
  const stream = entry.toString('latin1', afterTime + 1, afterStream);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  return {
    time: entry.toString('latin1', 0, afterTime),
    stream,
    partial: tag.split(':').includes('P'),
    text: afterTag < 0 ? Buffer.alloc(0) : entry.subarray(afterTag + 1),
  };
}

/** What stands before the text of an entry written at that wall time (milliseconds). */
export function logLineHead(now: number, stream: LogLine['stream'], partial: boolean): string {
  const time = `${new Date(now).toISOString().slice(0, 23)}000000Z`;
  return `${time} ${stream} ${partial ? 'P' : 'F'} `;
}
