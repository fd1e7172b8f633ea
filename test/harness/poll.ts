/** Waits for what another process does. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from './patience.ts';

/** Milliseconds between two looks. */
const PAUSE_MS = 50;
/** Milliseconds after which a condition counts as never met: far more than a loaded machine needs. */
const PATIENCE_MS = 120_000 * PATIENCE;

/** Looks until `look` answers something; rejects with what `told` says when it has not for two minutes. */
export async function eventually<Value>(
  look: () => Promise<Value | undefined> | Value | undefined,
  told: () => string,
): Promise<Value> {
  for (const deadline = performance.now() + PATIENCE_MS; ; ) {
    const found = await look();
    if (found !== undefined) return found;
    assert.ok(performance.now() < deadline, told());
    await sleep(PAUSE_MS);
  }
}

/** Resolves once `holds` answers true; rejects when it has not for two minutes. */
export async function poll(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  await eventually(
    async () => (await holds()) || undefined,
    () => `never came about: ${what}`,
  );
}
