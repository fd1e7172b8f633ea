/** Two servers on one containerd and on one Docker Engine: nobody touches what the other runs, whatever becomes of either. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kubectl } from '../harness/kubectl.ts';
import { unmountBelow } from '../harness/owner-remains.ts';
import { eventually, poll } from '../harness/poll.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import { requireContainerd, startContainerd } from './containerd.ts';
import { requireDockerd, startDockerd } from './dockerd.ts';
import { makeBusyboxImage } from './images.ts';
import { isRunning, jobIs, podOfJobWhen, startJob } from './jobs.ts';

const BUSYBOX = 'docker.io/library/busybox:1.37';

/** An engine that both use. */
interface Shared {
  readonly runtime: string;
  /** Names and namespaces of the pods that have a sandbox, whoever's they are, in order. */
  readonly sandboxes: () => Promise<readonly string[]>;
}

/** A Job whose pod runs until it is told to go on. */
async function begin(server: TestServer, name: string): Promise<void> {
  await startJob(server, name, 'until test -e /go; do sleep 0.1; done');
  await podOfJobWhen(server, name, isRunning);
}

/** Lets the Job's pod end, which has to be the first that it had. */
async function finish(server: TestServer, name: string): Promise<void> {
  await kubectl(server, ['exec', `job/${name}`, '--', 'touch', '/go']);
  await jobIs(server, name, 'Complete');
  const succeeded = ['get', 'job', name, '-o', 'jsonpath={.status.succeeded}'];
  assert.equal(await kubectl(server, succeeded), '1');
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
  await podOfJobWhen(again, 'one', isRunning);
  await podOfJobWhen(two, 'two', isRunning);
  // A third is killed, and its data are removed: the next server to start clears what it left, and nothing else.
  const three = await startServer(args);
  await begin(three, 'three');
  const { id } = JSON.parse(readFileSync(join(three.dataDirectory, 'kubelet/owner.json'), 'utf8')) as {
    readonly id: string;
  };
  const groups = `/sys/fs/cgroup/memory/longshore/${id}`;
  await three.stop('SIGKILL');
  // What pods have in memory is mounted there still.
  unmountBelow(three.dataDirectory);
  rmSync(three.dataDirectory, { recursive: true });
  assert.deepEqual(await jobs(), ['one', 'three', 'two']);
  assert.ok(existsSync(groups), 'so do its control groups');
  await two.stop('SIGKILL');
  await using back = await startServer(args, two.dataDirectory);
  await eventually(
    async () => ((await jobs()).includes('three') ? undefined : true),
    () => 'what the third left stays',
  );
  await poll('its control groups are gone too', () => !existsSync(groups));
  assert.deepEqual(await jobs(), ['one', 'two']);
  await finish(again, 'one');
  await finish(back, 'two');
}

test('two servers on one containerd keep apart, and one clears what a dead one left', async (context) => {
  if (!requireContainerd(context) || !requireKubectl(context)) return;
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
  if (!requireDockerd(context) || !requireKubectl(context)) return;
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
