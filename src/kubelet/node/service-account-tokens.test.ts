import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { Client } from '../../client/index.ts';
import { ServiceAccountTokens } from './service-account-tokens.ts';

test('a token is asked for once, again when most of its life is over, and anew for a pod that came later', async () => {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const client = {
    createSubresource: async (
      _of: unknown,
      namespace: string,
      account: string,
      _what: string,
      body: unknown,
    ) => {
      const { spec } = body as { spec: { audiences: string[]; expirationSeconds: number } };
      asked.push(`${namespace}/${account} ${spec.audiences.join()} ${spec.expirationSeconds}`);
      return { status: { token: `token ${asked.length}` } };
    },
  } as unknown as Client;
  const tokens = new ServiceAccountTokens(client, clock);
  const pod = { metadata: { name: 'p', namespace: 'n', uid: 'u' }, spec: {} } as unknown as Pod;
  const projection = { path: 'token', expirationSeconds: 1000n };
  const text = async (more: object = {}): Promise<string> =>
    (await tokens.token(pod, { ...projection, ...more } as never)).token;
  assert.equal(await text(), 'token 1');
  assert.equal(await text(), 'token 1');
  assert.equal(await text({ audience: 'vault' }), 'token 2');
  await clock.advance(799_000);
  assert.equal(await text(), 'token 1');
  await clock.advance(2_000);
  assert.equal(await text(), 'token 3');
  tokens.forget('u');
  assert.equal(await text(), 'token 4');
  assert.deepEqual(asked, ['n/default  1000', 'n/default vault 1000', 'n/default  1000', 'n/default  1000']);
});

test('a token that is due stays while no other can be had, as long as it holds', async () => {
  const clock = new VirtualClock();
  let isAway = false;
  let asked = 0;
  const createSubresource = async (): Promise<unknown> => {
    asked += 1;
    if (isAway) throw new Error('away');
    return { status: { token: `token ${asked}` } };
  };
  const tokens = new ServiceAccountTokens({ createSubresource } as unknown as Client, clock);
  const pod = { metadata: { name: 'p', namespace: 'n', uid: 'u' }, spec: {} } as unknown as Pod;
  const projection = { path: 'token', expirationSeconds: 600n } as never;
  await tokens.token(pod, projection);
  isAway = true;
  await clock.advance(480_000);
  assert.deepEqual([(await tokens.token(pod, projection)).token, asked], ['token 1', 2]);
  // It is not asked for at each look.
  await clock.advance(59_000);
  assert.deepEqual([(await tokens.token(pod, projection)).token, asked], ['token 1', 2]);
  await clock.advance(61_000);
  await assert.rejects(tokens.token(pod, projection), /away/);
  isAway = false;
  assert.equal((await tokens.token(pod, projection)).token, 'token 4');
});
