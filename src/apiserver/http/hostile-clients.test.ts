/** Clients that send too much, too slowly, or from where they should not. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { poll } from '../../../test/harness/poll.ts';
import { systemClock } from '../../apimachinery/clock.ts';
import { type Certificates, openCertificates } from '../certificates/index.ts';
import { gadgetServer } from '../testing/gadgets.ts';
import { MUTATING_IN_FLIGHT_MAX } from './in-flight.ts';
import type { Listening } from './listener.ts';

const PATH = '/apis/demo.example.com/v1/namespaces/yard/gadgets';
/** Requests that one connection has open: fewer than it may have. */
const STREAMS_OF_SESSION = 500;
const MEGABYTE = Buffer.alloc(1024 * 1024, ' ');

let directory: string;
let certificates: Certificates;
let server: Listening;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'longshore-hostile-clients-'));
  certificates = await openCertificates({ directory, clock: systemClock });
  // A busy machine takes a good part of a second for a handshake, and a head's time runs from the connection's beginning.
  const patience = { handshakeMs: 4_000, headMs: 2_500, requestMs: 60_000, idleMs: 60_000 };
  server = await gadgetServer().server.listen({ port: 0, certificates, patience });
});

after(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

interface Answer {
  readonly code: number;
  readonly retryAfter: unknown;
  readonly text: string;
}

function admin(): ClientHttp2Session {
  const { certificate: cert, key } = certificates.admin;
  return connect(server.url, { ca: certificates.authority, cert, key });
}

function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let code = 0;
    let retryAfter: unknown;
    let text = '';
    stream.on('response', (headers) => {
      code = Number(headers[':status']);
      retryAfter = headers['retry-after'];
    });
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    stream.on('end', () => resolve({ code, retryAfter, text }));
    stream.on('error', reject);
  });
}

function begin(session: ClientHttp2Session, headers: Record<string, string> = {}): ClientHttp2Stream {
  return session.request(
    { ':path': PATH, ':method': 'POST', 'content-type': 'application/json', ...headers },
    { endStream: false },
  );
}

function get(session: ClientHttp2Session, headers: Record<string, string> = {}): Promise<Answer> {
  return answerOf(session.request({ ':path': PATH, ...headers }));
}

test('a body of more than 3 MiB gets 413 while it comes, and at once when it says so', async () => {
  using session = closing(admin());
  const stream = begin(session.it);
  const answered = answerOf(stream);
  for (let at = 0; at < 4; at++) stream.write(MEGABYTE);
  const { code, text } = await answered;
  assert.equal(code, 413);
  assert.match(
    text,
    /"message":"Request entity too large: limit is 3145728","reason":"RequestEntityTooLarge"/,
  );

  const said = await answerOf(begin(session.it, { 'content-length': String(2 ** 40) }));
  assert.equal(said.code, 413);
  assert.equal((await get(session.it)).code, 200, 'the connection goes on');
});

test('over HTTP/1.1 a body that is too large ends its connection after the answer', async () => {
  const socket = await tls();
  socket.write(
    `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  const text = readAll(socket);
  for (let at = 0; at < 4 && socket.writable; at++) {
    socket.write(`${MEGABYTE.length.toString(16)}\r\n`);
    socket.write(MEGABYTE);
    socket.write('\r\n');
  }
  const answer = await text;
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(answer, /Connection: close/i);
  assert.match(answer, /limit is 3145728/);
});

test('bodies that never end share a bounded memory: beyond it, 429 with Retry-After until some are gone', async () => {
  using holders = closing(admin());
  using others = closing(admin());
  const held: ClientHttp2Stream[] = [];
  let refused: Answer | undefined;
  // 64 MiB are twenty-one bodies of three: the next is one too many. Each is written in turn, so that all arrive.
  for (let at = 0; at < 23 && refused === undefined; at++) {
    const stream = begin(holders.it);
    const answered = answerOf(stream);
    held.push(stream);
    refused = await Promise.race([answered, written(stream, Buffer.concat([MEGABYTE, MEGABYTE, MEGABYTE]))]);
  }
  refused ??= await Promise.race(held.map(answerOf));
  assert.equal(refused.code, 429);
  assert.equal(refused.retryAfter, '1');
  assert.match(refused.text, /"reason":"TooManyRequests"/);
  assert.equal((await get(others.it)).code, 200, 'who sends no body is not concerned');
  holders.it.destroy();
  let code = 0;
  while (code !== 400) {
    const stream = begin(others.it);
    stream.end('{}x');
    code = (await answerOf(stream)).code;
    assert.ok(code === 400 || code === 429, `answered ${code}`);
  }
});

test('changes beyond those that may be under way get 429 with Retry-After; reads and watches go on', async () => {
  using session = closing(admin());
  const waiting: ClientHttp2Stream[] = [];
  using crowd = new DisposableStack();
  while (waiting.length < MUTATING_IN_FLIGHT_MAX) {
    const { it } = crowd.use(closing(admin()));
    // Before it knows how many streams it may have, a client holds most of them back.
    await once(it, 'remoteSettings');
    for (let count = 0; count < STREAMS_OF_SESSION && waiting.length < MUTATING_IN_FLIGHT_MAX; count++) {
      waiting.push(begin(it).on('error', () => {}));
    }
    // The answer to this ping comes after the requests before it were taken in.
    await new Promise((resolve) => it.ping(resolve));
  }
  const extra = begin(session.it);
  const { code, retryAfter, text } = await answerOf(extra);
  assert.equal(code, 429);
  assert.equal(retryAfter, '1');
  assert.equal(text, 'Too many requests, please try again later.\n');
  assert.equal((await get(session.it)).code, 200);
  const watch = session.it.request({ ':path': `${PATH}?watch=true` });
  const status = await new Promise((resolve) => watch.on('response', (all) => resolve(all[':status'])));
  assert.equal(status, 200);
  for (const stream of waiting) stream.close();
  watch.close();
});

test('a client that never finishes the head of its request is told 408 and let go', async () => {
  const socket = await tls();
  const text = readAll(socket);
  socket.write(`GET ${PATH} HTTP/1.1\r\nHost: loc`);
  assert.match(await text, /^HTTP\/1\.1 408 Request Timeout/);
});

test('a head of more than 64 KiB gets 431', async () => {
  const socket = await tls();
  const text = readAll(socket);
  socket.write(`GET ${PATH} HTTP/1.1\r\nHost: localhost\r\nX-Filler: ${'x'.repeat(80 * 1024)}\r\n\r\n`);
  assert.match(await text, /^HTTP\/1\.1 431 /);
});

test('what is no HTTP gets 400, and a connection that shows no TLS is let go', async () => {
  const socket = await tls();
  const text = readAll(socket);
  socket.write('this is no request\r\n\r\n');
  assert.match(await text, /^HTTP\/1\.1 400 Bad Request/);
  const silent = connectTcp(server.port, '127.0.0.1');
  await new Promise((resolve) => silent.on('close', resolve));
});

/** A request of HTTP/1.1 without a body. */
const asking = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

/** The server's metrics that count what is under way, but for the request that asks for them. */
async function underWay(): Promise<string> {
  using session = closing(admin());
  const { text } = await answerOf(session.it.request({ ':path': '/metrics' }));
  return (text.match(/^apiserver_(?:current_inflight|longrunning)_requests\{.*$/gm) ?? []).join('\n');
}

test('requests sent ahead of their answers are answered one after the other, and an upgrade among them is let go', async () => {
  const socket = await tls();
  const text = readAll(socket);
  socket.write(asking('/version') + asking('/livez') + asking('/healthz', 'Connection: close\r\n'));
  const answers = (await text).split('HTTP/1.1 200 OK');
  assert.equal(answers.length, 4);
  assert.match(answers[1] ?? '', /"gitVersion"/);
  const upgrading = await tls();
  const told = readAll(upgrading);
  upgrading.write(asking(`${PATH}?watch=1`) + asking(PATH, UPGRADE));
  assert.doesNotMatch(await told, /"items"/);
  assert.equal((await get(closing(admin()).it)).code, 200);
});

test('whoever sends ever more ahead of an answer that does not come is let go, and nothing of it stays', async () => {
  const before = await underWay();
  const socket = await tls();
  const text = readAll(socket);
  socket.write(asking(`${PATH}?watch=1`).repeat(100));
  await text;
  const behind = await tls();
  behind.write(asking(`${PATH}?watch=1`) + asking(PATH) + asking(`${PATH}?watch=1`));
  await once(behind, 'data');
  behind.destroy();
  const upgrading = await tls();
  upgrading.write(asking(`${PATH}?watch=1`, UPGRADE));
  await once(upgrading, 'data');
  upgrading.destroy();
  await poll('only what was under way before is', async () => (await underWay()) === before);
});

test('pages of other sites reach nothing: neither by a name that leads here nor by their origin', async () => {
  using session = closing(admin());
  const port = String(server.port);
  const cases: readonly (readonly [Record<string, string>, number])[] = [
    [{ ':authority': `evil.example:${port}` }, 403],
    [{ ':authority': `localhost:${port}`, origin: 'https://evil.example' }, 403],
    [{ ':authority': `localhost:${port}`, origin: 'null' }, 403],
    [{ ':authority': `localhost.evil.example:${port}` }, 403],
    [{ ':authority': `localhost:${port}`, origin: `https://localhost:${port}` }, 200],
    [{ ':authority': `127.0.0.1:${port}` }, 200],
  ];
  for (const [headers, code] of cases) {
    assert.equal((await get(session.it, headers)).code, code, JSON.stringify(headers));
  }
});

/** A session that is destroyed at the end of the block. */
function closing(it: ClientHttp2Session): { readonly it: ClientHttp2Session; [Symbol.dispose](): void } {
  it.on('error', () => {});
  return { it, [Symbol.dispose]: () => it.destroy() };
}

function written(stream: ClientHttp2Stream, bytes: Buffer): Promise<undefined> {
  return new Promise((resolve) => stream.write(bytes, () => resolve(undefined)));
}

function tls(): Promise<TLSSocket> {
  const { certificate: cert, key } = certificates.admin;
  const options = { ca: certificates.authority, cert, key, servername: 'localhost' };
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port: server.port, host: '127.0.0.1', ...options }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Everything that comes until the connection closes. */
function readAll(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}
