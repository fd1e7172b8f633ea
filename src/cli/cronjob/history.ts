/** `longshore history`: the runs of a CronJob. */
import { USAGE_EVENT_REASON } from '../../apis/core/index.ts';
import type { Client } from '../../client/index.ts';
import { CRONJOBS, EVENTS, JOBS, PODS } from '../../client/index.ts';
import { wantsJson } from '../flags/output-format.ts';
import { connectToServer, type ServerOptions } from '../flags/server-connection.ts';
import { mebibytes, secondsText } from '../wording/used-resources.ts';
import { cronJobNameIn } from './cron-job-target.ts';
import type { Run } from './cron-run.ts';
import { historyOf } from './run-history.ts';

/** Options of the verb, as the command line gives them. */
export interface HistoryOptions extends ServerOptions {
  readonly namespace: string;
  readonly output?: string;
}

/** Prints the runs, oldest first; answers the exit code. */
export async function history(target: string, options: HistoryOptions): Promise<number> {
  const json = wantsJson(options.output);
  const name = cronJobNameIn(target);
  const connection = await connectToServer(options);
  const { client } = connection;
  try {
    const runs = await readHistory(client, options.namespace, name);
    if (json) process.stdout.write(`${JSON.stringify(runs, null, 2)}\n`);
    else process.stdout.write(runs.length === 0 ? `no runs of cronjob/${name} yet\n` : tableOf(runs));
    return 0;
  } finally {
    connection.close();
  }
}

async function readHistory(client: Client, namespace: string, name: string): Promise<readonly Run[]> {
  const cronJob = await client.get(CRONJOBS, namespace, name);
  const about = `involvedObject.uid=${cronJob.metadata.uid}`;
  const ofJobs = `involvedObject.kind=Job,reason=${USAGE_EVENT_REASON}`;
  const [jobs, pods, events, used] = await Promise.all([
    client.list(JOBS, { namespace }),
    client.list(PODS, { namespace, labelSelector: 'batch.kubernetes.io/job-name' }),
    client.list(EVENTS, { namespace, fieldSelector: about }),
    client.list(EVENTS, { namespace, fieldSelector: ofJobs }),
  ]);
  return historyOf(cronJob, { jobs: jobs.items, pods: pods.items, events: [...events.items, ...used.items] });
}

const HEADINGS = [
  'SCHEDULED FOR',
  'STARTED',
  'ENDED',
  'RESULT',
  'RETRIES',
  'CPU',
  'MEMORY',
  'JOB',
  'WHY',
] as const;

function tableOf(runs: readonly Run[]): string {
  const rows = runs.map((run) => [
    run.scheduledFor ?? run.cause,
    run.started ?? '-',
    run.ended ?? '-',
    run.missed === undefined ? run.result : `${run.result} x${run.missed}`,
    run.retries === undefined ? '-' : String(run.retries),
    run.cpuSeconds === undefined ? '-' : secondsText(run.cpuSeconds),
    run.peakMemoryBytes ? mebibytes(run.peakMemoryBytes) : '-',
    run.job ?? '-',
    (run.why ?? '').replace(/\s+/g, ' '),
  ]);
  const widths = HEADINGS.map((heading, at) =>
    rows.reduce((width, row) => Math.max(width, (row[at] ?? '').length), heading.length),
  );
  const line = (cells: readonly string[]): string =>
    `${cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()}\n`;
  return [HEADINGS, ...rows].map(line).join('');
}
