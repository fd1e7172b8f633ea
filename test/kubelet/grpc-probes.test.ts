/** gRPC probes against a real gRPC server: pods as processes, whose address is this machine's. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type handleUnaryCall, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { systemRandom } from '../../src/apimachinery/random.ts';
import type { Container } from '../../src/apis/core/types.ts';
import { newProcessRuntime, openOwner } from '../../src/kubelet/index.ts';
import { readMachine } from '../../src/kubelet/node/machine.ts';
import { poll } from '../harness/poll.ts';
import { KubeletWorld } from './world.ts';

/** Field 1 of HealthCheckResponse, a number: SERVING and NOT_SERVING. */
const ANSWERS: Readonly<Record<string, Buffer>> = {
  '': Buffer.from([0x08, 1]),
  store: Buffer.from([0x08, 1]),
  sick: Buffer.from([0x08, 2]),
};

/** What asks, and what for. */
interface Question {
  readonly service: string;
  readonly agent: string;
}

/** A server of grpc.health.v1.Health; without `health`, one that knows no service at all. */
async function serve(asked: Question[], health: boolean): Promise<{ readonly port: number; stop(): void }> {
  const check: handleUnaryCall<{ readonly service: string }, Buffer> = ({ request, metadata }, answer) => {
    asked.push({ service: request.service, agent: String(metadata.get('user-agent')[0]) });
    const found = ANSWERS[request.service];
    if (found === undefined) answer({ code: status.NOT_FOUND, details: 'unknown service' });
    else answer(null, found);
  };
  const server = new Server();
  if (health) {
    const method = {
      path: '/grpc.health.v1.Health/Check',
      requestStream: false,
      responseStream: false,
      requestSerialize: () => Buffer.alloc(0),
      // Field 1 of HealthCheckRequest, a text of less than 128 bytes.
      requestDeserialize: (bytes: Buffer) => ({ service: bytes.subarray(2).toString() }),
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    };
    server.addService({ Check: method }, { Check: check });
  }
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('0.0.0.0:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { port, stop: () => server.forceShutdown() };
}

const probed = (name: string, port: number, service?: string): Container => ({
  name,
  image: 'busybox',
  command: ['sleep', '1000'],
  readinessProbe: {
    grpc: { port, ...(service === undefined ? {} : { service }) },
    periodSeconds: 1,
    failureThreshold: 1,
  },
});

test('a gRPC server is asked for its health, or that of a service, and its answer decides', async (t) => {
  const asked: Question[] = [];
  const [healthy, other] = [await serve(asked, true), await serve(asked, false)];
  const directory = mkdtempSync(join(tmpdir(), 'longshore-kubelet-test-'));
  const world = await KubeletWorld.open(systemClock);
  const owner = openOwner({ directory, endsWithProcess: false, random: systemRandom });
  const runtime = newProcessRuntime({ clock: systemClock, random: systemRandom, owner, directory });
  const machine = { ...(await readMachine(directory)), addresses: ['127.0.0.1'] };
  const kubelet = world.kubelet(runtime, directory, { machine });
  await kubelet.start();
  t.after(async () => {
    for (const { id } of await runtime.listPodSandboxes()) await runtime.stopPodSandbox(id);
    await world.close();
    await runtime.close();
    healthy.stop();
    other.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  await world.createPod('p', {
    containers: [
      probed('whole', healthy.port),
      probed('service', healthy.port, 'store'),
      probed('sick', healthy.port, 'sick'),
      probed('unknown', healthy.port, 'nobody'),
      probed('silent', other.port),
    ],
  });
  const pod = await world.until(
    'p',
    ({ status: { containerStatuses: all = [] } }) =>
      all.length === 5 && all.slice(0, 2).every(({ ready }) => ready),
  );
  const condition = pod.status.conditions?.find(({ type }) => type === 'ContainersReady');
  assert.equal(condition?.message, 'containers with unready status: [sick unknown silent]');
  const wanted = [
    'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
    'Readiness probe failed: error: health rpc probe failed: rpc error: code = NotFound desc = unknown service',
    'Readiness probe failed: error: this server does not implement the grpc health protocol (grpc.health.v1.Health): The server does not implement the method /grpc.health.v1.Health/Check',
  ];
  let told: readonly string[] = [];
  await poll('every failure is told', async () => {
    told = (await world.events('p'))
      .filter((each) => each.startsWith('Unhealthy: '))
      .map((each) => each.slice(11));
    return wanted.every((each) => told.includes(each));
  });
  assert.deepEqual([...new Set(told)].sort(), wanted.toSorted());
  assert.ok(
    asked.every(({ agent }) => agent.startsWith('kube-probe/1.36')),
    JSON.stringify(asked),
  );
  assert.deepEqual([...new Set(asked.map(({ service }) => service))].sort(), ['', 'nobody', 'sick', 'store']);
});
