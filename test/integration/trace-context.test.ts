/** The trace of a client's request on its way to a node, over the mutual TLS between server and agent. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { seededRandom } from '../../src/apimachinery/random.ts';
import type { Pod } from '../../src/apis/core/types.ts';
import { openCertificates } from '../../src/apiserver/index.ts';
import { componentContext, NODES, newClient } from '../../src/client/index.ts';
import { RemoteNodes } from '../../src/cluster/nodes/remote-nodes.ts';
import { NodeServer } from '../../src/kubelet/server/index.ts';
import { WholeWorld } from '../harness/whole-world.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const HOUR_MS = 3_600_000;

test('logs, exec, attach and port-forward tell the node which trace they are part of', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'longshore-trace-'));
  t.after(() => rm(directory, { recursive: true }));
  const certificates = await openCertificates({ directory, clock: systemClock, names: ['127.0.0.1'] });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = await certificates.sign({
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    commonName: 'system:node:far',
    organizations: ['system:nodes'],
    names: ['127.0.0.1'],
    usages: ['server auth'],
    notBefore: systemClock.now() - HOUR_MS,
    notAfter: systemClock.now() + HOUR_MS,
  });

  const told: (object & { readonly URI?: string; readonly traceID?: string })[] = [];
  const ignore = (): void => {};
  const log = {
    debug: ignore,
    warn: ignore,
    error: ignore,
    info: (fields: object) => void told.push(fields),
  };
  const pod = { metadata: { namespace: 'n', name: 'p' }, spec: { nodeName: 'far' } } as unknown as Pod;
  const refuse = (): never => assert.fail('it does not come so far');
  const server = new NodeServer({
    ca: certificates.authority,
    address: '127.0.0.1',
    port: 0,
    clock: systemClock,
    log,
    // The pod is not there, so that each request ends with its refusal.
    node: {
      pod: () => undefined,
      logs: refuse,
      streams: { exec: refuse, attach: refuse, ports: refuse },
      reports: {
        pods: refuse,
        metrics: refuse,
        summary: refuse,
        consumption: refuse,
        configuration: refuse,
      },
    },
    volumes: { make: refuse, remove: refuse },
  });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await server.start({ certificate, key });
  t.after(() => server.stop());

  const world = new WholeWorld();
  t.after(() => world.stop());
  await world.create('v1', 'nodes', 'Node', '', {
    metadata: { name: 'far' },
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: server.port } },
    } as never,
  });
  const client = newClient(world.client.transport);
  const context = componentContext({ client, clock: systemClock, random: seededRandom(1), log });
  t.after(() => context.stop());
  await context.informer(NODES).start();
  const nodes = new RemoteNodes(context, certificates);

  const wanted = { stdin: false, stdout: true, stderr: false, tty: false };
  const parameters = { container: 'c', follow: false, previous: false, timestamps: false };
  const asked = async (trace?: string): Promise<void> => {
    await assert.rejects(nodes.open(pod, parameters, undefined, trace), /not found/);
    await assert.rejects(nodes.exec(pod, 'c', ['true'], wanted, trace), /not found/);
    await assert.rejects(nodes.attach(pod, 'c', wanted, trace), /not found/);
    await assert.rejects(async () => (await nodes.ports(pod, trace))(80), /not found/);
  };
  await asked(TRACEPARENT);
  assert.deepEqual(
    told.map(({ URI = '', traceID }) => [URI.split('/')[1], traceID]),
    ['containerLogs', 'exec', 'attach', 'portForward'].map((what) => [what, TRACE]),
  );
  told.length = 0;
  await asked();
  assert.deepEqual(
    told.map(({ traceID }) => traceID),
    [undefined, undefined, undefined, undefined],
  );
});
