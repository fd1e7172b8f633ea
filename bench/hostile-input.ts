/** How long one hostile request of at most 1 MB holds up all others: the processor time that it takes of the main thread. */
import { HOSTILE_REQUESTS } from '../test/harness/hostile-requests.ts';
import { startHostileServer } from '../test/harness/hostile-server.ts';
import type { Figure } from './machine.ts';

const RUNS = 3;
const BODY_BYTES_MAX = 1_000_000;
/** Slowest requests that are named. */
const NAMED = 12;

/**
 * Milliseconds of the slowest requests, each the best of three, read from its text and answered in this process. Processor
 * time of this thread, garbage collection on it included: what other load on the machine does not change.
 */
export async function hostileInput(): Promise<readonly Figure[]> {
  await using server = await startHostileServer();
  const figures: Figure[] = [];
  for (const [group, requests] of Object.entries(HOSTILE_REQUESTS)) {
    for (const request of requests) {
      if (Buffer.byteLength(request.body) > BODY_BYTES_MAX) continue;
      let best = Number.POSITIVE_INFINITY;
      for (let run = 0; run < RUNS; run++) {
        const before = process.threadCpuUsage();
        await server.inProcess(request);
        const { user, system } = process.threadCpuUsage(before);
        best = Math.min(best, (user + system) / 1000);
      }
      figures.push({
        name: `${group}: ${request.name}`.slice(0, 57),
        value: best,
        unit: 'ms',
        goal: { atMost: 50 },
      });
    }
  }
  return figures.sort((a, b) => b.value - a.value).slice(0, NAMED);
}
