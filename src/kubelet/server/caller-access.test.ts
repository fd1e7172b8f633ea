import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { UserInfo } from '../../apimachinery/api-request.ts';
import { VirtualClock } from '../../apimachinery/clock.ts';
import { CallerAccess, subresourcesFor } from './caller-access.ts';

/** A request with a certificate of those groups, or without one. */
function request(
  url: string,
  more: { readonly groups?: readonly string[]; readonly token?: string; readonly method?: string },
) {
  const { groups, token, method = 'GET' } = more;
  return {
    url,
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    socket: {
      authorized: groups !== undefined,
      getPeerCertificate: () => ({
        subject: { CN: 'somebody', O: groups?.length === 1 ? groups[0] : groups },
      }),
    },
  } as unknown as IncomingMessage;
}

/** What was asked of the API server. */
function world(allowed: readonly string[] = []) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const access = new CallerAccess(clock, {
    async userOf(token): Promise<UserInfo | undefined> {
      asked.push(`token ${token}`);
      return token === 'good' ? { username: 'prometheus', groups: ['system:authenticated'] } : undefined;
    },
    async mayDo({ username }, verb, subresource) {
      asked.push(`${username} ${verb} ${subresource}`);
      if (subresource === 'stats') throw new Error('the server is away');
      return allowed.includes(subresource);
    },
  });
  return { clock, asked, access };
}

test('a path has the subresource that the kubelet knows it by, and proxy otherwise', () => {
  const seen = [
    '/pods',
    '/pods/',
    '/podsx',
    '/metrics/resource',
    '/stats/summary',
    '/logs/x',
    '/configz',
    '/healthz/ping',
    '/exec/n/p/c',
  ];
  assert.deepEqual(seen.map(subresourcesFor), [
    ['pods', 'proxy'],
    ['pods', 'proxy'],
    ['proxy'],
    ['metrics'],
    ['stats'],
    ['log'],
    ['configz', 'proxy'],
    ['healthz', 'proxy'],
    ['proxy'],
  ]);
});

test('an administrator may everything, others what the API server says, and the unknown nothing', async () => {
  const { access, asked } = world(['metrics', 'proxy']);
  assert.equal(
    await access.refusal(request('/exec/n/p/c', { groups: ['system:masters'], method: 'POST' })),
    undefined,
  );
  assert.equal(await access.refusal(request('/exec/n/p/c', { groups: ['a', 'system:masters'] })), undefined);
  assert.deepEqual(asked, []);
  assert.equal(await access.refusal(request('/metrics/resource', { token: 'good' })), undefined);
  assert.equal(await access.refusal(request('/pods', { token: 'good' })), undefined);
  assert.deepEqual(asked, [
    'token good',
    'prometheus get metrics',
    'prometheus get pods',
    'prometheus get proxy',
  ]);
  assert.deepEqual(await access.refusal(request('/metrics', {})), { code: 401, message: 'Unauthorized' });
  assert.deepEqual(await access.refusal(request('/metrics', { token: 'bad' })), {
    code: 401,
    message: 'Unauthorized',
  });
  assert.deepEqual(await access.refusal(request('/logs/', { groups: ['system:nodes'], method: 'DELETE' })), {
    code: 403,
    message: 'Forbidden (user=somebody, verb=delete, resource=nodes, subresource(s)=[log])\n',
  });
  assert.equal((await access.refusal(request('/stats/summary', { token: 'good' })))?.code, 500);
});

test('answers hold for a while: a refusal for half a minute, a permission for five, a token for two', async () => {
  const { access, asked, clock } = world(['metrics']);
  const ask = async (url: string): Promise<readonly string[]> => {
    asked.length = 0;
    await access.refusal(request(url, { token: 'good' }));
    return [...asked];
  };
  assert.equal((await ask('/metrics')).length, 2);
  assert.equal((await ask('/logs/')).length, 1);
  await clock.advance(29_000);
  assert.deepEqual([await ask('/metrics'), await ask('/logs/')], [[], []]);
  await clock.advance(1_000);
  assert.deepEqual(await ask('/logs/'), ['prometheus get log']);
  await clock.advance(90_000);
  assert.deepEqual(await ask('/metrics'), ['token good']);
  await clock.advance(180_000);
  assert.deepEqual(await ask('/metrics'), ['token good', 'prometheus get metrics']);
});

test('without the API server administrators alone get in', async () => {
  const access = new CallerAccess(new VirtualClock(), undefined);
  assert.equal(await access.refusal(request('/pods', { groups: ['system:masters'] })), undefined);
  assert.equal((await access.refusal(request('/pods', { groups: ['others'] })))?.code, 403);
  assert.equal((await access.refusal(request('/pods', { token: 'good' })))?.code, 401);
});
