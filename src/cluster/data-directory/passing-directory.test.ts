import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { clearPassedDirectories, keepDirectory, makePassingDirectory } from './passing-directory.ts';

/** As if the process that made it had ended. */
function orphan(directory: string, changes: object = {}): string {
  const file = join(directory, 'run.json');
  const record = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...record, startTicks: '1', ...changes }));
  return directory;
}

test('what a killed process left is removed, whatever is in it', async (t) => {
  const parent = temporaryDirectory(t);
  const left = orphan(makePassingDirectory(parent, false));
  mkdirSync(join(left, 'kubelet/pods'), { recursive: true });
  writeFileSync(join(left, 'kubelet/pods/log'), 'x');
  assert.deepEqual(await clearPassedDirectories(parent), [left]);
  assert.equal(existsSync(left), false);
});

test('nothing else is', async (t) => {
  const parent = temporaryDirectory(t);
  const kept = [
    makePassingDirectory(parent, false), // Of this process, which runs.
    makePassingDirectory(parent, true),
    orphan(makePassingDirectory(parent, false), { view: 'another machine' }),
    orphan(makePassingDirectory(parent, false)),
    orphan(makePassingDirectory(parent, false)),
    orphan(makePassingDirectory(parent, false)),
    join(parent, 'another'),
  ];
  const [, , , open = '', served = '', taken = '', another = ''] = kept;
  chmodSync(open, 0o755);
  writeFileSync(join(served, 'server.json'), JSON.stringify({ pid: process.pid }));
  keepDirectory(taken);
  mkdirSync(another);
  writeFileSync(join(another, 'run.json'), '{"pid":1,"startTicks":"1"}');
  writeFileSync(join(parent, 'longshore-run-file'), '');
  assert.deepEqual(await clearPassedDirectories(parent), []);
  for (const path of kept) assert.ok(existsSync(path), path);
});
