/** The same controllers, scheduler and node agent that run in process, run against a server over HTTPS. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { systemRandom } from '../../src/apimachinery/random.ts';
import type { Job } from '../../src/apis/batch/types.ts';
import type { Pod } from '../../src/apis/core/types.ts';
import { componentContext, JOBS, PODS, writeKubeconfig } from '../../src/client/index.ts';
import { silent } from '../../src/client/testing/silent-log.ts';
import { newControlLoops } from '../../src/cluster/control-loops.ts';
import { openDataDirectory } from '../../src/cluster/data-directory/data-directory.ts';
import { connect } from '../../src/cluster/index.ts';
import { startServer } from '../../src/cluster/server/server.ts';
import { Kubelet, newFakeRuntime } from '../../src/kubelet/index.ts';
import { newScheduler } from '../../src/scheduler/index.ts';

test('controllers, scheduler and kubelet run a Job through a server that they reach over HTTPS alone', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rmSync(directory, { recursive: true, force: true }));
  const data = openDataDirectory(directory);
  const server = await startServer({
    data,
    store: 'sqlite',
    listen: { address: '127.0.0.1', port: 0 },
    log: silent,
  });
  cleanup.defer(() => server.stop());
  writeKubeconfig(data.kubeconfig, 'longshore', server.adminAccess);
  const connection = await connect(data.kubeconfig);
  cleanup.defer(() => connection.close());

  const { client } = connection;
  const context = componentContext({ client, clock: systemClock, random: systemRandom, log: silent });
  cleanup.defer(() => context.stop());
  const runtime = newFakeRuntime(systemClock);
  const kubelet = new Kubelet({ context, nodeName: 'remote', runtime, rootDirectory: data.kubelet });
  const components = [
    ...newControlLoops(
      context,
      server.certificates,
      { graceMs: 40_000, podEvictionMs: 30_000 },
      { address: { host: '127.0.0.1', port: server.port }, signSecretToken: server.signSecretToken },
    ),
    newScheduler(context, { host: 'remote' }),
    kubelet,
  ];
  for (const component of components) cleanup.defer(() => component.stop());
  await Promise.all(components.map((component) => component.start()));

  await client.create<Job>(JOBS, 'default', {
    metadata: { name: 'remote' },
    spec: {
      completions: 20,
      parallelism: 5,
      completionMode: 'Indexed',
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i', command: ['true'] }] },
      },
    },
  });
  const end = await new Promise<Job['status']>((resolve) => {
    context.informer<Job>(JOBS).onChange({
      updated: ({ status }) => {
        if (status.conditions?.some(({ type }) => type === 'Complete')) resolve(status as Job['status']);
      },
    });
  });
  assert.equal(end.succeeded, 20);
  assert.equal(end.completedIndexes, '0-19');
  assert.equal(end.failed, undefined);
  const pods = await client.list<Pod>(PODS, { namespace: 'default' });
  assert.equal(pods.items.length, 20);
  assert.ok(
    pods.items.every((pod) => pod.spec.nodeName === 'remote' && pod.metadata.finalizers === undefined),
  );
});
