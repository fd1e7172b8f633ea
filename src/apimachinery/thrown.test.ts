import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { messageOf, systemCodeOf } from './thrown.ts';

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

test('messageOf() has a message for whatever was thrown', () => {
  assert.equal(messageOf(new RangeError('too far')), 'too far');
  assert.equal(messageOf('just a text'), 'just a text');
  assert.equal(messageOf(undefined), 'undefined');
});

test('systemCodeOf() tells the codes of the system alone', () => {
  assert.equal(systemCodeOf(caught(() => readFileSync('/nowhere/at/all'))), 'ENOENT');
  assert.equal(systemCodeOf(Object.assign(new Error('a call of another kind'), { code: 5 })), undefined);
  assert.equal(systemCodeOf({ code: 'ENOENT' }), undefined);
  assert.equal(systemCodeOf(undefined), undefined);
});
