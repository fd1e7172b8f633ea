import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StatusError } from '../status-error.ts';
import {
  escapeFieldValue,
  formatLabelSelector,
  labelMatcherOf,
  labelMatcherOfSet,
  labelSelectorMatches,
  parseFieldSelector,
  parseLabelSelector,
} from './index.ts';

test('parseLabelSelector() understands every operator', () => {
  const labels = { a: '1', b: 'x', n: '7' };
  const cases: readonly (readonly [string, boolean])[] = [
    ['', true],
    ['a', true],
    ['!a', false],
    ['!z', true],
    ['a=1', true],
    ['a==1', true],
    ['a = 2', false],
    ['a!=2', true],
    ['z!=2', true],
    ['b in (x,y)', true],
    ['b in (y)', false],
    ['z in ()', false],
    ['b notin (x)', false],
    ['z notin (x)', true],
    ['n>6', true],
    ['n>7', false],
    ['n<8', true],
    ['b>1', false],
    ['a=1,b=x', true],
    ['a=1,b=y', false],
    ['constructor', false],
    ['toString=x', false],
    ['in in (in)', false],
    ['x=,!x', false],
  ];
  for (const [text, expected] of cases) {
    assert.equal(parseLabelSelector(text).matches(labels), expected, text);
  }
});

test('parseLabelSelector() words its errors as Kubernetes does', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a in', "unable to parse requirement: found '' expected: '('"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=1,', "found '', expected: identifier after ','"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['a in (x', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a=1 b=2', "found 'b', expected: ',' or 'end of string'"],
    ['a=1!', "found '!', expected: ',' or 'end of string'"],
    [
      'a>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    [
      'a=b@',
      "unable to parse requirement: values[0][a]: Invalid value: \"b@\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    [
      '@=b',
      "unable to parse requirement: <nil>: Invalid value: \"@\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseLabelSelector(text),
      (error) => error instanceof StatusError && error.code === 400 && error.message === message,
      text,
    );
  }
});

test('a label selector reads the same after it was written', () => {
  const word = fc.stringMatching(/^[a-z]([a-z0-9]{0,4})$/);
  const values = fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).map((each) => each.sort().join(','));
  const requirement = fc.oneof(
    word,
    word.map((key) => `!${key}`),
    fc.tuple(word, fc.constantFrom('=', '==', '!='), word).map((parts) => parts.join('')),
    fc.tuple(word, fc.constantFrom('in', 'notin'), values).map(([key, op, list]) => `${key} ${op} (${list})`),
    fc.tuple(word, fc.constantFrom('<', '>'), fc.nat()).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(fc.array(requirement, { minLength: 1, maxLength: 4 }), (parts) => {
      const text = parseLabelSelector(parts.join(',')).toString();
      assert.equal(parseLabelSelector(text).toString(), text);
    }),
  );
});

test('parseLabelSelector() throws nothing but 400 for any text', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-c=!(),<> in]*$/), (text) => {
      try {
        parseLabelSelector(text);
      } catch (error) {
        assert.ok(error instanceof StatusError && error.code === 400);
      }
    }),
  );
});

test('a LabelSelector object matches labels and expressions together', () => {
  const selector = {
    matchLabels: { app: 'a' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['x', 'y'] },
      { key: 'old', operator: 'DoesNotExist' },
    ],
  };
  assert.equal(labelSelectorMatches(selector, { app: 'a', tier: 'y' }), true);
  assert.equal(labelSelectorMatches(selector, { app: 'a', tier: 'z' }), false);
  assert.equal(labelSelectorMatches(selector, { app: 'a', tier: 'x', old: '1' }), false);
  assert.equal(labelSelectorMatches({}, undefined), true);
  assert.equal(labelSelectorMatches(undefined, {}), false);
  assert.equal(formatLabelSelector(selector), 'app=a,!old,tier in (x,y)');
  assert.equal(formatLabelSelector({}), '<none>');
  assert.throws(
    () => labelMatcherOf({ matchExpressions: [{ key: 'a', operator: 'constructor' }] }),
    /"constructor" is not a valid label selector operator/,
  );
});

test('labelMatcherOfSet() demands its labels and allows more', () => {
  const matcher = labelMatcherOfSet({ a: '1' });
  assert.equal(matcher.matches({ a: '1', b: '2' }), true);
  assert.equal(matcher.exactValue('a'), '1');
  assert.equal(labelMatcherOfSet(undefined).isEmpty(), true);
});

test('parseFieldSelector() splits at the first operator and unescapes values', () => {
  const matcher = parseFieldSelector('metadata.name=a\\,b,status.phase!=Failed');
  const read = (fields: Record<string, string>) => (field: string) => fields[field] ?? '';
  assert.equal(matcher.matches(read({ 'metadata.name': 'a,b' })), true);
  assert.equal(matcher.matches(read({ 'metadata.name': 'a,b', 'status.phase': 'Failed' })), false);
  assert.equal(matcher.exactValue('metadata.name'), 'a,b');
  assert.equal(matcher.toString(), 'metadata.name=a\\,b,status.phase!=Failed');
  assert.equal(parseFieldSelector('').isEmpty(), true);
});

test('parseFieldSelector() words its errors as Kubernetes does', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a', "invalid selector: 'a'; can't understand 'a'"],
    ['a=b\\c', 'invalid field selector: invalid escape sequence: \\c'],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
  ];
  for (const [text, message] of cases) assert.throws(() => parseFieldSelector(text), { message }, text);
});

test('any value survives a field selector', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      assert.equal(parseFieldSelector(`f=${escapeFieldValue(value)}`).exactValue('f'), value);
    }),
  );
});
