import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { systemErrorText } from './system-error.ts';

function caught(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('what the system refuses is told as Go tells it, and anything else in its own words', () => {
  assert.equal(
    systemErrorText(caught(() => readFileSync('/no/such'))),
    'open /no/such: no such file or directory',
  );
  assert.equal(
    systemErrorText(new Error("EROFS: read-only file system, mkdir '/a b'")),
    'mkdir /a b: read-only file system',
  );
  assert.equal(
    systemErrorText(new Error('ENOSPC: no space left on device, write')),
    'write: no space left on device',
  );
  assert.equal(systemErrorText(new Error('something else')), 'something else');
  assert.equal(systemErrorText('text'), 'text');
});
