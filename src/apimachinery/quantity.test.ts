import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { milliQuantity, parseQuantity, QuantityError, wholeQuantity } from './quantity.ts';

const REGULAR = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

test('parseQuantity() writes each amount as Kubernetes does', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['0', '0'],
    ['00', '0'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['1.', '1.'],
    ['-', '0'],
    ['m', '0'],
    ['e3', '0'],
    ['1.5', '1500m'],
    ['1.500', '1.500'],
    ['0.500', '500m'],
    ['100m', '100m'],
    ['1000m', '1'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['1024Mi', '1Gi'],
    ['1025Mi', '1025Mi'],
    ['512Ki', '512Ki'],
    ['1Ki', '1Ki'],
    ['0.5Gi', '512Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.1Ki', '102400m'],
    ['0.001Ki', '1024m'],
    ['0.0001Ki', '102400u'],
    ['512', '512'],
    ['1e3', '1e3'],
    ['1E3', '1E3'],
    ['1e2', '100'],
    ['1000e3', '1e6'],
    ['12e6', '12e6'],
    ['1M', '1M'],
    ['1000M', '1G'],
    ['1E', '1E'],
    ['100n', '100n'],
    ['0.1n', '1n'],
    ['1e-12', '1e-9'],
    ['-1.1n', '-2n'],
    ['+5', '+5'],
    ['05', '05'],
    ['9Ei', '9223372036854775807'],
    ['12345678901234567890', '12345678901234567890'],
    ['-500m', '-500m'],
  ];
  for (const [text, expected] of cases) assert.equal(parseQuantity(text).toString(), expected, text);
});

test('parseQuantity() refuses what is no quantity, in the words of the API', () => {
  for (const text of ['', '1x', 'a', '1 Gi', '1Gi ', '1..5', '1,5', 'true', '1.5.5Gi']) {
    assert.throws(() => parseQuantity(text), new QuantityError(REGULAR), text);
  }
  for (const text of ['1KM', '1Kii', '1ki', '1mm', '1e', '1i', '1e+', '--1']) {
    assert.throws(() => parseQuantity(text), new QuantityError("unable to parse quantity's suffix"), text);
  }
});

test('parseQuantity() refuses an amount without digits once it has to compute with it', () => {
  assert.throws(() => parseQuantity('e-10'), new QuantityError('unable to parse numeric part of quantity'));
});

test('parseQuantity() answers at once for an absurd exponent', () => {
  assert.equal(parseQuantity('1e999999999').compare(parseQuantity('1')), 1);
  assert.equal(parseQuantity('-1e999999999').compare(parseQuantity('-1')), -1);
  assert.equal(parseQuantity('1234567890123456789012e-999999999').toString(), '1e-9');
});

test('values round away from zero', () => {
  assert.equal(parseQuantity('1500u').milliValue(), 2);
  assert.equal(parseQuantity('100m').value(), 1);
  assert.equal(parseQuantity('-100m').value(), -1);
  assert.equal(parseQuantity('2Gi').value(), 2 ** 31);
  assert.equal(parseQuantity('100m').isInteger(), false);
  assert.equal(parseQuantity('1000m').isInteger(), true);
});

test('a sum takes the format of the first amount that is not zero', () => {
  assert.equal(parseQuantity('0').add(parseQuantity('1Gi')).toString(), '1Gi');
  assert.equal(parseQuantity('1Gi').add(parseQuantity('1')).toString(), '1073741825');
  assert.equal(parseQuantity('500m').add(parseQuantity('1500m')).toString(), '2');
  assert.equal(parseQuantity('2').subtract(parseQuantity('500m')).toString(), '1500m');
  assert.equal(wholeQuantity(2048, 'BinarySI').toString(), '2Ki');
  assert.equal(milliQuantity(2500).toString(), '2500m');
  assert.equal(parseQuantity('250m').multiply(4).toString(), '1');
});

const amount = fc
  .tuple(
    fc.integer({ min: -1_000_000, max: 1_000_000 }),
    fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'e3', 'e-3'),
  )
  .map(([number, suffix]) => `${number}${suffix}`);

test('the canonical text of an amount is the same amount, and canonical', () => {
  fc.assert(
    fc.property(amount, (text) => {
      const quantity = parseQuantity(text);
      const again = parseQuantity(quantity.negate().negate().toString());
      assert.ok(again.equals(quantity));
      assert.equal(again.toString(), again.negate().negate().toString());
    }),
  );
});

test('comparison agrees with subtraction', () => {
  fc.assert(
    fc.property(amount, amount, (left, right) => {
      const a = parseQuantity(left);
      const b = parseQuantity(right);
      assert.equal(a.compare(b), a.subtract(b).sign());
      assert.equal(a.add(b).subtract(b).compare(a), 0);
    }),
  );
});

test('a text of a hundred thousand digits is written as a short one would be', () => {
  const n = 100_000;
  const pairs: readonly (readonly [string, string])[] = [
    [`9${'0'.repeat(n)}`, `9${'0'.repeat(n - 18)}E`],
    [`-${'9'.repeat(n)}k`, `-${'9'.repeat(n)}k`],
    [`9${'0'.repeat(n)}e3`, `90e${n + 2}`],
    [`${'9'.repeat(n)}Ki`, '9223372036854775807'],
    [`-${'9'.repeat(n)}Ki`, '-9223372036854775807'],
    [`0.${'1'.repeat(n)}`, '111111112n'],
    [`1.${'0'.repeat(n)}`, '1'],
    [`1.5${'0'.repeat(n)}Ki`, '1536'],
    [`0.${'0'.repeat(n)}1`, '1n'],
    [`-0.${'0'.repeat(n)}1Gi`, '-1n'],
    [`0.${'0'.repeat(n)}`, '0'],
  ];
  for (const [text, written] of pairs) assert.equal(parseQuantity(text).toString(), written);
});
