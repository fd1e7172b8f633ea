/** Twenty thousand CronJobs that wait, and five thousand of them that come due at the same minute. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeepReadonly, Draft } from '../src/apimachinery/meta/object.ts';
import type { CronJob } from '../src/apis/batch/index.ts';
import { type Client, CRONJOBS, JOBS } from '../src/client/index.ts';
import { connect } from '../src/cluster/index.ts';
import { startServer } from '../test/harness/server.ts';
import type { Figure } from './machine.ts';
import { processorSeconds, residentMebibytes } from './process-figures.ts';

const STORED = 20_000;
const DUE = 5_000;
/** Of those stored, so many bring the server to its working size first: V8's young generation, compiled code, buffers. */
const WARMING = 2_000;
const NAMESPACE = 'default';
/** Requests under way at a time while the CronJobs are created. */
const CONCURRENT = 200;
/** How long a server is left alone before its memory or its processor time is read, so that it has tidied up. */
const SETTLE_MS = 16_000;
const IDLE_MS = 20_000;
/** Kept free before the minute, for creations that take longer than expected. */
const SPARE_MS = 8_000;
const MINUTE_MS = 60_000;
/** How often the Jobs are counted: what the time of the last one is exact to. */
const POLL_MS = 50;
/** After so long the bench no longer waits for Jobs that do not come. */
const GIVE_UP_MS = 60_000;

function cronJob(name: string, schedule: string): DeepReadonly<Draft<CronJob>> {
  return {
    metadata: { name },
    spec: {
      schedule,
      timeZone: 'Etc/UTC',
      jobTemplate: {
        spec: {
          template: {
            spec: {
              restartPolicy: 'OnFailure',
              containers: [
                { name: 'report', image: 'busybox:1.36', command: ['sh', '-c', `date; echo ${name}`] },
              ],
            },
          },
        },
      },
    },
  } as DeepReadonly<Draft<CronJob>>;
}

/** A time of its own minute about half a year away. */
function farSchedule(index: number): string {
  const month = ((new Date().getUTCMonth() + 6) % 12) + 1;
  return `${index % 60} ${Math.floor(index / 60) % 24} ${(Math.floor(index / 1440) % 28) + 1} ${month} *`;
}

/** Creates the CronJobs; answers how many a second. */
async function createAll(client: Client, drafts: readonly DeepReadonly<Draft<CronJob>>[]): Promise<number> {
  const begin = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let draft = drafts[next++]; draft !== undefined; draft = drafts[next++]) {
      await client.create(CRONJOBS, NAMESPACE, draft);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
  return drafts.length / ((performance.now() - begin) / 1000);
}

/** How many Jobs there are, without fetching them. */
async function jobCount(client: Client): Promise<number> {
  const { items, metadata } = await client.list(JOBS, { namespace: NAMESPACE }, { limit: 1 });
  return items.length + (metadata.remainingItemCount ?? 0);
}

/** Seconds from `minute` until all Jobs that are due were there. */
async function secondsUntilAllJobs(client: Client, minute: number): Promise<number> {
  await sleep(Math.max(0, minute - Date.now()));
  for (;;) {
    const count = await jobCount(client);
    const lateMs = Date.now() - minute;
    if (count === DUE) return lateMs / 1000;
    if (count > DUE) throw new Error(`${count} Jobs for ${DUE} CronJobs that are due`);
    if (lateMs > GIVE_UP_MS) throw new Error(`${count} of ${DUE} Jobs after ${lateMs} ms`);
    await sleep(POLL_MS);
  }
}

/** The processor share and memory of waiting, and the time until the last Job of a crowded minute. */
export async function cronJobs(): Promise<readonly Figure[]> {
  await using server = await startServer(['--runtime', 'none']);
  const pid = server.process.pid ?? 0;
  const connection = await connect(server.kubeconfig);
  const { client } = connection;
  try {
    await sleep(SETTLE_MS);
    const idle = residentMebibytes(pid);
    const far = Array.from({ length: STORED - DUE }, (_, index) =>
      cronJob(`far-${index}`, farSchedule(index)),
    );
    await createAll(client, far.slice(0, WARMING));
    await sleep(SETTLE_MS);
    const warm = residentMebibytes(pid);
    const rate = await createAll(client, far.slice(WARMING));
    const readyAt = Date.now() + (DUE / rate) * 1000 + SETTLE_MS + IDLE_MS + SPARE_MS;
    const minute = Math.ceil(readyAt / MINUTE_MS) * MINUTE_MS;
    const at = new Date(minute);
    const due = Array.from({ length: DUE }, (_, index) =>
      cronJob(`due-${index}`, `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`),
    );
    await createAll(client, due);
    await sleep(SETTLE_MS);
    const full = residentMebibytes(pid);
    const busyBefore = processorSeconds(pid);
    const idleFrom = Date.now();
    await sleep(IDLE_MS);
    const share = ((processorSeconds(pid) - busyBefore) / ((Date.now() - idleFrom) / 1000)) * 100;
    if (Date.now() > minute) throw new Error('creating the CronJobs took until after their minute');
    const late = await secondsUntilAllJobs(client, minute);
    return [
      { name: 'CronJobs created over HTTPS, 200 at a time', value: rate, unit: '/s' },
      {
        name: 'memory of a waiting CronJob, from 2,000 to 20,000 of them',
        value: ((full - warm) * 1024) / (STORED - WARMING),
        unit: 'KB',
        goal: { atMost: 12 },
      },
      {
        name: "the same from none, the server's own growth in it",
        value: ((full - idle) * 1024) / STORED,
        unit: 'KB',
      },
      {
        name: `idle processor share over ${IDLE_MS / 1000} s, 20,000 CronJobs waiting`,
        value: share,
        unit: '%',
        goal: { atMost: 1 },
      },
      {
        name: '5,000 CronJobs due at one minute: all Jobs created after',
        value: late,
        unit: 's',
        goal: { atMost: 5 },
      },
    ];
  } finally {
    connection.close();
  }
}
