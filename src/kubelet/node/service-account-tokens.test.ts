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
