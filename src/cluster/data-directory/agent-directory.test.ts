import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { takeAgentDirectory } from './agent-directory.ts';

test('a data directory is for one agent that runs, and for the next once that has ended', async (t) => {
  const root = temporaryDirectory(t);
  const file = join(root, 'agent.json');
  const other = spawn('sleep', ['1000']);
  const ended = new Promise((resolve) => other.once('close', resolve));
  for (const [name, who] of [
    ['agent.json', 'agent'],
    ['server.json', 'server'],
  ] as const) {
    writeFileSync(join(root, name), JSON.stringify({ pid: other.pid }));
    const said = new RegExp(`${root} is in use by the ${who} with process id ${other.pid}: stop that one`);
    assert.throws(() => takeAgentDirectory(root), said);
    rmSync(join(root, name));
  }
  writeFileSync(file, JSON.stringify({ pid: other.pid }));
  other.kill('SIGKILL');
  await ended;
  const giveBack = takeAgentDirectory(root);
  assert.equal((JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid, process.pid);
  giveBack();
  assert.equal(existsSync(file), false);
  writeFileSync(file, 'half a');
  takeAgentDirectory(root)();
  // The same process id, given to another process since.
  writeFileSync(file, JSON.stringify({ pid: 1, startTicks: '-1' }));
  takeAgentDirectory(root)();
});
