import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podOf, T0 } from '../../../test/harness/job-fixtures.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { KUBERNETES_RETRY_DELAY } from '../../apis/batch/index.ts';
import type { Pod } from '../../apis/core/types.ts';
import { finishedAt, NO_FAILURES, nextRecord, remainingDelay } from './backoff.ts';
import { viewOf } from './pod-view.ts';

const succeededAt = (endedAt: number) => viewOf(podOf({ name: `s${endedAt}`, phase: 'Succeeded', endedAt }));
const failedAt = (endedAt: number) => viewOf(podOf({ name: `f${endedAt}`, phase: 'Failed', endedAt }));

test('the delay is 10 s after one failure, doubles with each, and stops at 10 min', () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failuresInARow) =>
    remainingDelay({ failuresInARow, lastFailureAt: T0 }, KUBERNETES_RETRY_DELAY, T0),
  );
  assert.deepEqual(
    delays.map((each) => each / 1000),
    [0, 10, 20, 40, 80, 160, 320, 600, 600, 600],
  );
});

test('a delay counts from the last failure', () => {
  const record = { failuresInARow: 2, lastFailureAt: T0 };
  assert.equal(remainingDelay(record, KUBERNETES_RETRY_DELAY, T0 + 15_000), 5_000);
  assert.equal(remainingDelay(record, KUBERNETES_RETRY_DELAY, T0 + 20_001), 0);
});

test('a delay does not last as long as the clock was set back, and bears a node whose clock is ahead', () => {
  const record = { failuresInARow: 1, lastFailureAt: T0 };
  assert.equal(remainingDelay(record, KUBERNETES_RETRY_DELAY, T0 - 3_600_000), 0);
  assert.equal(remainingDelay(record, KUBERNETES_RETRY_DELAY, T0 - 30_000), 40_000);
});

test('longshore.dev/retry-delay sets the first and the greatest delay', () => {
  const delay = { firstMs: 1000, greatestMs: 3000 };
  const delays = [1, 2, 3, 9].map((failuresInARow) =>
    remainingDelay({ failuresInARow, lastFailureAt: T0 }, delay, T0),
  );
  assert.deepEqual(delays, [1000, 2000, 3000, 3000]);
});

test('failures add up, and a success ends the row', () => {
  const two = nextRecord(NO_FAILURES, [], [failedAt(3), failedAt(1)]);
  assert.deepEqual(two, { failuresInARow: 2, lastFailureAt: T0 + 3000 });
  assert.deepEqual(nextRecord(two, [], [failedAt(9)]), { failuresInARow: 3, lastFailureAt: T0 + 9000 });
  assert.deepEqual(nextRecord(two, [], []), two);
  assert.deepEqual(nextRecord(two, [succeededAt(5)], []), NO_FAILURES);
});

test('of failures that come with a success only those after it count', () => {
  const record = nextRecord(
    NO_FAILURES,
    [succeededAt(5)],
    [failedAt(4), failedAt(5), failedAt(7), failedAt(6)],
  );
  assert.deepEqual(record, { failuresInARow: 2, lastFailureAt: T0 + 7000 });
  assert.deepEqual(nextRecord(record, [succeededAt(9)], [failedAt(8)]), NO_FAILURES);
});

test('a pod ended with its last container; else when it stopped being ready; else when it was deleted; else when it was made', () => {
  const pod = podOf({ phase: 'Failed', endedAt: 7, createdAt: 1 });
  assert.equal(finishedAt(pod), T0 + 7000);
  const { containerStatuses: _, ...status } = pod.status;
  const without: DeepReadonly<Pod> = { ...pod, status };
  assert.equal(finishedAt(without), T0 + 7000, 'Ready has been False since then');
  const [ended] = pod.status.containerStatuses ?? [];
  const lost = { ...ended, state: { terminated: { exitCode: 137, finishedAt: null } } };
  const unknown = {
    ...pod,
    status: { ...status, containerStatuses: [lost] },
  } as unknown as DeepReadonly<Pod>;
  assert.equal(finishedAt(unknown), T0 + 7000, 'nobody knows when the container ended');
  const bare: DeepReadonly<Pod> = { ...pod, status: { phase: 'Failed' } };
  assert.equal(finishedAt(bare), T0 + 1000);
  const metadata = {
    ...pod.metadata,
    deletionTimestamp: '2026-01-01T00:01:00Z',
    deletionGracePeriodSeconds: 30,
  };
  assert.equal(finishedAt({ ...bare, metadata }), T0 + 30_000);
});

test('a sidecar that still runs hides the end of the other containers', () => {
  const pod = podOf({ phase: 'Failed', endedAt: 7 });
  const [container] = pod.status.containerStatuses ?? [];
  assert.ok(container);
  const running: DeepReadonly<Pod> = {
    ...pod,
    spec: { ...pod.spec, initContainers: [{ name: 'side', restartPolicy: 'Always' }] },
    status: {
      ...pod.status,
      conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:00:04Z' }],
      initContainerStatuses: [{ ...container, name: 'side', state: { running: {} } }],
    },
  };
  assert.equal(finishedAt(running), T0 + 4000);
});
