/** Gives back what the start of a server needed and its work does not. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8's collector, as `--expose-gc` offers it. */
type Collector = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/**
 * Collects everything that can be collected and returns the pages to the system: once, after the start, when compiled
 * sources, certificates and first lists are garbage that an idle server would otherwise keep for hours. Takes some tens of
 * milliseconds.
 */
export function settleMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collector;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
