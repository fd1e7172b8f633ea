/** The log of a container as Docker tells it (`/containers/ID/logs?timestamps=1`), as entries of the log that Kubernetes knows. */
import { LineSplitter, type LogLine } from '../../logs/index.ts';
import { FrameSplitter } from './frames.ts';

const NEWLINE = 0x0a;
/** Bytes of a line that Docker keeps as one entry; a longer line is several, the last of which ends it. */
const ENTRY_BYTES_MAX = 16 * 1024;
/** `2026-01-01T00:00:00.000000000Z `: Docker writes all nine digits. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z /;
const TIME_LENGTH_MAX = 31;

/** Takes blocks of an answer, gives the entries that are whole with them. */
export interface LogReader {
  push(block: Buffer): LogLine[];
}

/** @param tty whether the container has a terminal: its output then comes as plain lines. */
export function newLogReader(tty: boolean): LogReader {
  return tty ? new TerminalLog() : new FramedLog();
}

/** A frame is an entry: a time, the text, and a newline unless the line goes on. */
class FramedLog implements LogReader {
  readonly #frames = new FrameSplitter();

  push(block: Buffer): LogLine[] {
    return this.#frames.push(block).map(({ stream, text }) => {
      const head = timeAt(text);
      const isWhole = text.at(-1) === NEWLINE;
      const rest = text.subarray(head.length, isWhole ? text.length - 1 : text.length);
      return { time: head.trimEnd(), stream, partial: !isWhole, text: rest };
    });
  }
}

/** Where there are no frames, an entry begins with a line, or after as many bytes as Docker keeps of one. */
class TerminalLog implements LogReader {
  readonly #lines = new LineSplitter();

  push(block: Buffer): LogLine[] {
    return this.#lines.push(block).flatMap((line) => {
      const entries: LogLine[] = [];
      let time = '';
      for (let rest = line; ; ) {
        const head = timeAt(rest);
        time = head === '' ? time : head.trimEnd();
        rest = rest.subarray(head.length);
        const goesOn = rest.length > ENTRY_BYTES_MAX && timeAt(rest.subarray(ENTRY_BYTES_MAX)) !== '';
        const text = goesOn ? rest.subarray(0, ENTRY_BYTES_MAX) : rest;
        entries.push({ time, stream: 'stdout', partial: goesOn, text });
        if (!goesOn) return entries;
        rest = rest.subarray(ENTRY_BYTES_MAX);
      }
    });
  }
}

function timeAt(text: Buffer): string {
  return TIME.exec(text.toString('latin1', 0, TIME_LENGTH_MAX))?.[0] ?? '';
}

/** An entry as a line of the log file. A terminal's own returns stay, as with other runtimes. */
export function lineOf({ time, stream, partial, text }: LogLine): Buffer {
  const head = Buffer.from(`${time} ${stream} ${partial ? 'P' : 'F'} `);
  return Buffer.concat([head, text, Buffer.of(NEWLINE)]);
}
