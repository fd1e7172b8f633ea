/**
 * Requests made up from a seed: each gets an answer, the server stays sound, and so does its store. A part of them runs with
 * the other tests; `npm run fuzz` runs a hundred thousand, `LONGSHORE_FUZZ_SEED` chooses others.
 */
import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect } from 'node:http2';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Transport } from '../../src/apimachinery/api-request.ts';
import { temporaryDirectory } from '../../src/apimachinery/testing/temporary-directory.ts';
import { openDataDirectory } from '../../src/cluster/data-directory/data-directory.ts';
import { type Server, startServer } from '../../src/cluster/server/server.ts';
import { type FuzzRequest, FuzzRequests } from '../harness/fuzz-requests.ts';

const REQUESTS = Number(process.env['LONGSHORE_FUZZ_REQUESTS'] ?? 20_000);
const SEED = Number(process.env['LONGSHORE_FUZZ_SEED'] ?? 1);
/** Requests under way at once. */
const CLIENTS = 16;
/** Milliseconds after which a request counts as never answered. */
const PATIENCE_MS = 60_000;
/** Bytes by which the heap may have grown between a quarter of the requests and their end: what the caches may hold. */
const GROWTH_BYTES_MAX = 48 * 1024 * 1024;

/** The resources whose objects are compared before and after a restart. */
const KEPT: readonly (readonly [group: string, resource: string])[] = [
  ['', 'configmaps'],
  ['', 'secrets'],
  ['', 'pods'],
  ['', 'services'],
  ['', 'namespaces'],
  ['batch', 'jobs'],
  ['batch', 'cronjobs'],
  ['rbac.authorization.k8s.io', 'roles'],
  ['coordination.k8s.io', 'leases'],
];

/** Sends the request and reads its whole answer; of a watch only the beginning. Answers the status. */
function send(session: ClientHttp2Session, { method, path, headers, body }: FuzzRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), PATIENCE_MS);
    const done = (code: number): void => {
      clearTimeout(timer);
      resolve(code);
    };
    const stream = session.request(
      { ':method': method, ':path': path, ...headers },
      { endStream: body.length === 0 },
    );
    let code = 0;
    stream.on('response', (answer) => {
      code = Number(answer[':status']);
      if (code === 200 && /[?&](watch|follow)=|\/watch\//.test(path)) stream.close();
    });
    stream.on('data', () => {});
    stream.on('error', () => done(code));
    stream.on('close', () => done(code));
    stream.on('end', () => done(code));
    if (body.length > 0) stream.end(body);
  });
}

async function heapBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What waits for its turn is let go first.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;

async function objectsOf(transport: Transport): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const [group, resource] of KEPT) {
    const answer = await transport.send({ verb: 'list', group, version: 'v1', resource });
    assert.equal(answer.kind, 'object');
    const { items } = (answer.kind === 'object' ? answer.object : {}) as {
      readonly items: readonly object[];
    };
    for (const item of items) {
      // What every start makes anew, where a request has deleted it.
      const text = JSON.stringify(item);
      if (!text.includes('"kubernetes.io/bootstrapping"')) texts.push(`${resource} ${text}`);
    }
  }
  return texts;
}

test(`${REQUESTS} requests made up from the seed ${SEED} are answered, memory stays, and the store is sound`, async (t) => {
  const root = temporaryDirectory(t);
  const faults: unknown[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (...about: unknown[]) => void faults.push(about) };
  const data = openDataDirectory(root);
  const start = (): Promise<Server> =>
    startServer({ data, store: 'sqlite', listen: { address: '127.0.0.1', port: 0 }, log, audit: true });
  const admin = { username: 'admin', groups: ['system:masters'] };

  const server = await start();
  const { ca, cert, key } = server.adminAccess;
  t.after(async () => {
    session.destroy();
    await server.stop();
  });
  const session = connect(server.url, { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
  const requests = new FuzzRequests(SEED);
  const codes = new Map<number, number>();
  let sent = 0;
  const worker = async (until: number): Promise<void> => {
    while (sent < until) {
      sent++;
      const at = sent;
      const request = requests.next();
      let code: number;
      try {
        code = await send(session, request);
      } catch (error) {
        throw new Error(`request ${at}: ${request.method} ${request.path}`, { cause: error });
      }
      // HTTP/2 itself refuses a path without a leading slash: the stream is reset before anybody sees a request.
      if (code === 0 && !request.path.startsWith('/')) continue;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      assert.deepEqual(
        faults,
        [],
        `request ${at}: ${request.method} ${request.path} ${request.body.toString()}`,
      );
    }
  };
  let before = 0;
  for (let part = 1; part <= 4; part++) {
    await Promise.all(Array.from({ length: CLIENTS }, () => worker((REQUESTS / 4) * part)));
    const heap = await heapBytes();
    if (part === 1) before = heap;
    t.diagnostic(
      `after ${sent} requests: heap ${mebibytes(heap)}, resident ${mebibytes(process.memoryUsage.rss())}`,
    );
  }
  const grown = (await heapBytes()) - before;
  assert.ok(grown < GROWTH_BYTES_MAX, `the heap grew by ${mebibytes(grown)}`);
  const polluted: Record<string, unknown> = {};
  assert.deepEqual(Object.keys(Object.getPrototypeOf(polluted) as object), []);

  const told = [...codes].sort(([a], [b]) => a - b).map(([code, count]) => `${code}: ${count}`);
  t.diagnostic(`answers by code: ${told.join(', ')}`);
  for (const code of [200, 201, 400, 404, 405, 409, 415, 422]) assert.ok(codes.has(code), `none got ${code}`);
  assert.equal(codes.get(0) ?? 0, 0, 'a stream ended without an answer');

  const kept = await objectsOf(server.transport(admin));
  session.destroy();
  await server.stop();
  const again = await start();
  try {
    assert.deepEqual(await objectsOf(again.transport(admin)), kept);
  } finally {
    await again.stop();
  }
  assert.deepEqual(faults, []);
});
