/** Devices of the node as extended resources, each in one real container at a time. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../harness/poll.ts';
import { openPodWorld, type PodWorld, statusOf } from './pod-world.ts';

test('devices are shared out, kept through a restart of the server, and given on', async (context) => {
  const place = mkdtempSync(join(tmpdir(), 'longshore-devices-'));
  try {
    const dice = ['one', 'two'].map((name) => join(place, name));
    const flags = ['--extended-resource', `example.com/dice=${dice.join(',')}`];
    await using world = await openPodWorld(context, flags);
    if (world === undefined) return;
    // Devices of the kind of /dev/zero, under names of their own.
    for (const path of dice) execFileSync('mknod', [path, 'c', '1', '5']);
    await sharedOut(world, place, flags);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

async function sharedOut(world: PodWorld, place: string, flags: readonly string[]): Promise<void> {
  const out = join(world.engine.directory, 'out');
  mkdirSync(out);
  const running = (name: string) => world.podWhen(name, (pod) => statusOf(pod).state?.running !== undefined);
  const values = { DEVICES: place, DIRECTORY: out };
  await world.apply('devices', values);
  const seen: (readonly [device: string | undefined, bytes: string | undefined])[] = [];
  for (const name of ['first', 'second']) {
    await running(name);
    const printed = async (): Promise<string[] | undefined> => {
      const lines = await world.lines(name);
      return lines.length === 2 ? lines : undefined;
    };
    const [device, bytes] = await eventually(printed, () => `${name} printed nothing`);
    seen.push([device, bytes]);
  }
  await world.apply('late-device', values);
  assert.deepEqual(new Set(seen.map(([device]) => device)), new Set(['one', 'two']));
  assert.deepEqual(
    seen.map(([, bytes]) => bytes),
    ['4', '4'],
  );
  await world.event('third', 'FailedScheduling', /1 Insufficient example\.com\/dice/);
  await world.restartServer('SIGKILL', flags);
  assert.equal((await running('first')).status.phase, 'Running');
  writeFileSync(join(out, 'go-second'), '');
  await world.succeeded('second');
  await world.succeeded('third');
  assert.deepEqual(await world.lines('third'), [seen[1]?.[0]]);
  writeFileSync(join(out, 'go-first'), '');
  await world.succeeded('first');
}
