import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import { deadlineOf, graceSecondsOf, mustEnd } from './ending.ts';

const pod = (change: object = {}): DeepReadonly<Pod> =>
  ({ metadata: { name: 'p' }, spec: {}, status: {}, ...change }) as unknown as DeepReadonly<Pod>;

const nothing = { removed: false, failure: undefined };
const failure = { reason: 'Evicted', message: 'too much' };

test('mustEnd() follows the API, whoever says there that the pod is over, and the node itself', () => {
  assert.equal(mustEnd(pod({ status: { phase: 'Running' } }), nothing), false);
  assert.equal(mustEnd(pod({ status: { phase: 'Failed' } }), nothing), true);
  assert.equal(mustEnd(pod({ metadata: { deletionTimestamp: 'now' } }), nothing), true);
  assert.equal(mustEnd(pod(), { ...nothing, removed: true }), true);
  assert.equal(mustEnd(pod(), { ...nothing, failure }), true);
});

test('graceSecondsOf() takes the narrowest word: gone, evicted, deleted, asked for, the default', () => {
  const asked = pod({ spec: { terminationGracePeriodSeconds: 9 } });
  const deleted = pod({ ...asked, metadata: { deletionGracePeriodSeconds: 5 } });
  assert.equal(graceSecondsOf(pod(), nothing), 30);
  assert.equal(graceSecondsOf(asked, nothing), 9);
  assert.equal(graceSecondsOf(deleted, nothing), 5);
  assert.equal(graceSecondsOf(deleted, { ...nothing, failure: { ...failure, graceSeconds: 0 } }), 0);
  assert.equal(graceSecondsOf(deleted, { removed: true, failure: undefined }), 1);
});

test('deadlineOf() counts from the start of the pod on its node', () => {
  assert.equal(deadlineOf(pod(), '2026-01-01T00:00:00Z'), undefined);
  const limited = pod({ spec: { activeDeadlineSeconds: 10 } });
  assert.equal(deadlineOf(limited, '2026-01-01T00:00:00Z'), Date.UTC(2026, 0, 1, 0, 0, 10));
});
