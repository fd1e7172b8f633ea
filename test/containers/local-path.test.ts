/** A claim of the default storage class with real containers: its directory is made, shared, and gone with the claim. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../harness/poll.ts';
import { openPodWorld } from './pod-world.ts';

test('pods share what a claim of the class local-path holds, until the claim goes', async (context) => {
  await using world = await openPodWorld(context);
  if (world === undefined) return;
  await world.apply('shared-claim');
  await world.succeeded('writes');
  await world.succeeded('reads');
  assert.deepEqual((await world.lines('reads')).slice(-1), ['kept']);
  const volumes = join(world.server.dataDirectory, 'volumes');
  const [name, ...others] = readdirSync(volumes);
  assert.deepEqual(others, []);
  assert.equal(await world.kubectl(['get', 'pv', '-o', 'jsonpath={.items[*].status.phase}']), 'Bound');

  await world.kubectl(['delete', 'pvc', 'kept', '--wait=false']);
  assert.equal(await world.kubectl(['get', 'pvc', 'kept', '-o', 'jsonpath={.status.phase}']), 'Bound');
  await world.kubectl(['delete', 'pod', 'writes', 'reads']);
  await eventually(
    async () => (existsSync(join(volumes, name ?? '')) ? undefined : true),
    () => 'the directory of the claim stays',
  );
  await eventually(
    async () => ((await world.kubectl(['get', 'pv', '-o', 'name'])) === '' ? true : undefined),
    () => 'the volume stays',
  );
});
