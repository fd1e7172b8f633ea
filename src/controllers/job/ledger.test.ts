import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podOf } from '../../../test/harness/job-fixtures.ts';
import { labelMatcherOf } from '../../apimachinery/selectors/index.ts';
import { Ledger } from './ledger.ts';
import { viewOf } from './pod-view.ts';

const newLedger = (): Ledger => {
  const ledger = new Ledger();
  ledger.bind(labelMatcherOf({}));
  return ledger;
};

test('a pod that has ended and been counted is forgotten', () => {
  const ledger = newLedger();
  ledger.observe(podOf({ phase: 'Succeeded', version: 5 }));
  assert.deepEqual([ledger.ended.size, ledger.tracked.size], [1, 1]);
  ledger.observe(podOf({ phase: 'Succeeded', tracked: false, version: 6 }));
  assert.ok(ledger.empty);
});

test('a created pod counts before the watch shows it, and its first event is no news', () => {
  const ledger = newLedger();
  ledger.wrote(podOf({ version: 7 }), 0);
  assert.equal(ledger.active.size, 1);
  assert.equal(ledger.observe(podOf({ version: 7 })), false);
  assert.equal(ledger.oldestUnseen, undefined);
});

test('events from before a write of ours change nothing', () => {
  const ledger = newLedger();
  ledger.observe(podOf({ phase: 'Succeeded', version: 5 }));
  ledger.wrote(podOf({ phase: 'Succeeded', tracked: false, version: 8 }), 0);
  assert.equal(ledger.observe(podOf({ phase: 'Succeeded', version: 6 })), false);
  assert.equal(ledger.ended.size, 0);
  ledger.observe(podOf({ phase: 'Succeeded', tracked: false, version: 8 }));
  assert.ok(ledger.empty);
});

test('a deleted pod counts as terminating until the watch shows its deletion, whatever comes before', () => {
  const ledger = newLedger();
  ledger.observe(podOf({ phase: 'Running', version: 5 }));
  ledger.deleted(viewOf(podOf({ phase: 'Running', version: 5 })), 0);
  assert.deepEqual([ledger.active.size, ledger.terminating.size], [0, 1]);
  ledger.observe(podOf({ phase: 'Running', ready: true, version: 6 }));
  assert.deepEqual([ledger.active.size, ledger.terminating.size, ledger.ready], [0, 1, 0]);
  ledger.observe(podOf({ phase: 'Running', deleting: true, version: 7 }));
  assert.equal(ledger.oldestUnseen, undefined);
  assert.equal(ledger.terminating.size, 1);
});

test('the finalizer of a deleted pod may go before the watch shows the deletion', () => {
  const ledger = newLedger();
  ledger.observe(podOf({ phase: 'Running', version: 5 }));
  ledger.deleted(viewOf(podOf({ phase: 'Running', version: 5 })), 0);
  ledger.wrote(podOf({ phase: 'Running', deleting: true, tracked: false, version: 9 }), 1);
  ledger.observe(podOf({ phase: 'Running', deleting: true, version: 7 }));
  assert.equal(ledger.tracked.size, 0, 'an older state does not bring the finalizer back');
});

test('an answer that comes after the watch has shown more is passed over', async () => {
  const ledger = newLedger();
  await ledger.whileWriting(async () => {
    ledger.observe(podOf({ phase: 'Running', ready: true, version: 9 }));
    ledger.wrote(podOf({ version: 7 }), 0);
    assert.equal(ledger.ready, 1);
    ledger.observeGone('uid-j-a');
    ledger.wrote(podOf({ version: 8 }), 0);
  });
  assert.ok(ledger.empty);
});

test('only what matters to the Job is news', () => {
  const ledger = newLedger();
  const pod = podOf({ version: 1 });
  assert.equal(ledger.observe(pod), true);
  const bound = {
    ...pod,
    metadata: { ...pod.metadata, resourceVersion: '2' },
  };
  assert.equal(ledger.observe({ ...bound, spec: { ...pod.spec, nodeName: 'n' } }), false);
  assert.equal(ledger.observe({ ...bound, status: { ...pod.status, phase: 'Running' } }), true);
  assert.equal(ledger.observeGone('uid-j-a'), true);
  assert.equal(ledger.observeGone('uid-j-a'), false);
});

test('pods that the selector does not match are set apart', () => {
  const ledger = new Ledger();
  ledger.observe(podOf({ name: 'a' }));
  ledger.observe(podOf({ name: 'b', labels: { other: 'yes' } }));
  assert.equal(ledger.active.size, 2);
  ledger.bind(labelMatcherOf({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'job-1' } }));
  assert.deepEqual([[...ledger.active.keys()], [...ledger.mismatched.keys()]], [['uid-a'], ['uid-b']]);
});

test('a write that the watch never shows is settled by what the server says', () => {
  const ledger = newLedger();
  ledger.wrote(podOf({ name: 'a', version: 3 }), 10);
  ledger.wrote(podOf({ name: 'b', version: 4 }), 20);
  assert.equal(ledger.oldestUnseen?.name, 'a');
  ledger.settle('uid-a', undefined, 30);
  assert.deepEqual([...ledger.active.keys()], ['uid-b']);
  ledger.settle('uid-b', podOf({ name: 'b', phase: 'Succeeded', version: 6 }), 30);
  assert.deepEqual([...ledger.ended.keys()], ['uid-b']);
});
