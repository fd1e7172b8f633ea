import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generatedName } from './generated-name.ts';
import { seededRandom } from './random.ts';

test('a generated name keeps its beginning and fits a DNS label', () => {
  assert.match(generatedName('job-', seededRandom(1)), /^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  assert.equal(generatedName('x'.repeat(100), seededRandom(1)).length, 63);
});
