import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  defaultDataDirectory,
  openDataDirectory,
  removeServerRecord,
  runningServer,
  writeServerRecord,
} from './data-directory.ts';

const facts = {
  url: 'https://127.0.0.1:1',
  kubeconfig: '/k',
  runtime: 'none',
  startedAt: '2026-01-01T00:00:00Z',
};

function directory(t: { after(end: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('defaultDataDirectory() follows the XDG data home and ignores a relative one', () => {
  assert.equal(defaultDataDirectory({ XDG_DATA_HOME: '/x' }), '/x/longshore');
  assert.match(defaultDataDirectory({ XDG_DATA_HOME: 'x' }), /\/\.local\/share\/longshore$/);
});

test('openDataDirectory() makes the directory the user alone can enter', (t) => {
  const places = openDataDirectory(join(directory(t), 'deep', 'data'));
  assert.equal(statSync(places.root).mode & 0o777, 0o700);
  assert.ok(statSync(places.store).isDirectory());
});

test('openDataDirectory() says what to do when the path is a file', (t) => {
  const file = join(directory(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => openDataDirectory(file), /cannot use the data directory .*--data-dir/);
});

test('runningServer() finds the process that wrote the record, until it removes it', (t) => {
  const path = directory(t);
  writeServerRecord(path, facts);
  assert.equal(runningServer(path)?.pid, process.pid);
  removeServerRecord(path);
  assert.equal(runningServer(path), undefined);
});

test('runningServer() is not deceived by a pid that another process has now, nor by a broken record', (t) => {
  const path = directory(t);
  writeFileSync(join(path, 'server.json'), JSON.stringify({ ...facts, pid: process.pid, startTicks: '1' }));
  assert.equal(runningServer(path), undefined);
  writeFileSync(join(path, 'server.json'), '{');
  assert.equal(runningServer(path), undefined);
});
