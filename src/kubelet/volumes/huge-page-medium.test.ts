import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { PodSpec } from '../../apis/core/types.ts';
import { isHugePageMedium, pageSizeOf } from './huge-page-medium.ts';

test('the pages of a volume are of the size that its medium names and the pod asks for', () => {
  const asking = (...sizes: string[]) =>
    ({
      containers: sizes.map((size) => ({ resources: { requests: { [`hugepages-${size}`]: size } } })),
    }) as unknown as DeepReadonly<PodSpec>;
  assert.deepEqual(['HugePages', 'HugePages-1Gi', 'Memory', ''].map(isHugePageMedium), [
    true,
    true,
    false,
    false,
  ]);
  assert.equal(pageSizeOf('HugePages', asking('2Mi', '2Mi')), '2Mi');
  assert.equal(pageSizeOf('HugePages-2048Ki', asking('1Gi', '2Mi')), '2Mi');
  assert.throws(() => pageSizeOf('HugePages', asking('1Gi', '2Mi')), /multiple huge page sizes$/);
  const message =
    'medium HugePages-1Gi: hugePages storage requested, but there is no resource request for huge pages';
  assert.throws(() => pageSizeOf('HugePages-1Gi', asking('2Mi')), { message });
  assert.throws(() => pageSizeOf('HugePages', asking()), /there is no resource request for huge pages$/);
});
