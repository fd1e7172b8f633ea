import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subprotocolToken } from './subprotocol-token.ts';

const PREFIX = 'base64url.bearer.authorization.k8s.io.';
const read = (protocols: string): unknown => subprotocolToken({ 'sec-websocket-protocol': protocols });
const named = (token: string): string => `${PREFIX}${Buffer.from(token).toString('base64url')}`;

test('a token among the subprotocols of a WebSocket is found, and the others are left', () => {
  assert.deepEqual(read(`${named('let-me-in')}, binary.k8s.io`), {
    token: 'let-me-in',
    others: ['binary.k8s.io'],
  });
  assert.equal(read('binary.k8s.io'), undefined);
  assert.equal(subprotocolToken({}), undefined);
  assert.equal(read(`${PREFIX},binary.k8s.io`), undefined);
});

test('two tokens, one alone, and what no token can be are malformed', () => {
  assert.equal(read(named('a')), 'malformed');
  assert.equal(read(`${named('a')},${named('a')},x`), 'malformed');
  for (const text of ['YQ==', 'A', '*', '_w']) assert.equal(read(`${PREFIX}${text},x`), 'malformed', text);
});
