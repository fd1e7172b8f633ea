import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { test } from 'node:test';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { systemClock } from '../../apimachinery/clock.ts';
import { newFakeRuntime } from '../runtimes/fake/index.ts';
import { check } from './check.ts';

const target = {
  runtime: newFakeRuntime(systemClock),
  clock: systemClock,
  container: { name: 'c', ports: [{ name: 'web', containerPort: 0 }] },
  containerId: 'id',
  ip: '127.0.0.1',
};

test('an HTTP probe takes 200 to 399 for good, sends its headers, and gives up after its time', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/slow') return;
    response.statusCode = Number(request.headers['x-answer'] ?? 200);
    response.end(request.headers['user-agent']);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (answer: string, path = '/') =>
    check({ httpGet: { port, path, httpHeaders: [{ name: 'X-Answer', value: answer }] } }, target, 1);
  try {
    assert.deepEqual(await ask('200'), { ok: true, output: '' });
    assert.equal((await ask('302')).ok, true);
    assert.deepEqual(await ask('503'), { ok: false, output: 'HTTP probe failed with statuscode: 503' });
    const slow = await ask('200', '/slow');
    assert.equal(slow.ok, false);
    assert.match(slow.output, /deadline exceeded/);
    const named = { ...target, container: { name: 'c', ports: [{ name: 'web', containerPort: port }] } };
    assert.equal((await check({ httpGet: { port: 'web' } }, named, 1)).ok, true);
    assert.equal(
      (await check({ httpGet: { port: 'nobody' } }, named, 1)).output,
      'couldn\'t find port: "nobody"',
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('an HTTP probe follows redirects on the same host, and tells what an answer says that leads elsewhere', async () => {
  const server = createServer((request, response) => {
    const [, code = '', to = ''] = /^\/(\d+)(.*)$/.exec(request.url ?? '') ?? [];
    if (code === '') return void response.writeHead(503).end();
    response.writeHead(Number(code), to === '' ? {} : { location: to.slice(1) });
    if (to.endsWith('/stuck')) response.write('half');
    else response.end('there');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (path: string) => check({ httpGet: { port, path } }, target, 1);
  const warned = { ok: true, output: '', warning: 'Probe terminated redirects, Response body: there' };
  try {
    assert.deepEqual(await ask('/302?/200'), { ok: true, output: '' });
    assert.equal((await ask('/302?/away')).ok, false);
    assert.deepEqual(await ask('/302?http://0.0.0.0/'), warned);
    for (const path of ['/302', '/300?/away']) assert.deepEqual(await ask(path), warned);
    const stuck = await ask('/200?/stuck');
    assert.deepEqual([stuck.ok, stuck.errored], [false, true]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('a TCP probe asks whether somebody listens', async () => {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  assert.equal((await check({ tcpSocket: { port } }, target, 1)).ok, true);
  await new Promise((resolve) => server.close(resolve));
  const refused = await check({ tcpSocket: { port } }, target, 1);
  assert.equal(refused.ok, false);
  assert.match(refused.output, /^dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/);
});

test('a gRPC probe asks the health service, by name', async () => {
  const server = new Server();
  const plain = (bytes: Buffer): Buffer => bytes;
  const method = { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false };
  const codecs = {
    requestSerialize: plain,
    requestDeserialize: plain,
    responseSerialize: plain,
    responseDeserialize: plain,
  };
  server.addService(
    { check: { ...method, ...codecs } },
    {
      // Field 1 as a varint: 1 is SERVING, 2 is NOT_SERVING.
      check: (call: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) =>
        answer(null, Buffer.from([8, call.request.includes('sick') ? 2 : 1])),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  try {
    assert.deepEqual(await check({ grpc: { port } }, target, 2), { ok: true, output: '' });
    const sick = await check({ grpc: { port, service: 'sick' } }, target, 2);
    assert.deepEqual(sick, { ok: false, output: 'service unhealthy (responded with "NOT_SERVING")' });
  } finally {
    server.forceShutdown();
  }
  assert.equal((await check({ grpc: { port } }, target, 1)).ok, false);
});
