import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import type { RuntimeStatus } from '../runtimes/runtime.ts';
import { RuntimeHealth } from './runtime-health.ts';

const WELL: RuntimeStatus = { ready: true, networkReady: true };

function health() {
  const clock = new VirtualClock();
  const runtime = { status: (): Promise<RuntimeStatus> => Promise.resolve(WELL) };
  return { clock, runtime, health: new RuntimeHealth(clock, runtime) };
}

test('a runtime that is away for less than half a minute is well still', async () => {
  const { clock, runtime, health: seen } = health();
  assert.deepEqual(await seen.look(), WELL);
  runtime.status = () => Promise.reject(new Error('no socket'));
  await clock.advance(29_000);
  assert.deepEqual(await seen.look(), WELL);
  await clock.advance(2_000);
  const { ready, message } = await seen.look();
  assert.deepEqual([ready, message], [false, 'container runtime is down: no socket']);
  runtime.status = () => Promise.resolve(WELL);
  assert.deepEqual(await seen.look(), WELL);
  assert.equal(clock.pending, 0);
});

test('a runtime that hangs is told as down, and holds nobody up', async () => {
  const { clock, runtime, health: seen } = health();
  runtime.status = () => new Promise(() => {});
  const looking = seen.look();
  await clock.advance(5_000);
  assert.equal((await looking).message, 'container runtime is down: no answer in 5 s');
});

test('what a runtime itself says of its network is told at once', async () => {
  const { runtime, health: seen } = health();
  assert.deepEqual(await seen.look(), WELL);
  const wrong = { ready: true, networkReady: false, message: 'cni plugin not initialized' };
  runtime.status = () => Promise.resolve(wrong);
  assert.deepEqual(await seen.look(), wrong);
});
