import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRuntimeChoice } from './runtime-choice.ts';

test('parseRuntimeChoice() takes an endpoint with or without its scheme', () => {
  assert.deepEqual(parseRuntimeChoice('cri=unix:///run/c.sock'), { kind: 'cri', endpoint: '/run/c.sock' });
  assert.deepEqual(parseRuntimeChoice('cri=/run/c.sock'), { kind: 'cri', endpoint: '/run/c.sock' });
  assert.deepEqual(parseRuntimeChoice('cri'), { kind: 'cri' });
  assert.deepEqual(parseRuntimeChoice('docker=unix:///d.sock'), { kind: 'docker', endpoint: '/d.sock' });
  assert.deepEqual(parseRuntimeChoice('docker'), { kind: 'docker' });
});

test('parseRuntimeChoice() refuses what it does not know, and an endpoint where none belongs', () => {
  assert.throws(() => parseRuntimeChoice('magic'), /unknown runtime 'magic'/);
  assert.throws(() => parseRuntimeChoice('process=/x'), /unknown runtime 'process=\/x'/);
});
