/** Containers at work: how soon an exit is in the Job's status, and logs that many follow. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../src/apis/batch/types.ts';
import type { Pod } from '../src/apis/core/types.ts';
import { type Client, JOBS, PODS } from '../src/client/index.ts';
import { connect } from '../src/cluster/index.ts';
import { startContainerd } from '../test/containers/containerd.ts';
import { makeBusyboxImage } from '../test/containers/images.ts';
import { startServer } from '../test/harness/server.ts';
import { type Figure, median } from './machine.ts';

const IMAGE = 'docker.io/library/busybox:1';
/** Exits that are timed. */
const EXITS = 9;
const FOLLOWERS = 10;
/** Lines of 100 bytes: ten seconds of a megabyte a second. */
const LINES = 100_000;
const LINES_A_TURN = 1_000;
const LINE_BYTES = 100;

/** See the file's head. */
export async function containersAtWork(): Promise<readonly Figure[]> {
  await using containerd = await startContainerd();
  await containerd.importArchive(makeBusyboxImage(containerd.directory, [IMAGE]));
  await using server = await startServer(['--runtime', `cri=${containerd.endpoint}`]);
  const connection = await connect(server.kubeconfig);
  const shared = join(containerd.directory, 'shared');
  mkdirSync(shared);
  try {
    const { client } = connection;
    const delays: number[] = [];
    for (let run = 0; run < EXITS; run++) delays.push(await exitDelay(client, shared, `exit-${run}`));
    const { lost, seconds } = await followedLogs(client);
    const megabytes = (LINES * LINE_BYTES) / 1e6 / seconds;
    return [
      {
        name: "a container's exit to its Job's status",
        value: median(delays),
        unit: 'ms',
        goal: { atMost: 100 },
      },
      { name: 'the slowest of them', value: Math.max(...delays), unit: 'ms' },
      { name: `log of one container, followed by ${FOLLOWERS}`, value: megabytes, unit: 'MB/s' },
      { name: 'bytes that a follower missed', value: lost, unit: 'bytes', goal: { atMost: 0 } },
    ];
  } finally {
    connection.close();
  }
}

/** Milliseconds from the moment at which a container can end (its pipe is closed) to the Job's condition Complete. */
async function exitDelay(client: Client, shared: string, name: string): Promise<number> {
  const pipe = join(shared, name);
  execFileSync('mkfifo', [pipe]);
  await client.create<Job>(JOBS, 'default', {
    metadata: { name },
    spec: {
      template: {
        spec: {
          restartPolicy: 'Never',
          volumes: [{ name: 'shared', hostPath: { path: shared } }],
          containers: [
            {
              name: 'c',
              image: IMAGE,
              command: ['cat', `/shared/${name}`],
              volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
            },
          ],
        },
      },
    },
  });
  await until(async () => (await podOf(client, name))?.status.phase === 'Running');
  // Opening waits for the container to open its end.
  const end = openSync(pipe, 'w');
  await sleep(200);
  const completed = completionOf(client, name);
  await sleep(50);
  closeSync(end);
  const start = performance.now();
  await completed;
  const took = performance.now() - start;
  await client.delete(JOBS, 'default', name, { propagationPolicy: 'Background' });
  return took;
}

/** Resolves when a watch shows the Job Complete. */
async function completionOf(client: Client, name: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { metadata } = await client.list<Job>(JOBS, { namespace: 'default' });
  const watch = await client.watch<Job>(JOBS, { namespace: 'default' }, metadata.resourceVersion ?? '', {
    next(events) {
      for (const { type, object } of events) {
        if (type === 'BOOKMARK' || object.metadata.name !== name) continue;
        const { conditions } = object.status;
        if (conditions?.some((each) => each.type === 'Complete' && each.status === 'True')) resolve();
      }
    },
    end: (error) => reject(error ?? new Error('the watch ended')),
  });
  await promise;
  watch.stop();
}

/** Lets a container print a megabyte a second while ten follow it; answers what the worst-served of them missed. */
async function followedLogs(client: Client): Promise<{ readonly lost: number; readonly seconds: number }> {
  const turn = `awk -v from=$at 'BEGIN { for (i = from; i < from + ${LINES_A_TURN}; i++) printf "%0${LINE_BYTES - 1}d\\n", i }'`;
  const script = `at=0; sleep 2; while [ $at -lt ${LINES} ]; do ${turn}; at=$((at + ${LINES_A_TURN})); usleep 85000; done`;
  const name = 'talker';
  await client.create<Pod>(PODS, 'default', {
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'c', image: IMAGE, command: ['sh', '-c', script] }],
    },
  });
  await until(async () => (await client.get(PODS, 'default', name)).status.phase === 'Running');
  const start = performance.now();
  const lost = await Promise.all(
    Array.from({ length: FOLLOWERS }, async () => {
      let bytes = 0;
      for await (const part of await client.logs('default', name, { follow: 'true' })) bytes += part.length;
      return LINES * LINE_BYTES - bytes;
    }),
  );
  return { lost: Math.max(...lost), seconds: (performance.now() - start) / 1000 };
}

async function podOf(client: Client, job: string): Promise<Pod | undefined> {
  const { items } = await client.list<Pod>(PODS, { namespace: 'default', labelSelector: `job-name=${job}` });
  return items[0] as Pod | undefined;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}
