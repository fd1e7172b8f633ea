import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../apimachinery/testing/temporary-directory.ts';
import { hugePagesResource, pageSizeText, readHugePages } from './huge-pages.ts';

test('a machine has the huge pages that its kernel tells of, a size each', async (t) => {
  const directory = temporaryDirectory(t);
  for (const [kib, pages] of [
    [1_048_576, 0],
    [2048, 12],
  ]) {
    const own = join(directory, `hugepages-${kib}kB`);
    mkdirSync(own);
    writeFileSync(join(own, 'nr_hugepages'), `${pages}\n`);
  }
  assert.deepEqual(await readHugePages(directory), [
    { size: 2 ** 21, bytes: 12 * 2 ** 21 },
    { size: 2 ** 30, bytes: 0 },
  ]);
  assert.deepEqual(await readHugePages(join(directory, 'none')), []);
});

test('a size is told in the words of Kubernetes, and of the kernel', () => {
  const told = [65_536, 2 ** 21, 32 * 2 ** 20, 2 ** 30, 16 * 2 ** 30].map((size) => [
    hugePagesResource(size),
    pageSizeText(size),
  ]);
  assert.deepEqual(told, [
    ['hugepages-64Ki', '64KB'],
    ['hugepages-2Mi', '2MB'],
    ['hugepages-32Mi', '32MB'],
    ['hugepages-1Gi', '1GB'],
    ['hugepages-16Gi', '16GB'],
  ]);
});
