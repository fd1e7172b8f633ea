/** The JavaScript client's Health, Metrics, topNodes and topPods, and every option of its Log. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import {
  ApiException,
  CoreV1Api,
  Health,
  KubeConfig,
  Log,
  type LogOptions,
  Metrics,
  topNodes,
  topPods,
} from '@kubernetes/client-node';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { Cgroups } from '../../src/kubelet/cgroups/index.ts';
import { poll } from '../harness/poll.ts';
import { startServer, type TestServer } from '../harness/server.ts';

const namespace = 'default';
let server: TestServer;
const config = new KubeConfig();
let core: CoreV1Api;

before(async () => {
  server = await startServer(['--runtime', 'process']);
  config.loadFromFile(server.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
});

after(async () => {
  await server[Symbol.asyncDispose]();
});

async function run(name: string, script: string, phase: string, more: object = {}): Promise<void> {
  const container = { name: 'main', image: 'busybox', command: ['sh', '-c', script], ...more };
  const spec = { restartPolicy: 'Never', containers: [container] };
  await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec } });
  await poll(`${name} is ${phase}`, async () => {
    const { status } = await core.readNamespacedPod({ namespace, name });
    return status?.phase === phase;
  });
}

test('Health tells whether the server lives and is ready', async () => {
  const health = new Health(config);
  assert.deepEqual([await health.livez({}), await health.readyz({})], [true, true]);
});

test('Metrics, topNodes and topPods tell what nodes and pods use, beside what they ask for', async (t) => {
  if ((await Cgroups.find(systemClock)) === undefined)
    return t.skip('the control groups of this machine cannot be changed');
  const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '2' } };
  await run('busy', 'while :; do :; done', 'Running', { resources });
  const metrics = new Metrics(config);
  const { items: nodes } = await metrics.getNodeMetrics();
  assert.equal(nodes.length, 1);
  assert.match(nodes[0]?.usage.cpu ?? '', /^\d+n$/);
  for (const list of [await metrics.getPodMetrics(), await metrics.getPodMetrics(namespace)]) {
    const [pod] = list.items;
    assert.deepEqual(
      [list.kind, pod?.metadata.name, pod?.containers[0]?.name],
      ['PodMetricsList', 'busy', 'main'],
    );
  }
  const [node] = await topNodes(core);
  assert.equal(node?.Node.metadata?.name, nodes[0]?.metadata.name);
  assert.deepEqual([node?.CPU.RequestTotal, node?.CPU.LimitTotal], [0.01, 2]);
  assert.equal(node?.Memory.RequestTotal, 16n << 20n);
  const [pod] = await topPods(core, metrics, namespace);
  const [container] = pod?.Containers ?? [];
  assert.deepEqual([pod?.Pod.metadata?.name, container?.Container], ['busy', 'main']);
  const { CurrentUsage: cores = 0, RequestTotal, LimitTotal } = container?.CPUUsage ?? {};
  // One processor at most, shared with whatever else this machine does.
  assert.ok(Number(cores) > 0.005 && Number(cores) < 1.5, `${cores} cores`);
  assert.deepEqual([RequestTotal, LimitTotal], [0.01, 2]);
  await core.deleteNamespacedPod({ namespace, name: 'busy', gracePeriodSeconds: 1 });
});

test('Log takes every option, and tells what there is no log of', async () => {
  await run('counted', 'seq 1 20', 'Succeeded');
  const log = async (options: LogOptions): Promise<string> => {
    const stream = new PassThrough();
    await new Log(config).log(namespace, 'counted', 'main', stream, options);
    return text(stream);
  };
  assert.equal((await log({})).split('\n').length, 21);
  assert.equal(await log({ tailLines: 2 }), '19\n20\n');
  assert.equal(await log({ limitBytes: 5 }), '1\n2\n3');
  assert.equal(await log({ sinceSeconds: 3600, tailLines: 1 }), '20\n');
  assert.equal(await log({ sinceTime: '2090-01-01T00:00:00Z' }), '');
  assert.match(await log({ timestamps: true, tailLines: 1 }), /^\d{4}-\d\d-\d\dT\S+Z 20\n$/);
  const refused = (code: number) => (error: unknown) => error instanceof ApiException && error.code === code;
  await assert.rejects(log({ previous: true }), refused(400));
  const nobody = new Log(config).log(namespace, 'nobody', 'main', new PassThrough(), {});
  await assert.rejects(nobody, refused(404));
});
