/** Waits for what another process does. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks. */
const PAUSE_MS = 50;
/** Milliseconds after which a condition counts as never met: far more than a loaded machine needs. */
const PATIENCE_MS = 60_000;

/** Resolves once `holds` answers true; rejects when it has not for a minute. */
export async function poll(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never came about: ${what}`);
    await sleep(PAUSE_MS);
  }
}
