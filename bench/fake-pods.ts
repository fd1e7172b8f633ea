/** Jobs on fake nodes: pods per second through API server, store, controller, scheduler and node agents. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../src/apis/batch/types.ts';
import type { Pod } from '../src/apis/core/types.ts';
import { type Client, JOBS, PODS } from '../src/client/index.ts';
import { connect } from '../src/cluster/index.ts';
import { startServer, type TestServer } from '../test/harness/server.ts';
import { type Figure, median } from './machine.ts';
import { processorSeconds, residentMebibytes } from './process-figures.ts';

/** Milliseconds between two looks at a Job. */
const LOOK_MS = 25;
/** Milliseconds between two lists of a thousand Jobs, which take the server some milliseconds each. */
const LIST_MS = 100;
/** Milliseconds after the last Job during which a server may tidy up before its memory counts. */
const TIDY_MS = 15_000;

/** One Job to time. */
interface Load {
  readonly name: string;
  readonly completions: number;
  readonly parallelism: number;
  readonly indexed: boolean;
}

/** What one Job took. */
interface Timing {
  readonly podsPerSecond: number;
  /** Milliseconds of processor time for each pod, all threads of the server together. */
  readonly processorMsPerPod: number;
}

const TEMPLATE = {
  spec: { restartPolicy: 'Never' as const, containers: [{ name: 'c', image: 'busybox', command: ['true'] }] },
};

/** Runs something on a server of its own: SQLite, full durability, ten fake nodes. */
async function onServer<T>(run: (client: Client, server: TestServer) => Promise<T>): Promise<T> {
  await using server = await startServer(['--runtime', 'fake', '--fake-nodes', '10']);
  const connection = await connect(server.kubeconfig);
  try {
    return await run(connection.client, server);
  } finally {
    connection.close();
  }
}

async function time(client: Client, server: TestServer, load: Load): Promise<Timing> {
  const pid = server.process.pid ?? 0;
  const processorBefore = processorSeconds(pid);
  const start = performance.now();
  await client.create<Job>(JOBS, 'default', {
    metadata: { name: load.name },
    spec: {
      completions: load.completions,
      parallelism: load.parallelism,
      ...(load.indexed ? { completionMode: 'Indexed' as const } : {}),
      template: TEMPLATE,
    },
  });
  while (!isComplete(await client.get<Job>(JOBS, 'default', load.name))) await sleep(LOOK_MS);
  const seconds = (performance.now() - start) / 1000;
  return {
    podsPerSecond: load.completions / seconds,
    processorMsPerPod: ((processorSeconds(pid) - processorBefore) * 1000) / load.completions,
  };
}

function isComplete({ status }: Pick<Job, 'status'> | { readonly status: object }): boolean {
  const { conditions } = status as Job['status'];
  return conditions?.some((each) => each.type === 'Complete' && each.status === 'True') ?? false;
}

/** How many Jobs are timed after the first one. */
const JOBS_AFTER_FIRST = 5;

/**
 * Jobs of 2,000 pods, 100 at a time: the first one on a server that has just started, whose code is still being compiled
 * while it runs, and the middle one of those after it.
 */
export async function fakePods(): Promise<readonly Figure[]> {
  const load = { completions: 2000, parallelism: 100, indexed: false };
  return onServer(async (client, server) => {
    const first = await time(client, server, { ...load, name: 'first' });
    const mebibytes = residentMebibytes(server.process.pid ?? 0);
    const later: Timing[] = [];
    for (let run = 1; run <= JOBS_AFTER_FIRST; run++) {
      later.push(await time(client, server, { ...load, name: `later-${run}` }));
    }
    const what = '2,000-pod Job, parallelism 100, fake nodes, SQLite';
    const goal = { atLeast: 2000 };
    return [
      { name: what, value: median(later.map((each) => each.podsPerSecond)), unit: 'pods/s', goal },
      {
        name: 'its processor time for each pod',
        value: median(later.map((each) => each.processorMsPerPod)),
        unit: 'ms',
      },
      {
        name: 'the first one after the start',
        value: first.podsPerSecond,
        unit: 'pods/s',
        goal: { atLeast: 1000 },
      },
      { name: 'its processor time for each pod', value: first.processorMsPerPod, unit: 'ms' },
      { name: 'resident memory after the first', value: mebibytes, unit: 'MB' },
    ];
  });
}

/** An Indexed Job of 100,000 completions beside one of 5,000, and the memory with all pods kept. */
export async function hundredThousand(): Promise<readonly Figure[]> {
  const load = { parallelism: 1000, indexed: true };
  const small = await onServer((client, server) =>
    time(client, server, { ...load, name: 'small', completions: 5000 }),
  );
  return onServer(async (client, server) => {
    const large = await time(client, server, { ...load, name: 'large', completions: 100_000 });
    await sleep(TIDY_MS);
    return [
      {
        name: '100,000-completion Indexed Job, parallelism 1,000',
        value: large.podsPerSecond,
        unit: 'pods/s',
        goal: { atLeast: 2000 },
      },
      { name: '5,000-completion Indexed Job, parallelism 1,000', value: small.podsPerSecond, unit: 'pods/s' },
      {
        name: 'processor time per pod at 100,000 to that at 5,000',
        value: large.processorMsPerPod / small.processorMsPerPod,
        unit: '×',
        goal: { atMost: 1.3 },
      },
      {
        name: 'resident memory with 100,000 finished pods kept',
        value: residentMebibytes(server.process.pid ?? 0),
        unit: 'MB',
        goal: { atMost: 700 },
      },
    ];
  });
}

/** A thousand Jobs of one pod each, created at once. */
export async function thousandJobs(): Promise<readonly Figure[]> {
  const count = 1000;
  return onServer(async (client) => {
    const start = performance.now();
    const created = Array.from({ length: count }, (_, index) =>
      client.create<Job>(JOBS, 'default', {
        metadata: { name: `one-${index}` },
        spec: { template: TEMPLATE },
      }),
    );
    await Promise.all(created);
    for (;;) {
      const { items } = await client.list<Job>(JOBS, { namespace: 'default' });
      if (items.filter(isComplete).length === count) break;
      await sleep(LIST_MS);
    }
    const seconds = (performance.now() - start) / 1000;
    const slowest = await slowestFinish(client);
    return [
      { name: '1,000 Jobs of one pod, all Complete', value: seconds, unit: 's', goal: { atMost: 3 } },
      { name: "slowest completion after its pod's end", value: slowest, unit: 's', goal: { atMost: 1 } },
    ];
  });
}

/** The most seconds between a container's end and its Job's completion, as the API has both. */
async function slowestFinish(client: Client): Promise<number> {
  const [jobs, pods] = await Promise.all([
    client.list<Job>(JOBS, { namespace: 'default' }),
    client.list<Pod>(PODS, { namespace: 'default' }),
  ]);
  const completedAt = new Map(
    jobs.items.map(({ metadata, status }) => [metadata.uid, status.completionTime]),
  );
  const delays = pods.items.map(({ metadata, status }) => {
    const ended = status.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? '';
    const completed = completedAt.get(metadata.ownerReferences?.[0]?.uid ?? '') ?? '';
    return (Date.parse(completed) - Date.parse(ended)) / 1000;
  });
  return Math.max(...delays);
}
