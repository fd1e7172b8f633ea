/** The terminal, or whatever a stream leads to. */
import type { Screen } from './progress.ts';

/** A stream as a screen. */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    write: (text) => void stream.write(text),
  };
}
