/** Jobs of one container `c` of busybox: made, waited for and asked through kubectl. */
import assert from 'node:assert/strict';
import type { Pod, PodList } from '../../src/apis/core/types.ts';
import { kubectl } from '../harness/kubectl.ts';
import { eventually } from '../harness/poll.ts';
import type { TestServer } from '../harness/server.ts';

/** What a Job has beyond its script: each is merged into the one that {@link startJob} makes. */
export interface JobParts {
  readonly container?: object;
  readonly podSpec?: object;
  readonly jobSpec?: object;
}

/** Makes a Job whose container runs that shell script. */
export async function startJob(
  server: TestServer,
  name: string,
  script: string,
  { container = {}, podSpec = {}, jobSpec = {} }: JobParts = {},
): Promise<void> {
  const c = { name: 'c', image: 'busybox:1.37', command: ['sh', '-c', script], ...container };
  const spec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [c], ...podSpec };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { backoffLimit: 0, template: { spec }, ...jobSpec },
  };
  await kubectl(server, ['create', '-f', '-'], JSON.stringify(job));
}

/** The Job's pods. */
export async function podsOf(server: TestServer, job: string): Promise<readonly Pod[]> {
  const text = await kubectl(server, ['get', 'pods', '-l', `job-name=${job}`, '-o', 'json']);
  return (JSON.parse(text) as PodList).items;
}

/** The Job's first pod, once `isReady` says so. */
export async function podOfJobWhen(
  server: TestServer,
  job: string,
  isReady: (pod: Pod) => boolean,
): Promise<Pod> {
  let last: Pod | undefined;
  return eventually(
    async () => {
      [last] = await podsOf(server, job);
      return last !== undefined && isReady(last) ? last : undefined;
    },
    () => `the pod of ${job} stays at ${JSON.stringify(last?.status)}`,
  );
}

/** Whether the pod's first container runs. */
export function isRunning({ status }: Pod): boolean {
  return status.containerStatuses?.[0]?.state?.running !== undefined;
}

/** Waits until the Job has that condition; the failure shows what its pods say. */
export async function jobIs(
  server: TestServer,
  job: string,
  condition: 'Complete' | 'Failed',
): Promise<readonly Pod[]> {
  const args = ['wait', `--for=condition=${condition}`, `job/${job}`, '--timeout=60s'];
  const { code } = await server.kubectl(args);
  const pods = await podsOf(server, job);
  const told = JSON.stringify(pods.map(({ status }) => status));
  assert.equal(code, 0, `${job} is not ${condition}: ${told}`);
  return pods;
}

/** The Job's only pod, once the Job has that condition. */
export async function podOfEnded(
  server: TestServer,
  job: string,
  condition: 'Complete' | 'Failed',
): Promise<Pod> {
  const [pod] = await jobIs(server, job, condition);
  assert.ok(pod, `${job} has no pod`);
  return pod;
}
