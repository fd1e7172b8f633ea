import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPullPolicy, parseImageReference } from './image-reference.ts';

test('an image without a tag, or with the tag latest, is pulled each time', () => {
  const policies = [
    'busybox',
    'busybox:latest',
    'busybox:1.36',
    `busybox@sha256:${'a'.repeat(64)}`,
    'host:5000/a/b',
    'host:5000/a/b:1',
  ];
  assert.deepEqual(policies.map(defaultPullPolicy), [
    'Always',
    'Always',
    'IfNotPresent',
    'IfNotPresent',
    'Always',
    'IfNotPresent',
  ]);
});

test('what is no reference is none', () => {
  assert.deepEqual(['a b', 'A', '', 'a:', ':a'].map(parseImageReference), Array(5).fill(undefined));
});
