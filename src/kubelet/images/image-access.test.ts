import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ImageAccess } from './image-access.ts';

const directory = mkdtempSync(join(tmpdir(), 'longshore-access-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const me = { username: 'me', password: 'secret', serverAddress: '' };
const other = { username: 'me', password: 'guess', serverAddress: '' };

test('an image is for those whose password fetched it, also after a restart', async () => {
  const file = join(directory, 'images/access.json');
  const first = new ImageAccess(file);
  assert.equal(await first.mayUse('sha256:1', 'r/closed', []), true, 'it was put here by hand');
  await first.notePull('sha256:1', 'r/closed', me);
  const access = new ImageAccess(file);
  assert.equal(await access.mayUse('sha256:1', 'r/closed', [other, me]), true);
  assert.equal(await access.mayUse('sha256:1', 'r/closed', [other]), false);
  assert.equal(await access.mayUse('sha256:1', 'r/closed', []), false);
  assert.equal(
    await access.mayUse('sha256:1', 'r/elsewhere', [me]),
    false,
    'it has not been asked for there',
  );
  await access.notePull('sha256:1', 'r/closed', undefined);
  assert.equal(await access.mayUse('sha256:1', 'r/closed', []), true, 'the registry gives it to everybody');
});
