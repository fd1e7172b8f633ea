import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IntervalSet } from './indexes.ts';

test('an interval set writes a run of two as two numbers and a longer one with a dash', () => {
  assert.equal(new IntervalSet([7, 1, 3, 5, 4]).toString(), '1,3-5,7');
  assert.equal(new IntervalSet([1, 2]).toString(), '1,2');
  assert.equal(new IntervalSet([0, 1, 3, 4, 5]).toString(), '0,1,3-5');
  assert.equal(new IntervalSet().toString(), '');
});

test('an interval set behaves as a set of numbers does', () => {
  const step = fc.oneof(
    fc.record({ first: fc.nat(60), length: fc.constant(1) }),
    fc.record({ first: fc.nat(60), length: fc.integer({ min: 0, max: 12 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(80), (steps, limit) => {
      const [set, model] = [new IntervalSet(), new Set<number>()];
      for (const { first, length } of steps) {
        if (length === 1) assert.equal(set.add(first), !model.has(first));
        else set.addRange(first, first + length - 1);
        for (let index = first; index < first + length; index++) model.add(index);
      }
      const sorted = [...model].sort((a, b) => a - b);
      assert.deepEqual([...set], sorted);
      assert.equal(set.size, model.size);
      for (let index = 0; index < 80; index++) assert.equal(set.has(index), model.has(index));
      assert.equal(set.sizeBelow(limit), sorted.filter((each) => each < limit).length);
      let missing = limit;
      while (model.has(missing)) missing++;
      assert.equal(set.nextMissing(limit), missing);
      assert.deepEqual(
        [...IntervalSet.parse(set.toString(), limit)],
        sorted.filter((each) => each < limit),
      );
      const runs = [...set.intervals()];
      for (const [at, run] of runs.entries()) {
        const next = runs[at + 1];
        assert.ok(run.first <= run.last && (next === undefined || next.first > run.last + 1));
      }
    }),
  );
});

test('parsing skips parts that are no numbers and stops at the limit', () => {
  assert.equal(IntervalSet.parse('0,x,2-4,9').toString(), '0,2-4,9');
  assert.equal(IntervalSet.parse('0,2-4,9', 4).toString(), '0,2,3');
  assert.equal(IntervalSet.parse('1,2,3').toString(), '1-3');
  assert.equal(IntervalSet.parse('').size, 0);
});

test('a union holds what either set held', () => {
  const set = new IntervalSet([1, 2, 9]);
  set.addAll(new IntervalSet([3, 4, 8]));
  assert.equal(set.toString(), '1-4,8,9');
});
