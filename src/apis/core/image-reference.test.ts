import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPullPolicy, parseImageReference, wrongWithImageName } from './image-reference.ts';

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

test('what is wrong with a name is told as the distribution tells it', () => {
  const cases = [
    ['Busybox:1', 'invalid reference format: repository name (library/Busybox) must be lowercase'],
    ['host.test/Team/a:B', 'invalid reference format: repository name (Team/a) must be lowercase'],
    ['a b', 'invalid reference format'],
    [
      'a'.repeat(64),
      `invalid repository name (${'a'.repeat(64)}), cannot specify 64-byte hexadecimal strings`,
    ],
  ] as const;
  for (const [image, text] of cases) assert.equal(wrongWithImageName(image), text);
});
