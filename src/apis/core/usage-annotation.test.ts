import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  USAGE_ANNOTATION,
  usageBoth,
  usageIn,
  usageInAll,
  usageInSentence,
  usageSentence,
  usageText,
} from './usage-annotation.ts';

const ONE = new Map([
  ['c', { cpuSeconds: 1.25, peakMemoryBytes: 4096 }],
  ['first', { cpuSeconds: 0.5, peakMemoryBytes: 8192 }],
]);

test('what containers used is read again as it was written, single runs and all', () => {
  const runs = [
    { cpuSeconds: 1.25, peakMemoryBytes: 1 },
    { cpuSeconds: 0.25, peakMemoryBytes: 4096 },
  ];
  const used = new Map([['c', { cpuSeconds: 1.5, peakMemoryBytes: 4096, runs }]]);
  assert.deepEqual(usageIn({ [USAGE_ANNOTATION]: usageText(used) }), used);
});

test('pods add up: time as a sum, memory as the most at one time', () => {
  const other = new Map([['c', { cpuSeconds: 2, peakMemoryBytes: 1024 }]]);
  const both = usageBoth(ONE, other);
  assert.deepEqual(both.get('c'), { cpuSeconds: 3.25, peakMemoryBytes: 4096 });
  assert.deepEqual(both.get('first'), ONE.get('first'));
  assert.deepEqual(usageInAll(both), { cpuSeconds: 3.75, peakMemoryBytes: 8192 });
});

test('an event tells what a Job used so that it can be read from it', () => {
  const sentence = usageSentence(ONE);
  assert.equal(
    sentence,
    'c: cpuSeconds=1.25 peakMemoryBytes=4096; first: cpuSeconds=0.5 peakMemoryBytes=8192',
  );
  assert.deepEqual(usageInSentence(sentence), ONE);
  assert.equal(usageInSentence('Job completed').size, 0);
});

test('an annotation that makes no sense says nothing', () => {
  for (const text of ['', '{', '[1]', '{"c":null}', '{"c":{"cpuSeconds":"1"}}', '{"c":{"cpuSeconds":-1}}']) {
    assert.equal(usageIn({ [USAGE_ANNOTATION]: text }).size, 0, text);
  }
  assert.equal(usageIn(undefined).size, 0);
});
