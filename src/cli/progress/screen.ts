/** The terminal, or whatever a stream leads to. */

/** Where to write, and whether it is a terminal. */
export interface Screen {
  readonly isTerminal: boolean;
  /** Width in columns; read at each draw. */
  readonly columns: number;
  write(text: string): void;
}

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
