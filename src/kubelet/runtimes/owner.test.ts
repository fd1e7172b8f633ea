import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { identify } from '../../apimachinery/process-identity.ts';
import { systemRandom } from '../../apimachinery/random.ts';
import { isAbandoned, OWNER_VIEW_LABEL, openOwner } from './owner.ts';

function place(): {
  path: string;
  open: (endsWithProcess?: boolean) => ReturnType<typeof openOwner>;
} & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'longshore-owner-'));
  return {
    path,
    open: (endsWithProcess = false) => openOwner({ directory: path, endsWithProcess, random: systemRandom }),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

test('a directory makes the same owner again, also after it was moved', () => {
  using here = place();
  const { id } = here.open();
  assert.equal(here.open().id, id);
  renameSync(here.path, `${here.path}-moved`);
  const moved = openOwner({ directory: `${here.path}-moved`, endsWithProcess: false, random: systemRandom });
  rmSync(`${here.path}-moved`, { recursive: true });
  assert.equal(moved.id, id);
});

test('what an owner made is abandoned once its directory is gone, or another’s, and not while the server is only away', () => {
  using here = place();
  const { labels } = here.open();
  assert.equal(isAbandoned(labels), false);
  rmSync(here.path, { recursive: true });
  assert.equal(isAbandoned(labels), true);
  const next = here.open();
  assert.equal(isAbandoned(labels), true);
  assert.equal(isAbandoned(next.labels), false);
});

test('what was to end with a process is abandoned once that process has ended', async () => {
  using here = place();
  const { id, labels } = here.open(true);
  assert.equal(isAbandoned(labels), false);
  const other = spawn('sleep', ['60']);
  await once(other, 'spawn');
  const process = identify(other.pid ?? 0);
  writeFileSync(join(here.path, 'owner.json'), JSON.stringify({ id, process }));
  assert.equal(isAbandoned(labels), false);
  other.kill('SIGKILL');
  await once(other, 'exit');
  assert.equal(isAbandoned(labels), true);
  // Taken up by a server whose pods go on without it.
  here.open();
  assert.equal(isAbandoned(labels), false);
});

test('nobody judges what bears no mark, or was marked where other files are seen', () => {
  using here = place();
  const { labels } = here.open();
  rmSync(here.path, { recursive: true });
  assert.equal(isAbandoned({ ...labels, [OWNER_VIEW_LABEL]: 'another machine' }), false);
  assert.equal(isAbandoned({}), false);
});

test('a record that cannot be read says nothing of its owner, and is made anew by the next server', () => {
  using here = place();
  const { id, labels } = here.open();
  writeFileSync(join(here.path, 'owner.json'), '');
  assert.equal(isAbandoned(labels), false);
  assert.notEqual(here.open().id, id);
  assert.match(readFileSync(join(here.path, 'owner.json'), 'utf8'), /"id":/);
});
