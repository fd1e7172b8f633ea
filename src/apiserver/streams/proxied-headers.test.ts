import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handedBackHeaders, handedOnHeaders, relocated } from './proxied-headers.ts';

const passage = {
  path: '/api/v1/namespaces/n/pods/p/proxy/a',
  prefix: '/api/v1/namespaces/n/pods/p/proxy',
  backendHost: '10.1.1.1:80',
  clientHost: 'server:6443',
  from: '10.0.0.9',
};

test('a backend learns neither credentials nor what concerns the connection, but from where a request came', () => {
  const raw = [
    'Host',
    'server:6443',
    'Authorization',
    'Bearer secret',
    'Impersonate-User',
    'root',
    'Connection',
    'keep-alive, x-private',
    'X-Private',
    '1',
    'Keep-Alive',
    'timeout=5',
    'TE',
    'trailers',
    'Accept',
    'text/html',
    'X-Forwarded-For',
    '10.0.0.1',
    ':path',
    '/x',
  ];
  assert.deepEqual(handedOnHeaders(raw, passage), [
    'Accept',
    'text/html',
    'Connection',
    'close',
    'X-Forwarded-For',
    '10.0.0.1, 10.0.0.9',
    'Host',
    'server:6443',
    'X-Forwarded-Uri',
    passage.path,
  ]);
});

test('a token among the subprotocols stays here, and the other subprotocols go on', () => {
  const raw = ['Sec-WebSocket-Protocol', 'base64url.bearer.authorization.k8s.io.c2VjcmV0, chat'];
  const told = handedOnHeaders(raw, { ...passage, upgrade: 'websocket', subprotocols: 'chat' });
  assert.deepEqual(told.slice(0, 6), [
    'Connection',
    'Upgrade',
    'Upgrade',
    'websocket',
    'Sec-WebSocket-Protocol',
    'chat',
  ]);
  assert.ok(!told.join().includes('bearer'));
});

test('an upgrade is asked for anew, and a body of unknown length announced', () => {
  const told = handedOnHeaders(['Connection', 'Upgrade', 'Upgrade', 'x'], { ...passage, upgrade: 'x' });
  assert.deepEqual(told.slice(0, 4), ['Connection', 'Upgrade', 'Upgrade', 'x']);
  const chunked = handedOnHeaders(['Transfer-Encoding', 'chunked'], { ...passage, chunked: true });
  assert.deepEqual(chunked.slice(0, 4), ['Connection', 'close', 'Transfer-Encoding', 'chunked']);
});

test('a client gets every value of a header, and none about the connection to the backend', () => {
  const raw = [
    'Set-Cookie',
    'a=1',
    'set-cookie',
    'b=2',
    'Connection',
    'close',
    'Transfer-Encoding',
    'chunked',
  ];
  assert.deepEqual([...handedBackHeaders(raw, passage)], [['set-cookie', ['a=1', 'b=2']]]);
  assert.deepEqual(
    [...handedBackHeaders(['Location', '/b'], passage)],
    [['location', [`${passage.prefix}/b`]]],
  );
});

test('redirections within the backend lead through the server, others stay', () => {
  const cases = [
    ['/b?c=d', `${passage.prefix}/b?c=d`],
    ['http://10.1.1.1:80/b/', `${passage.prefix}/b/`],
    ['https://server:6443/b', `https://server:6443${passage.prefix}/b`],
    [`${passage.prefix}/b`, `${passage.prefix}/b`],
    ['b', 'b'],
    ['https://example.com/b', 'https://example.com/b'],
    ['', ''],
  ] as const;
  for (const [location, expected] of cases) assert.equal(relocated(location, passage), expected, location);
});
