/** A runtime whose own disk is full: what pods are told, that they run when there is room, and which pods have to go. */
import assert from 'node:assert/strict';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event } from '../../src/apis/core/types.ts';
import { eventually } from '../harness/poll.ts';
import { askCri } from './cri-engine.ts';
import { makeBusyboxImage, PAUSE_IMAGE } from './images.ts';
import { openPodWorld, type PodWorld } from './pod-world.ts';

const NODE = hostname().toLowerCase();

test('a pod waits while the disk of its runtime is full, and runs when there is room again', async (context) => {
  await using world = await openPodWorld(context, ['--eviction-hard', ''], { disk: 'size=48m' });
  if (world === undefined) return;
  const fillers = fill(await imagesDirectory(world));
  await world.kubectl(['run', 'needs-room', '--image=busybox:1.37', '--restart=Never', '--', 'echo', 'done']);
  await world.event('needs-room', 'FailedCreatePodSandBox', /no space left on device/);
  assert.equal((await world.podWhen('needs-room', () => true)).status.phase, 'Pending');
  for (const filler of fillers) rmSync(filler);
  await world.succeeded('needs-room');
});

for (const { short, disk, threshold, fills, low } of [
  {
    short: 'bytes',
    disk: 'size=96m',
    threshold: 'imagefs.available<40Mi',
    // So much that the image which is cleared away, some 4 MiB, is not enough.
    fills: 'dd if=/dev/zero of=/big bs=1M count=60',
    low: /^The node was low on resource: ephemeral-storage\. Threshold quantity: 40Mi, available: \d+\w*\. Container c was using \d+\w*, request is 0, has larger consumption of ephemeral-storage\. $/,
  },
  {
    short: 'inodes',
    disk: 'size=96m,nr_inodes=6k',
    threshold: 'imagefs.inodesFree<512',
    fills: 'i=0; while [ $i -lt 6000 ]; do i=$((i+1)); echo >/tmp/$i; done',
    low: /^The node was low on resource: inodes\. Threshold quantity: 512, available: \d+k?\. $/,
  },
]) {
  test(`short of ${short} for what containers write, a node clears images away and evicts who wrote them`, async (context) => {
    const flags = ['--eviction-hard', threshold, '--minimum-image-ttl-duration', '1ms'];
    await using world = await openPodWorld(context, flags, { disk });
    if (world === undefined) return;
    const other = 'docker.io/library/unused:1';
    await world.engine.importArchive(makeBusyboxImage(world.engine.directory, [other], { unused: '1' }));
    // The age of an image counts from when the node first saw it.
    await world.restartServer('SIGTERM', flags);
    // It takes more of the node's other disk than the writer does of this one.
    await world.apply('images-disk', { FILL: fills, BESIDE: '60' });
    await world.podWhen('bystander', ({ status }) => status.phase === 'Running');
    const { status } = await world.failed('writer');
    assert.equal(status.reason, 'Evicted');
    assert.match(status.message ?? '', low);
    const images = await askCri(world.engine, (cri) => cri.listImages());
    const names = images.flatMap(({ repoTags }) => repoTags);
    assert.ok(!names.includes(other), 'an image that no container uses was removed');
    assert.ok(names.includes(PAUSE_IMAGE), 'what sandboxes are made from was not');
    await nodeTold(world, 'EvictionThresholdMet', /^Attempting to reclaim (?:ephemeral-storage|inodes)$/);
    assert.equal((await world.podWhen('bystander', () => true)).status.phase, 'Running');
  });
}

async function imagesDirectory(world: PodWorld): Promise<string> {
  const [directory] = await askCri(world.engine, (cri) => cri.imageDirectories());
  assert.ok(directory);
  return directory;
}

/** Fills the disk of that directory to its last byte; answers the files that do. */
function fill(directory: string): readonly string[] {
  const files: string[] = [];
  for (const bytes of [1 << 20, 4096]) {
    const { bavail, bsize } = statfsSync(directory);
    for (let left = bavail * bsize; left >= bytes; left -= bytes) {
      const file = join(directory, `filler-${files.length}`);
      files.push(file);
      try {
        writeFileSync(file, Buffer.alloc(bytes));
      } catch {
        break; // It is full: what the runtime itself writes meanwhile was not counted on.
      }
    }
  }
  return files;
}

async function nodeTold(world: PodWorld, reason: string, message: RegExp): Promise<void> {
  await eventually(
    async () => {
      const selector = `involvedObject.kind=Node,involvedObject.name=${NODE},reason=${reason}`;
      const text = await world.kubectl(['get', 'events', '-A', '--field-selector', selector, '-o', 'json']);
      const { items } = JSON.parse(text) as { readonly items: readonly Event[] };
      return items.some((each) => message.test(each.message ?? '')) || undefined;
    },
    () => `the node has no event ${reason}`,
  );
}
