import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tolerates } from './toleration.ts';
import type { Taint, Toleration } from './types.ts';

const TAINT: Taint = { key: 'dedicated', value: 'batch', effect: 'NoSchedule' };
const bears = (toleration: Toleration, taint = TAINT): boolean => tolerates(toleration, taint);

test('a toleration bears the taint of its key and value, and with Exists any value', () => {
  assert.ok(bears({ key: 'dedicated', value: 'batch' }));
  assert.ok(bears({ key: 'dedicated', operator: 'Equal', value: 'batch', effect: 'NoSchedule' }));
  assert.ok(bears({ key: 'dedicated', operator: 'Exists' }));
  assert.ok(!bears({ key: 'dedicated', value: 'web' }));
  assert.ok(!bears({ key: 'dedicated' }));
  assert.ok(!bears({ key: 'other', operator: 'Exists' }));
});

test('a toleration without effect bears every effect, one without key every taint', () => {
  assert.ok(!bears({ key: 'dedicated', operator: 'Exists', effect: 'NoExecute' }));
  assert.ok(bears({ operator: 'Exists' }));
  assert.ok(!bears({ operator: 'Exists', effect: 'NoExecute' }));
});

test('a taint without value has the empty one', () => {
  assert.ok(bears({ key: 'dedicated' }, { key: 'dedicated', effect: 'NoSchedule' }));
});
