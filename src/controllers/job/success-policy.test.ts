import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IntervalSet } from '../../apis/batch/index.ts';
import { successPolicyMet } from './success-policy.ts';

const met = (succeeded: string, ...rules: { succeededIndexes?: string; succeededCount?: number }[]) =>
  successPolicyMet({ rules }, 10, IntervalSet.parse(succeeded));

test('a rule of indexes asks for all of them, one with a count for so many of them', () => {
  assert.equal(met('0-2', { succeededIndexes: '0-3' }), undefined);
  assert.equal(met('0-5', { succeededIndexes: '0-3' }), 'Matched rules at index 0');
  assert.equal(met('0,2', { succeededIndexes: '0-3', succeededCount: 3 }), undefined);
  assert.equal(met('0,2,3', { succeededIndexes: '0-3', succeededCount: 3 }), 'Matched rules at index 0');
});

test('a rule of a count alone takes any indexes', () => {
  assert.equal(met('1,5,9', { succeededCount: 3 }), 'Matched rules at index 0');
  assert.equal(met('1,5', { succeededCount: 3 }), undefined);
});

test('the first rule that is met is named', () => {
  assert.equal(
    met('4', { succeededIndexes: '7' }, { succeededIndexes: '4' }, { succeededCount: 1 }),
    'Matched rules at index 1',
  );
});

test('without a success nothing is met, nor without a policy', () => {
  assert.equal(met('', { succeededCount: 0 }), undefined);
  assert.equal(successPolicyMet(undefined, 10, IntervalSet.parse('0-9')), undefined);
});

test('indexes beyond the completions do not count as required', () => {
  assert.equal(met('8,9', { succeededIndexes: '8-20' }), 'Matched rules at index 0');
});

test('the overlap is that of the sets', () => {
  const indexes = fc.uniqueArray(fc.nat(40), { minLength: 1 });
  fc.assert(
    fc.property(indexes, indexes, fc.integer({ min: 1, max: 20 }), (required, succeeded, succeededCount) => {
      const common = required.filter((each) => succeeded.includes(each)).length;
      const rule = { succeededIndexes: String(new IntervalSet(required)), succeededCount };
      const answer = successPolicyMet({ rules: [rule] }, 41, new IntervalSet(succeeded));
      assert.equal(answer !== undefined, common === required.length || common >= succeededCount);
    }),
  );
});
