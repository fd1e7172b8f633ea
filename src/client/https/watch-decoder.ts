/** Cuts a watch's byte stream into events as it comes: one JSON document a line. */
import { parseExactJson } from '../../apimachinery/exact-json.ts';
import { StatusError } from '../../apimachinery/status-error.ts';
import type { WatchEvent } from '../../apimachinery/watch-event.ts';

const NEWLINE = 0x0a;
/** The longest line taken, in bytes: well above the 3 MiB to which the API server limits an object, doubled by escapes. */
const LINE_BYTES_MAX = 8 * 1024 * 1024;

/** What a piece of the stream brought: whole events, and the server's error if it told one. */
export interface DecodedEvents {
  readonly events: readonly WatchEvent[];
  readonly error?: StatusError;
}

/** Holds the unfinished line between pieces. */
export class WatchDecoder {
  #parts: Buffer[] = [];
  #bytes = 0;

  /** Takes the next piece. Throws when what comes is no watch stream. */
  push(piece: Buffer): DecodedEvents {
    const events: WatchEvent[] = [];
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      const line = this.#line(piece.subarray(from, end));
      from = end + 1;
      if (line.trim() === '') continue;
      const event = parseExactJson(line) as { readonly type: string; readonly object: unknown };
      if (event.type === 'ERROR') return { events, error: StatusError.from(event.object as object) };
      events.push(event as WatchEvent);
    }
    if (from < piece.length) {
      const rest = piece.subarray(from);
      this.#parts.push(rest);
      this.#bytes += rest.length;
      if (this.#bytes > LINE_BYTES_MAX)
        throw new Error(`a watch event is longer than ${LINE_BYTES_MAX} bytes`);
    }
    return { events };
  }

  #line(end: Buffer): string {
    if (this.#parts.length === 0) return end.toString('utf8');
    const whole = Buffer.concat([...this.#parts, end]);
    this.#parts = [];
    this.#bytes = 0;
    return whole.toString('utf8');
  }
}
