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

test('images that are fetched at the same time are all remembered', async () => {
  const file = join(directory, 'together/access.json');
  const access = new ImageAccess(file);
  const ids = Array.from({ length: 20 }, (_, at) => `sha256:${at}`);
  await Promise.all(ids.map((id) => access.notePull(id, 'r/closed', me)));
  const next = new ImageAccess(file);
  for (const id of ids) assert.equal(await next.mayUse(id, 'r/closed', [other]), false, id);
});
