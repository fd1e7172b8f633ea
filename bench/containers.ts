/** Real containers on containerd: what a Job costs beyond the calls that containerd itself needs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../src/apis/batch/types.ts';
import { type Client, JOBS } from '../src/client/index.ts';
import { connect } from '../src/cluster/index.ts';
import { type CriClient, openCri } from '../src/kubelet/runtimes/cri/index.ts';
import { startContainerd } from '../test/containers/containerd.ts';
import { makeBusyboxImage } from '../test/containers/images.ts';
import { startServer } from '../test/harness/server.ts';
import { type Figure, median } from './machine.ts';

const IMAGE = 'docker.io/library/busybox:1';
const COMMAND = ['true'];
/** How often one pod is timed; the two ways take turns, so that both see the same machine. */
const RUNS = 9;
const PODS = 40;
const PARALLELISM = 4;
/** How often the bare loop looks whether its container has ended, milliseconds. */
const POLL_MS = 5;
/** CRI's number for a container that has ended. */
const EXITED = 2;

/** Milliseconds of the steps of one pod by bare CRI calls. */
interface BareTimes {
  readonly sandbox: number;
  readonly create: number;
  readonly start: number;
  readonly wait: number;
  readonly remove: number;
  readonly total: number;
}

async function barePod(cri: CriClient, name: string): Promise<BareTimes> {
  const marks = [performance.now()];
  const mark = (): void => void marks.push(performance.now());
  const metadata = { name, namespace: 'bare', uid: name, attempt: 0 };
  const sandbox = { metadata, hostname: name, logDirectory: '', linux: {} };
  const sandboxId = await cri.runPodSandbox(sandbox);
  mark();
  const config = {
    metadata: { name: 'c', attempt: 0 },
    image: { image: IMAGE },
    command: COMMAND,
    linux: {},
  };
  const id = await cri.createContainer(sandboxId, config, sandbox);
  mark();
  await cri.startContainer(id);
  mark();
  while ((await cri.containerStatus(id)).state !== EXITED) await sleep(POLL_MS);
  mark();
  await cri.stopPodSandbox(sandboxId);
  await cri.removePodSandbox(sandboxId);
  mark();
  const span = (from: number, to: number): number => (marks[to] ?? 0) - (marks[from] ?? 0);
  return {
    sandbox: span(0, 1),
    create: span(1, 2),
    start: span(2, 3),
    wait: span(3, 4),
    remove: span(4, 5),
    total: span(0, 5),
  };
}

/** Pods per second of the bare loop, several at a time. */
async function barePods(cri: CriClient): Promise<number> {
  const begin = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < PODS) await barePod(cri, `many-${next++}`);
  };
  await Promise.all(Array.from({ length: PARALLELISM }, worker));
  return PODS / ((performance.now() - begin) / 1000);
}

/** Milliseconds from the creation of a Job to its condition Complete, as a watch sees it; then the Job and its pods go. */
async function timeJob(client: Client, cri: CriClient, name: string, completions: number): Promise<number> {
  const { promise: complete, resolve, reject } = Promise.withResolvers<void>();
  const { metadata } = await client.list<Job>(JOBS, { namespace: 'default' });
  const watch = await client.watch<Job>(JOBS, { namespace: 'default' }, metadata.resourceVersion ?? '', {
    next(events) {
      for (const { type, object } of events) {
        if (type === 'BOOKMARK' || object.metadata.name !== name) continue;
        for (const condition of object.status.conditions ?? []) {
          if (condition.status !== 'True') continue;
          if (condition.type === 'Complete') resolve();
          if (condition.type === 'Failed') reject(new Error(`${name}: ${condition.message}`));
        }
      }
    },
    end: (error) => reject(error ?? new Error('the watch ended')),
  });
  const begin = performance.now();
  const container = { name: 'c', image: IMAGE, command: COMMAND };
  await client.create<Job>(JOBS, 'default', {
    metadata: { name },
    spec: {
      completions,
      parallelism: PARALLELISM,
      template: { spec: { restartPolicy: 'Never', containers: [container] } },
    },
  });
  await complete;
  const took = performance.now() - begin;
  watch.stop();
  await client.delete(JOBS, 'default', name, { propagationPolicy: 'Background' });
  while ((await cri.listPodSandbox()).length > 0) await sleep(20);
  return took;
}

/** One pod and forty pods, bare and as a Job, in turns on one containerd. */
export async function containers(): Promise<readonly Figure[]> {
  await using containerd = await startContainerd();
  await containerd.importArchive(makeBusyboxImage(containerd.directory, [IMAGE]));
  const cri = await openCri(containerd.endpoint);
  await using server = await startServer(['--runtime', `cri=${containerd.endpoint}`]);
  const connection = await connect(server.kubeconfig);
  try {
    const { client } = connection;
    const bare: BareTimes[] = [];
    const jobs: number[] = [];
    await barePod(cri, 'warm');
    await timeJob(client, cri, 'warm', 1);
    for (let run = 0; run < RUNS; run++) {
      bare.push(await barePod(cri, `bare-${run}`));
      jobs.push(await timeJob(client, cri, `one-${run}`, 1));
    }
    const barePerSecond = await barePods(cri);
    const jobPerSecond = PODS / ((await timeJob(client, cri, 'many', PODS)) / 1000);
    const step = (name: keyof BareTimes): number => median(bare.map((times) => times[name]));
    const steps = (['sandbox', 'create', 'start', 'wait', 'remove'] as const).map((name) => ({
      name: `bare CRI: ${name}`,
      value: step(name),
      unit: 'ms',
    }));
    const ratio = median(jobs) / step('total');
    return [
      ...steps,
      { name: 'bare CRI: one pod', value: step('total'), unit: 'ms' },
      { name: 'one-pod Job, create to Complete', value: median(jobs), unit: 'ms' },
      { name: 'one-pod Job against bare CRI', value: ratio, unit: '×', goal: { atMost: 1.3 } },
      { name: `bare CRI: ${PODS} pods, ${PARALLELISM} at a time`, value: barePerSecond, unit: 'pods/s' },
      { name: `${PODS}-pod Job, parallelism ${PARALLELISM}`, value: jobPerSecond, unit: 'pods/s' },
      {
        name: `${PODS}-pod Job against bare CRI`,
        value: jobPerSecond / barePerSecond,
        unit: '×',
        goal: { atLeast: 0.85 },
      },
    ];
  } finally {
    connection.close();
    cri.close();
  }
}
