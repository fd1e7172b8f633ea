/** Jobs on fake nodes: pods per second through API server, store, controller, scheduler and node agents. */
import type { Job } from '../src/apis/batch/types.ts';
import { JOBS } from '../src/client/index.ts';
import { connect } from '../src/cluster/index.ts';
import { startServer } from '../test/harness/server.ts';
import type { Figure } from './machine.ts';
import { residentMebibytes } from './process-figures.ts';

/** One Job to time. */
interface Load {
  readonly name: string;
  readonly completions: number;
  readonly parallelism: number;
  readonly indexed: boolean;
  readonly goal: number;
}

/** Runs the load on a server of its own (SQLite, full durability, ten fake nodes) and answers its pods per second. */
async function time(load: Load): Promise<{ readonly podsPerSecond: number; readonly mebibytes: number }> {
  await using server = await startServer(['--runtime', 'fake', '--fake-nodes', '10']);
  const connection = await connect(server.kubeconfig);
  try {
    const start = performance.now();
    await connection.client.create<Job>(JOBS, 'default', {
      metadata: { name: load.name },
      spec: {
        completions: load.completions,
        parallelism: load.parallelism,
        ...(load.indexed ? { completionMode: 'Indexed' as const } : {}),
        template: {
          spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox', command: ['true'] }] },
        },
      },
    });
    for (;;) {
      const job = await connection.client.get<Job>(JOBS, 'default', load.name);
      if (job.status.conditions?.some(({ type, status }) => type === 'Complete' && status === 'True')) break;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const podsPerSecond = load.completions / ((performance.now() - start) / 1000);
    return { podsPerSecond, mebibytes: residentMebibytes(server.process.pid ?? 0) };
  } finally {
    connection.close();
  }
}

/** Pods per second of a Job of 2,000 pods, 100 at a time. */
export async function fakePods(): Promise<readonly Figure[]> {
  const load = { name: 'two-thousand', completions: 2000, parallelism: 100, indexed: false, goal: 1000 };
  const { podsPerSecond, mebibytes } = await time(load);
  return [
    {
      name: '2,000-pod Job, parallelism 100, fake nodes, SQLite',
      value: podsPerSecond,
      unit: 'pods/s',
      goal: { atLeast: load.goal },
    },
    { name: 'resident memory afterwards', value: mebibytes, unit: 'MB' },
  ];
}
