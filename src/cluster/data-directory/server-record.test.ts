import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { removeServerRecord, runningServer, writeServerRecord } from './server-record.ts';

const facts = {
  url: 'https://127.0.0.1:1',
  kubeconfig: '/k',
  runtime: 'none',
  startedAt: '2026-01-01T00:00:00Z',
};

test('runningServer() finds the process that wrote the record, until it removes it', (t) => {
  const path = temporaryDirectory(t);
  writeServerRecord(path, facts);
  assert.equal(runningServer(path)?.pid, process.pid);
  removeServerRecord(path);
  assert.equal(runningServer(path), undefined);
});

test('runningServer() is not deceived by a pid that another process has now, nor by a broken record', (t) => {
  const path = temporaryDirectory(t);
  writeFileSync(join(path, 'server.json'), JSON.stringify({ ...facts, pid: process.pid, startTicks: '1' }));
  assert.equal(runningServer(path), undefined);
  writeFileSync(join(path, 'server.json'), '{');
  assert.equal(runningServer(path), undefined);
});
