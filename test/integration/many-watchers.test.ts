/** A thousand watchers of one kind, one of which does not read. */
import assert from 'node:assert/strict';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { readAccess } from '../../src/client/kubeconfig/index.ts';
import { poll } from '../harness/poll.ts';
import { startServer, type TestServer } from '../harness/server.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const WATCHERS = 1_000;
/** Streams that a server lets one connection open at least, by HTTP/2's own advice. */
const WATCHERS_A_SESSION = 100;
/** Bytes of one large object, and how many changes of it are more than any queue and window hold. */
const LARGE_BYTES = 900_000;
const LARGE_CHANGES = 24;

let server: TestServer;
const sessions: ClientHttp2Session[] = [];

before(async () => {
  server = await startServer(['--runtime', 'none', '--store', 'memory']);
});

after(async () => {
  for (const session of sessions) session.destroy();
  await server[Symbol.asyncDispose]();
});

async function open(): Promise<ClientHttp2Session> {
  const { ca, cert, key } = await readAccess(server.kubeconfig, systemClock);
  const session = connect(server.url, ca && cert && key ? { ca, cert, key } : {});
  // A server that ends a stream may end the session with it when the test is over.
  session.on('error', () => {});
  sessions.push(session);
  return session;
}

function watch(session: ClientHttp2Session, selector: string): ClientHttp2Stream {
  const path = `${CONFIG_MAPS}?watch=1&resourceVersion=0${selector === '' ? '' : `&labelSelector=${selector}`}`;
  const stream = session.request({ ':path': path, accept: 'application/json' });
  stream.on('error', () => {});
  return stream;
}

/** Sends an object and answers the status code. */
function send(session: ClientHttp2Session, method: string, path: string, body: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, 'content-type': 'application/json' });
    let code = 0;
    stream.on('response', (headers) => {
      code = Number(headers[':status']);
    });
    stream.on('error', reject);
    stream.on('end', () => resolve(code));
    stream.resume();
    stream.end(JSON.stringify(body));
  });
}

test('a thousand watchers get an event while one of them does not read, and that one is cut off', async () => {
  const told = new Set<number>();
  for (let first = 0; first < WATCHERS; first += WATCHERS_A_SESSION) {
    const session = await open();
    for (let at = first; at < first + WATCHERS_A_SESSION; at++) {
      watch(session, 'size=small')
        .setEncoding('utf8')
        .on('data', (text: string) => {
          if (text.includes('"name":"small"')) told.add(at);
        });
    }
  }
  const slow = watch(await open(), '');
  let cut = false;
  slow.once('close', () => {
    cut = true;
  });
  await new Promise((resolve) => slow.once('response', resolve));
  slow.pause();

  const writer = await open();
  const large = (turn: number) => ({
    metadata: { name: 'large' },
    data: { a: String(turn % 10).repeat(LARGE_BYTES) },
  });
  assert.equal(await send(writer, 'POST', CONFIG_MAPS, large(0)), 201);
  for (let turn = 1; turn <= LARGE_CHANGES; turn++) {
    assert.equal(await send(writer, 'PUT', `${CONFIG_MAPS}/large`, large(turn)), 200);
  }
  const small = { metadata: { name: 'small', labels: { size: 'small' } } };
  assert.equal(await send(writer, 'POST', CONFIG_MAPS, small), 201);
  await poll('every watcher is told', () => told.size === WATCHERS);
  slow.resume();
  await poll('the watcher that did not read is cut off', () => cut);
});
