import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MemoryDisk } from './memory-disk.ts';

/** TMPFS_MAGIC of statfs(2). */
const TMPFS = 0x01021994;
const directory = mkdtempSync(join(tmpdir(), 'longshore-memory-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('pods have their places on one disk in memory, which goes when they have gone', async () => {
  const place = join(directory, 'memory');
  const disk = new MemoryDisk(place, true);
  const [a, b] = await Promise.all([disk.placeOf('a'), disk.placeOf('b')]);
  if (process.getuid?.() !== 0 || process.platform !== 'linux') {
    assert.deepEqual([a, b], [undefined, undefined], 'only root on Linux may mount one');
    return;
  }
  assert.deepEqual([a, b], [join(place, 'a'), join(place, 'b')]);
  assert.equal(statfsSync(place).type, TMPFS);
  assert.equal(mountsAt(place), 1);
  mkdirSync(join(place, 'a'));
  writeFileSync(join(place, 'a/token'), 'secret');

  const next = new MemoryDisk(place, true);
  await next.close();
  assert.equal(mountsAt(place), 1, 'a pod has something there');
  assert.equal(await next.placeOf('a'), join(place, 'a'));
  assert.equal(readFileSync(join(place, 'a/token'), 'utf8'), 'secret');
  await next.remove('a');
  await next.close();
  assert.equal(mountsAt(place), 0);
});

test('a disk that could not be mounted is tried again for the next pod', async () => {
  const place = join(directory, 'late');
  writeFileSync(place, 'in the way');
  const disk = new MemoryDisk(place, true);
  assert.deepEqual(await Promise.all([disk.placeOf('a'), disk.placeOf('b')]), [undefined, undefined]);
  rmSync(place);
  const mayMount = process.getuid?.() === 0 && process.platform === 'linux';
  assert.equal(await disk.placeOf('c'), mayMount ? join(place, 'c') : undefined);
  assert.equal(mountsAt(place), mayMount ? 1 : 0);
  await disk.close();
  assert.equal(mountsAt(place), 0);
});

test('nothing is kept in memory where containers would not see it', async () => {
  const place = join(directory, 'unseen');
  assert.equal(await new MemoryDisk(place, false).placeOf('a'), undefined);
  assert.equal(mountsAt(place), 0);
});

function mountsAt(place: string): number {
  const mounts = process.platform === 'linux' ? readFileSync('/proc/self/mounts', 'utf8').split('\n') : [];
  return mounts.filter((line) => line.split(' ')[1] === place).length;
}
