/** `longshore down`: stops the running server. */
import { resolve } from 'node:path';
import { sleep, systemClock } from '../../apimachinery/clock.ts';
import { isAlive } from '../../apimachinery/process-identity.ts';
import { defaultDataDirectory, runningServer, UserError } from '../../cluster/index.ts';

/** How long a server may take to drain, milliseconds: longer than a pod's usual grace period of 30 s. */
const DRAIN_MS_MAX = 45_000;

/** How often to look whether it has gone, milliseconds. */
const POLL_INTERVAL_MS = 50;

/** Signals the server of that data directory and waits for its end; answers the exit code. */
export async function down(options: { readonly dataDir?: string }): Promise<number> {
  const directory = resolve(options.dataDir ?? defaultDataDirectory());
  const record = runningServer(directory);
  if (record === undefined)
    throw new UserError(`no server runs on ${directory}: start one with 'longshore up'`);
  process.kill(record.pid, 'SIGTERM');
  for (const end = systemClock.monotonic() + DRAIN_MS_MAX; isAlive(record); ) {
    if (systemClock.monotonic() > end) {
      throw new UserError(
        `the server (pid ${record.pid}) has not ended after ${DRAIN_MS_MAX / 1000} s: look at its output, then end it with 'kill -9 ${record.pid}'; its data stays good`,
      );
    }
    await sleep(systemClock, POLL_INTERVAL_MS);
  }
  process.stdout.write(`stopped ${record.url}\n`);
  return 0;
}
