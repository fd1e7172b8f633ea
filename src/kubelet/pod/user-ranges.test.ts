import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PodDirectories } from '../pod-directories.ts';
import { UserRanges } from './user-ranges.ts';

const root = mkdtempSync(join(tmpdir(), 'longshore-users-'));
after(() => rmSync(root, { recursive: true, force: true }));

test('a pod keeps its users through a restart, and nobody else has them until it is gone', async () => {
  const directories = new PodDirectories(root);
  const ranges = new UserRanges(directories);
  assert.deepEqual(await Promise.all([ranges.of('a'), ranges.of('b'), ranges.of('a')]), [
    { first: 65_536, length: 65_536 },
    { first: 131_072, length: 65_536 },
    { first: 65_536, length: 65_536 },
  ]);
  const next = new UserRanges(directories);
  assert.equal((await next.of('c')).first, 196_608);
  assert.equal((await next.of('b')).first, 131_072);
  await next.release('a');
  assert.equal((await next.of('d')).first, 65_536);
  assert.equal((await new UserRanges(directories).of('a')).first, 262_144);
});
