/**
 * Connections made up from a seed, most of which no client should make: each is answered or let go, nothing of them stays,
 * and what one reader would take for a body and another for a request is never carried out.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { openDataDirectory } from '../../src/cluster/data-directory/data-directory.ts';
import { startServer } from '../../src/cluster/server/server.ts';
import { CANARY, FuzzConnections, type Move } from '../harness/fuzz-connections.ts';
import { poll } from '../harness/poll.ts';

const CONNECTIONS = Math.ceil(Number(process.env['LONGSHORE_FUZZ_REQUESTS'] ?? 20_000) / 20);
const SEED = Number(process.env['LONGSHORE_FUZZ_SEED'] ?? 1);
/** Connections at once. */
const CLIENTS = 16;
/** Milliseconds that a client listens at most; many of these requests have no end that an answer could follow. */
const LISTEN_MS_MAX = 100;

/** Makes the moves; answers all that the server said. */
async function play(moves: readonly Move[], options: ConnectionOptions): Promise<string> {
  const halfOpen: ConnectionOptions & { readonly allowHalfOpen: boolean } = {
    ...options,
    allowHalfOpen: true,
  };
  const socket = connect(halfOpen);
  let said = '';
  let ended = false;
  let heard = (): void => {};
  socket.setEncoding('latin1').on('data', (letters: string) => {
    said += letters;
    heard();
  });
  socket.on('error', () => {});
  for (const event of ['end', 'close'])
    socket.on(event, () => {
      ended = true;
      heard();
    });
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve).once('error', reject);
  });
  let since = 0;
  for (const move of moves) {
    if (move.kind === 'write') {
      since = said.length;
      if (socket.writable) await written(socket, move.bytes);
    } else if (move.kind === 'half-close') socket.end();
    else if (move.kind === 'destroy') socket.destroy();
    else if (!ended && said.length === since) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LISTEN_MS_MAX);
        heard = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
  return said;
}

function written(socket: TLSSocket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.write(bytes, () => resolve());
  });
}

test(`${CONNECTIONS} connections made up from the seed ${SEED} leave nothing behind`, async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'longshore-fuzz-'));
  const faults: unknown[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (...about: unknown[]) => void faults.push(about) };
  const data = openDataDirectory(root);
  const server = await startServer({
    data,
    store: 'memory',
    listen: { address: '127.0.0.1', port: 0 },
    log,
  });
  t.after(async () => {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  });
  const { ca, cert, key } = server.adminAccess;
  const options: ConnectionOptions = {
    host: '127.0.0.1',
    port: Number(new URL(server.url).port),
    servername: 'localhost',
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
  const admin = server.transport({ username: 'admin', groups: ['system:masters'] });
  await admin.send({
    verb: 'create',
    group: '',
    version: 'v1',
    resource: 'configmaps',
    namespace: 'kube-system',
    body: { metadata: { name: 'canary' } },
  });

  const codes = new Map<string, number>();
  const connections = new FuzzConnections(SEED);
  let opened = 0;
  const worker = async (): Promise<void> => {
    while (opened < CONNECTIONS) {
      opened++;
      const moves = connections.next();
      const said = await play(moves, options);
      const sent = (): string =>
        moves.map((move) => (move.kind === 'write' ? move.bytes.toString('latin1') : move.kind)).join('|');
      // What is answered at all is answered in HTTP, or in frames of HTTP/2 or WebSocket after its head.
      if (said !== '' && !said.startsWith('\0')) assert.match(said, /^HTTP\/1\.1 \d\d\d /, sent());
      for (const [, code = ''] of said.matchAll(/^HTTP\/1\.1 (\d\d\d) /gm))
        codes.set(code, (codes.get(code) ?? 0) + 1);
      assert.deepEqual(faults, [], sent());
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, worker));
  const told = [...codes]
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([code, count]) => `${code}: ${count}`);
  t.diagnostic(`answers by code: ${told.join(', ')}`);
  for (const code of ['200', '400', '404']) assert.ok(codes.has(code), `none got ${code}`);

  const [, , , , resource = '', name = ''] = CANARY.slice(1).split('/');
  const canary = { group: '', version: 'v1', resource, namespace: 'kube-system', name };
  const kept = await admin.send({ verb: 'get', ...canary });
  assert.equal(kept.kind === 'object' && kept.code, 200, 'a hidden request was carried out');
  await poll('nothing of them is under way any more', async () => {
    const told = await metrics(options);
    const idle = [
      'apiserver_current_inflight_requests{request_kind="mutating"} 0',
      // This one.
      'apiserver_current_inflight_requests{request_kind="readOnly"} 1',
      'longshore_request_body_bytes 0',
    ];
    return idle.every((line) => told.includes(line)) && !told.includes('apiserver_longrunning_requests{');
  });
});

/** The server's metrics. */
async function metrics(options: ConnectionOptions): Promise<string> {
  const sent = get({ ...options, path: '/metrics', agent: false } as RequestOptions);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return text(response);
}
