/**
 * Sizes of a terminal as they go over the wire: JSON objects `{"Width":80,"Height":24}`, one after the other. Go reads the two
 * names in whatever case a client writes them.
 */
import type { TerminalSize } from './remote-process.ts';

/** Letters that are kept of a size that is not whole yet. */
const PENDING_LETTERS_MAX = 1024;

/** Columns or rows that a terminal can have: 16 bits. */
const CELLS_MAX = 65_535;

/** A size as it is sent. */
export function terminalSizeText({ width, height }: TerminalSize): string {
  return `${JSON.stringify({ Width: width, Height: height })}\n`;
}

/** Reads sizes out of blocks of bytes; what is no size is passed over. */
export class TerminalSizeReader {
  #pending = '';

  /** The sizes that are whole with these bytes. */
  push(block: Uint8Array): TerminalSize[] {
    this.#pending = (this.#pending + Buffer.from(block).toString('latin1')).slice(-PENDING_LETTERS_MAX);
    const sizes: TerminalSize[] = [];
    for (;;) {
      const start = this.#pending.indexOf('{');
      const end = this.#pending.indexOf('}', start);
      if (start < 0 || end < 0) return sizes;
      const size = parse(this.#pending.slice(start, end + 1));
      if (size !== undefined) sizes.push(size);
      this.#pending = this.#pending.slice(end + 1);
    }
  }
}

function parse(text: string): TerminalSize | undefined {
  try {
    const size: Record<string, unknown> = Object.create(null);
    for (const [name, cells] of Object.entries(JSON.parse(text) as object)) size[name.toLowerCase()] = cells;
    const { width, height } = size;
    return isCells(width) && isCells(height) ? { width, height } : undefined;
  } catch {
    return undefined; // Not JSON.
  }
}

function isCells(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= CELLS_MAX;
}
