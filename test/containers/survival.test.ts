/** Pods go on, and are counted once, while the server, containerd, or everything at once is killed under them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PodList } from '../../src/apis/core/types.ts';
import { eventually } from '../harness/poll.ts';
import { openPodWorld, type PodWorld } from './pod-world.ts';

/** Once so many runs of that Job have begun. */
async function begun(directory: string, name: string, runs: number): Promise<void> {
  const count = (): number => {
    try {
      return readFileSync(join(directory, name), 'utf8').split('\n').length - 1;
    } catch {
      return 0; // None has begun.
    }
  };
  await eventually(
    async () => (count() >= runs ? true : undefined),
    () => `${name} has begun ${count()} times`,
  );
  assert.equal(count(), runs);
}

async function complete(world: PodWorld, job: string): Promise<void> {
  const { code } = await world.server.kubectl([
    'wait',
    '--for=condition=Complete',
    `job/${job}`,
    '--timeout=60s',
  ]);
  const pods = await world.kubectl(['get', 'pods', '-o', 'json']);
  const told = (JSON.parse(pods) as PodList).items.map(({ metadata, status }) => [metadata.name, status]);
  assert.equal(code, 0, `${job} is not complete: ${JSON.stringify(told)}`);
  assert.equal(await world.kubectl(['get', 'job', job, '-o', 'jsonpath={.status.succeeded}']), '1');
}

test('a pod goes on while containerd is away, and its end meanwhile is counted', async (context) => {
  await using world = await openPodWorld(context);
  if (world === undefined) return;
  const directory = join(world.engine.directory, 'out');
  mkdirSync(directory);
  await world.apply('survivors', { DIRECTORY: directory });
  await begun(directory, 'once', 1);
  const restarted = world.engine.restart(1500);
  writeFileSync(join(directory, 'go-once'), '');
  await restarted;
  await complete(world, 'once');
  await begun(directory, 'once', 1);
});

test('when everything is killed, what may run again does, and what may not is told as failed', async (context) => {
  await using world = await openPodWorld(context);
  if (world === undefined) return;
  const directory = join(world.engine.directory, 'out');
  mkdirSync(directory);
  await world.apply('survivors', { DIRECTORY: directory });
  await begun(directory, 'once', 1);
  await begun(directory, 'again', 1);
  world.server.process.kill('SIGKILL');
  await world.engine.killAll();
  await world.restartServer('SIGKILL');
  // Its container is lost, so that the Job makes a new pod: the program runs a second time, as Kubernetes warns.
  await begun(directory, 'once', 2);
  writeFileSync(join(directory, 'go-once'), '');
  await complete(world, 'once');
  assert.equal(await world.kubectl(['get', 'job', 'once', '-o', 'jsonpath={.status.failed}']), '1');
  await complete(world, 'again');
  await begun(directory, 'again', 2);
});

test('a pod waits while the disk is full, and runs when there is room again', async (context) => {
  const data = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  const small = mkdtempSync(join(tmpdir(), 'longshore-disk-'));
  symlinkSync(small, join(data, 'kubelet'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small]);
  try {
    await using world = await openPodWorld(context, ['--eviction-hard', ''], { dataDirectory: data });
    if (world === undefined) return;
    await world.kubectl(['create', 'configmap', 'big', `--from-literal=key=${'x'.repeat(100_000)}`]);
    const filler = join(small, 'filler');
    assert.throws(() => writeFileSync(filler, Buffer.alloc(8 << 20)), /ENOSPC/);
    await world.apply('full-disk');
    await world.event('needs-room', 'FailedMount', /no space left on device/);
    assert.equal((await world.podWhen('needs-room', () => true)).status.phase, 'Pending');
    rmSync(filler);
    await world.succeeded('needs-room');
    assert.deepEqual(await world.lines('needs-room'), ['100000']);
  } finally {
    execFileSync('umount', ['--recursive', '--lazy', small]);
    for (const path of [small, data]) rmSync(path, { recursive: true, force: true });
  }
});
