/** `longshore wait`: until a Job has ended. */

import { systemClock } from '../../apimachinery/clock.ts';
import { findTrueCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Job } from '../../apis/batch/types.ts';
import { JOBS } from '../../client/index.ts';
import { UserError } from '../../cluster/index.ts';
import { EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE } from '../exit-code.ts';
import { connectToServer, type ServerOptions } from '../flags/server-connection.ts';
import { interruption } from '../interruption.ts';
import { watchObjects } from '../progress/watch-objects.ts';
import { describeJob, endOf } from '../wording/job-state.ts';
import { jobNameIn } from './job-target.ts';

/** Options of the verb, as the command line gives them. */
export interface WaitOptions extends ServerOptions {
  readonly namespace: string;
  /** How long at most: `90s`, `5m`, `1h`; for ever when absent. */
  readonly timeout?: string;
}

/** Waits for the Job's end; answers 0 when it is Complete, 1 when it Failed or was deleted, 2 when time ran out. */
export async function wait(target: string, options: WaitOptions): Promise<number> {
  const name = jobNameIn(target);
  const timeoutMs = options.timeout === undefined ? undefined : spanIn(options.timeout);
  const connection = await connectToServer(options);
  const interrupted = interruption();
  const over = new AbortController();
  const timer =
    timeoutMs === undefined
      ? undefined
      : systemClock.after(timeoutMs, () => over.abort(), { background: true });
  interrupted.signal.addEventListener('abort', () => over.abort(), { once: true });
  let job: DeepReadonly<Job> = await connection.client.get(JOBS, options.namespace, name).catch((error) => {
    interrupted.release();
    timer?.cancel();
    connection.close();
    throw error;
  });
  let deleted = false;
  try {
    const { uid } = job.metadata;
    const selection = { namespace: options.namespace, fieldSelector: `metadata.name=${name}` };
    const observer = {
      known: [job],
      seen(state: DeepReadonly<Job>) {
        if (state.metadata.uid !== uid) return;
        job = state;
        if (endOf(state) !== undefined) over.abort();
      },
      lost(state: DeepReadonly<Job>) {
        if (state.metadata.uid !== uid) return;
        deleted = true;
        over.abort();
      },
    };
    const parts = { client: connection.client, clock: systemClock };
    if (endOf(job) === undefined) await watchObjects<Job>(parts, JOBS, selection, observer, over.signal);
  } finally {
    interrupted.release();
    timer?.cancel();
    connection.close();
  }
  return tell(job, deleted, interrupted.signal.aborted, options.timeout ?? '');
}

/** Prints one line about how the waiting ended and answers the exit code. */
function tell(job: DeepReadonly<Job>, deleted: boolean, interrupted: boolean, timeout: string): number {
  const { name } = job.metadata;
  const end = endOf(job);
  if (end === 'Complete') {
    process.stdout.write(`job/${name} is complete: ${job.status.succeeded ?? 0} succeeded\n`);
    return 0;
  }
  if (end === 'Failed') {
    const failed = findTrueCondition(job.status.conditions, 'Failed');
    process.stderr.write(`job/${name} failed: ${failed?.reason ?? ''}: ${failed?.message ?? ''}\n`);
    return EXIT_FAILED;
  }
  if (deleted) {
    process.stderr.write(`job/${name} was deleted before it ended\n`);
    return EXIT_FAILED;
  }
  if (interrupted) return EXIT_INTERRUPTED;
  process.stderr.write(`job/${name} has not ended within ${timeout}: ${describeJob(job)}\n`);
  return EXIT_USAGE;
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a span such as `90s` or `1h30m`; a bare number is seconds. Throws UserError. */
function spanIn(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!/^(\d+(\.\d+)?[smh])+$/.test(text)) {
    throw new UserError(`--timeout '${text}' is no span of time: write one such as 90s, 5m or 1h30m`);
  }
  let sum = 0;
  for (const [, count, unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)([smh])/g)) {
    sum += Number(count) * (UNITS_MS[unit] ?? 0);
  }
  return sum;
}
