/** Two servers on one containerd and on one Docker Engine: nobody touches what the other runs, whatever becomes of either. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { PodList } from '../../src/apis/core/types.ts';
import { requireProgram } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import { requireContainerd, startContainerd } from './containerd.ts';
import { requireDockerd, startDockerd } from './dockerd.ts';
import { makeBusyboxImage } from './images.ts';
import { eventually } from './pod-world.ts';

const BUSYBOX = 'docker.io/library/busybox:1.37';

/** An engine that both use. */
interface Shared {
  readonly runtime: string;
  /** Names and namespaces of the pods that have a sandbox, whoever's they are, in order. */
  readonly sandboxes: () => Promise<readonly string[]>;
}

/** A Job whose pod runs until it is told to go on. */
async function begin(server: TestServer, name: string): Promise<void> {
  const script = 'until test -e /go; do sleep 0.1; done';
  const c = { name: 'c', image: 'busybox:1.37', command: ['sh', '-c', script] };
  const spec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [c] };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { backoffLimit: 0, template: { spec } },
  };
  const { code, stderr } = await server.kubectl(['create', '-f', '-'], JSON.stringify(job));
  assert.equal(code, 0, stderr);
  await running(server, name);
}

/** Once the Job's pod runs. */
async function running(server: TestServer, name: string): Promise<void> {
  let last = '';
  await eventually(
    async () => {
      last = (await server.kubectl(['get', 'pods', '-l', `job-name=${name}`, '-o', 'json'])).stdout;
      const [pod] = (JSON.parse(last) as PodList).items;
      return pod?.status.containerStatuses?.[0]?.state?.running;
    },
    () => `the pod of ${name} does not run: ${last}`,
  );
}

/** Lets the Job's pod end, which has to be the first that it had. */
async function finish(server: TestServer, name: string): Promise<void> {
  const told = await server.kubectl(['exec', `job/${name}`, '--', 'touch', '/go']);
  assert.equal(told.code, 0, told.stderr);
  const { code, stderr } = await server.kubectl([
    'wait',
    '--for=condition=Complete',
    `job/${name}`,
    '--timeout=60s',
  ]);
  assert.equal(code, 0, stderr);
  const { stdout } = await server.kubectl(['get', 'job', name, '-o', 'jsonpath={.status.succeeded}']);
  assert.equal(stdout, '1');
}

async function keepApart({ runtime, sandboxes }: Shared): Promise<void> {
  const args = ['--runtime', runtime];
  const jobs = async (): Promise<string[]> => (await sandboxes()).map((name) => name.replace(/-[^-]*$/, ''));
  await using one = await startServer(args);
  await begin(one, 'one');
  await using two = await startServer(args);
  await begin(two, 'two');
  assert.deepEqual(await jobs(), ['one', 'two'], 'the second has cleared nothing of the first');
  await one.stop('SIGKILL');
  await using again = await startServer(args, one.dataDirectory);
  await running(again, 'one');
  await running(two, 'two');
  // A third is killed, and its data are removed: the next server to start clears what it left, and nothing else.
  {
    await using three = await startServer(args);
    await begin(three, 'three');
    await three.stop('SIGKILL');
  }
  assert.deepEqual(await jobs(), ['one', 'three', 'two']);
  await two.stop('SIGKILL');
  await using back = await startServer(args, two.dataDirectory);
  await eventually(
    async () => ((await jobs()).includes('three') ? undefined : true),
    () => 'what the third left stays',
  );
  assert.deepEqual(await jobs(), ['one', 'two']);
  await finish(again, 'one');
  await finish(back, 'two');
}

const mayRun = (context: TestContext): boolean =>
  requireProgram(context, 'kubectl', 'install kubectl 1.32 or newer');

test('two servers on one containerd keep apart, and one clears what a dead one left', async (context) => {
  if (!requireContainerd(context) || !mayRun(context)) return;
  await using containerd = await startContainerd();
  await containerd.importArchive(makeBusyboxImage(containerd.directory, [BUSYBOX]));
  await keepApart({
    runtime: `cri=${containerd.endpoint}`,
    sandboxes: async () => {
      const text = containerd.ctr(['containers', 'ls', '-q', 'labels."io.cri-containerd.kind"==sandbox']);
      const ids = text.split('\n').filter((id) => id !== '');
      const namesOf = (id: string): readonly string[] => {
        try {
          const { Labels } = JSON.parse(containerd.ctr(['containers', 'info', id])) as {
            readonly Labels: Readonly<Record<string, string>>;
          };
          return [Labels['io.kubernetes.pod.name'] ?? ''];
        } catch (error) {
          // Gone since it was listed.
          if (/not found/.test(String(error))) return [];
          throw error;
        }
      };
      return ids.flatMap(namesOf).toSorted();
    },
  });
});

test('two servers on one Docker Engine keep apart, and one clears what a dead one left', async (context) => {
  if (!requireDockerd(context) || !mayRun(context)) return;
  await using dockerd = await startDockerd();
  await dockerd.load(makeBusyboxImage(dockerd.directory, [BUSYBOX]));
  await keepApart({
    runtime: `docker=${dockerd.endpoint}`,
    sandboxes: async () => {
      const found = await dockerd.client.get<
        readonly { readonly Labels: Readonly<Record<string, string>> }[]
      >('/containers/json', { all: true, filters: { label: ['dev.longshore.role=sandbox'] } });
      return found.map(({ Labels }) => Labels['io.kubernetes.pod.name'] ?? '').toSorted();
    },
  });
});
