import 'reflect-metadata';
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { before, type TestContext, test } from 'node:test';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { systemClock } from '../../apimachinery/clock.ts';
import { StatusError } from '../../apimachinery/status-error.ts';
import type { WatchEvent } from '../../apimachinery/watch-event.ts';
import { CONFIGMAPS, PODS } from '../resources.ts';
import { newClient } from '../typed-client.ts';
import { newHttpsTransport } from './https-transport.ts';

type Stream = http2.ServerHttp2Stream;
type Handler = (stream: Stream, headers: http2.IncomingHttpHeaders, body: string) => void;

let cert = '';
let key = '';

before(async () => {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const made = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=me',
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const exported = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  cert = made.toString('pem');
  key = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(exported).toString('base64')}\n-----END PRIVATE KEY-----\n`;
});

/** A server that answers as `handler` says, and a transport to it; both end with the test. */
async function serve(t: TestContext, handler: Handler, settings: http2.Settings = {}) {
  const server = http2.createSecureServer({ cert, key, ca: cert, requestCert: true, settings });
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream: Stream, headers) => {
    stream.on('error', () => {});
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => void pieces.push(piece));
    stream.on('end', () => handler(stream, headers, Buffer.concat(pieces).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const told = { connections: 0 };
  const connected = (): void => {
    told.connections += 1;
  };
  const identity = { ca: cert, cert, key, token: 'tok' };
  const transport = newHttpsTransport({ server: url, ...identity, clock: systemClock, connected });
  t.after(async () => {
    transport.close();
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url, client: newClient(transport), transport, sessions, server, told };
}

function json(stream: Stream, status: number, body: unknown, more: http2.OutgoingHttpHeaders = {}): void {
  stream.respond({ ':status': status, 'content-type': 'application/json', ...more });
  stream.end(JSON.stringify(body));
}

const rejection = async (promise: Promise<unknown>): Promise<StatusError> => {
  const error = await promise.then(
    () => assert.fail('it was answered'),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof StatusError, String(error));
  return error;
};

test('a request has the method, path, query, content type and credentials of the Kubernetes API', async (t) => {
  const seen: string[] = [];
  const { client } = await serve(t, (stream, headers, body) => {
    const socket = stream.session?.socket as import('node:tls').TLSSocket;
    seen.push(
      [headers[':method'], headers[':path'], headers['content-type'], headers.authorization, body].join(' '),
    );
    assert.equal(socket.getPeerCertificate().subject.CN, 'me');
    json(stream, 200, { kind: 'ConfigMap' });
  });
  await client.create(CONFIGMAPS, 'default', { metadata: { name: 'a' } });
  await client.patch(CONFIGMAPS, 'default', 'a', 'application/merge-patch+json', { data: null }, 'status', {
    dryRun: 'All',
  });
  await client.deleteCollection(PODS, { namespace: 'x', labelSelector: 'a in (b,c)' });
  assert.deepEqual(seen, [
    'POST /api/v1/namespaces/default/configmaps application/json Bearer tok {"metadata":{"name":"a"},"apiVersion":"v1","kind":"ConfigMap"}',
    'PATCH /api/v1/namespaces/default/configmaps/a/status?dryRun=All application/merge-patch+json Bearer tok {"data":null}',
    'DELETE /api/v1/namespaces/x/pods?labelSelector=a+in+%28b%2Cc%29  Bearer tok ',
  ]);
});

test('the trace that a request is part of goes with it', async (t) => {
  const seen: unknown[] = [];
  const { transport } = await serve(t, (stream, headers) => {
    seen.push(headers['traceparent']);
    json(stream, 200, { kind: 'Pod' });
  });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const about = {
    verb: 'get',
    group: '',
    version: 'v1',
    resource: 'pods',
    namespace: 'n',
    name: 'p',
  } as const;
  await transport.send({ ...about, traceparent });
  await transport.send(about);
  assert.deepEqual(seen, [traceparent, undefined]);
});

test('a Status becomes its StatusError with the seconds to wait, and any other body is told as it is', async (t) => {
  const { client } = await serve(t, (stream, headers) => {
    if (headers[':path']?.endsWith('/busy')) {
      const status = {
        kind: 'Status',
        status: 'Failure',
        reason: 'TooManyRequests',
        message: 'later',
        code: 429,
      };
      json(stream, 429, status, { 'retry-after': '7' });
    } else if (headers[':path']?.endsWith('/proxy')) {
      stream.respond({ ':status': 502, 'content-type': 'text/html' });
      stream.end('<h1>Bad Gateway</h1>');
    } else {
      stream.respond({ ':status': 200 });
      stream.end('{"kind": "Po');
    }
  });
  const busy = await rejection(client.get(PODS, 'default', 'busy'));
  assert.deepEqual(
    [busy.reason, busy.message, busy.status.details],
    ['TooManyRequests', 'later', { retryAfterSeconds: 7 }],
  );
  const proxy = await rejection(client.get(PODS, 'default', 'proxy'));
  assert.deepEqual(
    [proxy.code, proxy.reason, proxy.message],
    [502, 'Unknown', 'the server answered HTTP 502: <h1>Bad Gateway</h1>'],
  );
  assert.match((await rejection(client.get(PODS, 'default', 'half'))).message, /answered what is no JSON/);
});

test('items of a list carry their kind as in process, and warnings are passed on', async (t) => {
  const { client, transport } = await serve(t, (stream) =>
    json(
      stream,
      200,
      {
        kind: 'PodList',
        apiVersion: 'v1',
        metadata: { resourceVersion: '9' },
        items: [{ metadata: { name: 'a' } }],
      },
      { warning: '299 - "say \\"please\\"", 299 - "second"' },
    ),
  );
  const { items } = await client.list(PODS);
  assert.deepEqual(items, [{ metadata: { name: 'a' }, kind: 'Pod', apiVersion: 'v1' }]);
  const answer = await transport.send({ verb: 'list', group: '', version: 'v1', resource: 'pods' });
  assert.deepEqual(answer.kind === 'object' && answer.warnings, ['say "please"', 'second']);
});

/** Collects what a watch brings until it ends. */
function collector() {
  const batches: (readonly WatchEvent[])[] = [];
  let finish: (reason: StatusError | undefined) => void = () => {};
  const ended = new Promise<StatusError | undefined>((resolve) => {
    finish = resolve;
  });
  return {
    batches,
    ended,
    observer: {
      next: (events: readonly WatchEvent[]) => void batches.push(events),
      end: (reason?: StatusError) => finish(reason),
    },
  };
}

const event = (name: string): string =>
  `${JSON.stringify({ type: 'ADDED', object: { kind: 'Pod', metadata: { name } } })}\n`;

test('watch events come out whole however their bytes are cut, until the server ends the watch', async (t) => {
  const { client } = await serve(t, (stream, headers) => {
    assert.match(headers[':path'] ?? '', /watch=true/);
    stream.respond({ ':status': 200 });
    const bytes = Buffer.from(event('a') + event('ünïcode') + event('c'));
    let at = 0;
    const write = (): void => {
      const piece = bytes.subarray(at, at + 7);
      at += 7;
      if (piece.length === 0) stream.end();
      else stream.write(piece, () => setImmediate(write));
    };
    write();
  });
  const { batches, ended, observer } = collector();
  await client.watch(PODS, {}, '1', observer as never);
  assert.equal(await ended, undefined);
  assert.deepEqual(
    batches.flat().map(({ object }) => object.metadata.name),
    ['a', 'ünïcode', 'c'],
  );
});

test('an ERROR event, a lost connection and a refusal each end a watch with their reason', async (t) => {
  const { client, sessions } = await serve(t, (stream, headers) => {
    if (headers[':path']?.includes('resourceVersion=1&')) {
      stream.respond({ ':status': 200 });
      const object = { kind: 'Status', reason: 'Expired', code: 410, message: 'too old' };
      stream.write(`${event('a')}${JSON.stringify({ type: 'ERROR', object })}\n`);
    } else if (headers[':path']?.includes('resourceVersion=2&')) {
      stream.respond({ ':status': 200 });
      stream.write(event('a'), () => setImmediate(() => stream.session?.destroy()));
    } else json(stream, 410, { kind: 'Status', reason: 'Expired', code: 410, message: 'gone' });
  });
  const first = collector();
  await client.watch(PODS, {}, '1', first.observer as never);
  assert.equal((await first.ended)?.reason, 'Expired');
  assert.equal(first.batches.flat().length, 1);
  const second = collector();
  await client.watch(PODS, {}, '2', second.observer as never);
  assert.equal((await second.ended)?.reason, 'ServiceUnavailable');
  const refused = await rejection(client.watch(PODS, {}, '3', collector().observer as never));
  assert.equal(refused.reason, 'Expired');
  assert.equal(sessions.size, 1, 'a new connection was made after the loss');
});

test('a stopped watch hears nothing more', async (t) => {
  const open = Promise.withResolvers<Stream>();
  const { client } = await serve(t, (stream) => {
    stream.respond({ ':status': 200 });
    open.resolve(stream);
  });
  const { batches, observer } = collector();
  let ends = 0;
  const watch = await client.watch(PODS, {}, '1', {
    next: observer.next as never,
    end: () => {
      ends += 1;
    },
  });
  const stream = await open.promise;
  watch.stop();
  await new Promise((resolve) => stream.once('close', resolve));
  assert.deepEqual([batches.length, ends], [0, 0]);
});

test('a log comes as bytes, and its stream ends with the reader or with the signal', async (t) => {
  const closed: string[] = [];
  const { client } = await serve(t, (stream, headers) => {
    const path = headers[':path'] ?? '';
    stream.on('close', () => closed.push(path.includes('follow') ? 'follow' : 'whole'));
    stream.respond({ ':status': 200, 'content-type': 'text/plain' });
    if (path.includes('follow')) stream.write('first\n');
    else stream.end('3.14159\n');
  });
  let text = '';
  for await (const piece of await client.logs('default', 'pi')) text += Buffer.from(piece).toString();
  assert.equal(text, '3.14159\n');
  for await (const piece of await client.logs('default', 'pi', { follow: 'true' })) {
    assert.equal(Buffer.from(piece).toString(), 'first\n');
    break;
  }
  const abort = new AbortController();
  const following = await client.logs('default', 'pi', { follow: 'true' }, abort.signal);
  const reading = (async () => {
    for await (const piece of following) if (piece.length > 0) abort.abort();
  })();
  await reading.catch((error: unknown) => assert.ok(error instanceof StatusError));
  assert.ok(closed.includes('whole') && closed.includes('follow'));
});

test('a request that cannot be sent says which server and why', async (t) => {
  const { client, transport, server, sessions, url } = await serve(t, () => {});
  const abort = new AbortController();
  const pending = rejection(
    transport.send({ verb: 'get', group: '', version: 'v1', resource: 'pods', signal: abort.signal }),
  );
  abort.abort();
  assert.equal((await pending).reason, 'ServiceUnavailable');
  for (const session of sessions) session.destroy();
  await new Promise((resolve) => server.close(resolve));
  const refused = await rejection(client.get(PODS, 'default', 'a'));
  assert.equal(refused.reason, 'ServiceUnavailable');
  assert.match(refused.message, new RegExp(`connection to ${url} failed: .*ECONNREFUSED`));
  transport.close();
  assert.match((await rejection(client.get(PODS, 'default', 'a'))).message, /the transport is closed/);
  assert.throws(
    () => newHttpsTransport({ server: 'http://x', clock: systemClock }),
    /does not begin with https:\/\//,
  );
});

test('more streams than the server allows on a connection go over more connections', async (t) => {
  const { client, sessions, told } = await serve(t, (stream) => stream.respond({ ':status': 200 }), {
    maxConcurrentStreams: 3,
  });
  const first = await client.watch(PODS, {}, '1', collector().observer as never);
  for (let at = 0; at < 7; at++) await client.watch(PODS, {}, '1', collector().observer as never);
  assert.equal(sessions.size, 3);
  assert.equal(told.connections, 3, 'each is told');
  first.stop();
});
