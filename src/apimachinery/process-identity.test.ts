import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { identify, isAlive } from './process-identity.ts';

test('isAlive() holds for a process until it has ended', async () => {
  const child = spawn('/bin/sh', ['-c', 'read go'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const identity = identify(child.pid ?? 0);
  assert.ok(isAlive(identity));
  const gone = once(child, 'close');
  child.stdin.end('go\n');
  await gone;
  assert.ok(!isAlive(identity));
});

const skip = existsSync('/proc/self/stat') ? false : 'starts of processes cannot be read here';

test('isAlive() tells a process apart from one that had its pid before', { skip }, () => {
  const { pid, startTicks } = identify(process.pid);
  assert.ok(startTicks !== undefined && isAlive({ pid, startTicks }));
  assert.ok(!isAlive({ pid, startTicks: `${Number(startTicks) - 1}` }));
});

test('isAlive() goes by the pid alone where no start is known', () => {
  assert.ok(isAlive({ pid: process.pid }));
  assert.ok(!isAlive({ pid: 2 ** 22 + 1 })); // Above every pid that Linux gives.
});
