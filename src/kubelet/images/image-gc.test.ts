import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import { silent } from '../../client/testing/silent-log.ts';
import type { Image, ImageService } from '../runtimes/image.ts';
import { NO_IMAGES } from '../runtimes/no-images.ts';
import { ImageGc } from './image-gc.ts';

const image = (id: string, more: Partial<Image> = {}): Image => ({
  id,
  tags: [],
  digests: [],
  sizeBytes: 10,
  local: false,
  ...more,
});

test('a full disk costs the images that were unused for longest, and no more than needed', async () => {
  const clock = new VirtualClock();
  const images = [
    image('used'),
    image('old'),
    image('own', { local: true }),
    image('sandbox', { pinned: true }),
  ];
  let usedBy = ['used'];
  let usedBytes = 50;
  const removed: string[] = [];
  const service: ImageService = {
    ...NO_IMAGES,
    list: async () => images.filter(({ id }) => !removed.includes(id)),
    inUse: async () => new Set(usedBy),
    remove: async (id: string) => void removed.push(id),
  };
  const policy = { highPercent: 85, lowPercent: 80, minAgeMs: 60_000 };
  const fill = async () => ({ usedBytes, capacityBytes: 100 });
  const gc = new ImageGc({
    clock,
    log: silent,
    images: service,
    policy,
    fill,
  });
  await gc.start();
  await clock.advance(5 * 60_000);
  assert.deepEqual(removed, [], 'there is room');
  usedBytes = 90;
  images.push(image('new'));
  usedBy = ['used', 'new'];
  await clock.advance(5 * 60_000);
  assert.deepEqual(removed, ['old'], 'ten bytes were too many');
  usedBy = [];
  usedBytes = 100;
  await gc.collectAll();
  assert.deepEqual(new Set(removed), new Set(['old', 'used']), 'what was only just seen stays');
  gc.stop();
  assert.equal(clock.pending, 0);
});
