import type { Readable } from 'node:stream';
import { LineSplitter } from '../../logs/index.ts';

/** A stream of bytes as lines of text. What stands after the last newline is a line too. */
export async function* linesOf(source: Readable): AsyncGenerator<string> {
  const splitter = new LineSplitter();
  for await (const block of source as AsyncIterable<Buffer>) {
    for (const line of splitter.push(block)) yield line.toString();
  }
  if (splitter.pending > 0) yield splitter.takePending().toString();
}
