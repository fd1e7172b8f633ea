/** Agents that join a server, and Jobs whose pods leave a line for each time that an index ran. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeepReadonly } from '../../src/apimachinery/meta/object.ts';
import type { Pod } from '../../src/apis/core/types.ts';
import { type Client, JOBS, NODES, PODS } from '../../src/client/index.ts';
import { eventually } from './poll.ts';
import { execute, LONGSHORE, type TestServer } from './server.ts';

/** Asks again and again until the answer is no longer undefined. */
export function until<Value>(what: string, ask: () => Promise<Value | undefined>): Promise<Value> {
  return eventually(ask, () => `not in time: ${what}`);
}

/** What to start an agent with that joins by a new token. */
export async function joinArguments(server: TestServer): Promise<readonly string[]> {
  const made = await execute(process.execPath, [
    LONGSHORE,
    'token',
    'create',
    '--data-dir',
    server.dataDirectory,
  ]);
  assert.equal(made.code, 0, made.stderr);
  const [, ...words] = made.stdout.trim().split(' ');
  return words;
}

/** The rest of it. @param runtime as `--runtime` takes it. */
export const agentArguments = (server: TestServer, name: string, runtime = 'process'): readonly string[] => [
  '--runtime',
  runtime,
  '--lease-duration',
  '4s',
  '--node-name',
  name,
  '--data-dir',
  join(server.dataDirectory, `agent-${name}`),
];

/** Each pod adds a line to the file of its index, and ends when there is a file `go`. @param more of the Job's spec. */
export function lineJob(
  name: string,
  directory: string,
  completions: number,
  more: object = {},
  isContained = false,
): object {
  const script = `echo run $JOB_COMPLETION_INDEX; echo once >> ${directory}/${name}-ran-$JOB_COMPLETION_INDEX; until [ -e ${directory}/go ]; do sleep 0.1; done`;
  const volume = { name: 'lines', hostPath: { path: directory } };
  const container = { name: 'c', image: 'busybox:1.37', command: ['sh', '-c', script] };
  const mounted = { ...container, volumeMounts: [{ name: volume.name, mountPath: directory }] };
  const labelSelector = { matchLabels: { 'job-name': name } };
  const spread = { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' };
  return {
    metadata: { name, annotations: { 'longshore.dev/retry-delay': '1s..2s' } },
    spec: {
      completions,
      parallelism: completions,
      completionMode: 'Indexed',
      backoffLimit: 20,
      ...more,
      template: {
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 1,
          topologySpreadConstraints: [{ ...spread, labelSelector }],
          containers: [isContained ? mounted : container],
          ...(isContained ? { volumes: [volume] } : {}),
        },
      },
    },
  };
}

/** The Job's pods. */
export async function podsOf(client: Client, job: string): Promise<readonly DeepReadonly<Pod>[]> {
  return (await client.list(PODS, { namespace: 'default', labelSelector: `job-name=${job}` })).items;
}

/** Whether it runs and may stay. */
export const isRunning = ({ status, metadata }: DeepReadonly<Pod>): boolean =>
  status.phase === 'Running' && metadata.deletionTimestamp === undefined;

/** Its index. */
export const indexOf = ({ metadata }: DeepReadonly<Pod>): string =>
  metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? '';

/** The pods that run, once each index has one. */
export function allRun(client: Client, job: string, count: number): Promise<readonly DeepReadonly<Pod>[]> {
  return until('each index has a pod that runs', async () => {
    const running = (await podsOf(client, job)).filter(isRunning);
    return new Set(running.map(indexOf)).size === count && running.length === count ? running : undefined;
  });
}

/** Resolves when the node's condition Ready has that status. */
export function isReady(client: Client, node: string, status: string): Promise<true> {
  return until(`node ${node} is Ready=${status}`, async () => {
    const { conditions } = (await client.get(NODES, '', node)).status;
    return conditions?.some((each) => each.type === 'Ready' && each.status === status) ? true : undefined;
  });
}

/** The Job's status once it is complete. */
export async function completes(
  client: Client,
  name: string,
): Promise<DeepReadonly<Record<string, unknown>>> {
  return until(`job ${name} is complete`, async () => {
    const { status } = await client.get(JOBS, 'default', name);
    return status.conditions?.some((each) => each.type === 'Complete') ? { ...status } : undefined;
  });
}

/** How often each index of the Job began, in order of the counts. */
export function timesRun(name: string, directory: string): readonly number[] {
  return readdirSync(directory)
    .filter((file) => file.startsWith(`${name}-ran-`))
    .map((file) => readFileSync(join(directory, file), 'utf8').trim().split('\n').length)
    .toSorted((a, b) => a - b);
}

/** Resolves when so many indexes have begun: a container runs a moment before its script has said anything. */
export async function haveBegun(name: string, directory: string, count: number): Promise<void> {
  await until(`${count} indexes of ${name} have begun`, async () =>
    timesRun(name, directory).length === count ? true : undefined,
  );
}
