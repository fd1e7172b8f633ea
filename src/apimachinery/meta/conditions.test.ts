import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCondition, findTrueCondition, isConditionTrue } from './conditions.ts';

const READY = { type: 'Ready', status: 'True', reason: 'KubeletReady' };
const FULL = { type: 'DiskPressure', status: 'False' };

test('a condition is found by its type, whatever it says', () => {
  assert.equal(findCondition([READY, FULL], 'DiskPressure'), FULL);
  assert.equal(findCondition([READY], 'DiskPressure'), undefined);
  assert.equal(findCondition(undefined, 'Ready'), undefined);
});

test('what is False, Unknown or not there is not True', () => {
  assert.equal(findTrueCondition([FULL, READY], 'Ready'), READY);
  assert.equal(findTrueCondition([FULL], 'DiskPressure'), undefined);
  assert.ok(isConditionTrue([READY], 'Ready'));
  assert.ok(!isConditionTrue([{ type: 'Ready', status: 'Unknown' }], 'Ready'));
  assert.ok(!isConditionTrue([], 'Ready'));
  assert.ok(!isConditionTrue(undefined, 'Ready'));
});
