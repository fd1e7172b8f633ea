import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readYaml, YamlError } from './yaml-document.ts';

const scalars: readonly (readonly [string, unknown])[] = [
  ['y', true],
  ['Off', false],
  ['yEs', 'yEs'],
  ['~', null],
  ['', null],
  ['1:30', '1:30'],
  ['2026-01-31', '2026-01-31'],
  ['2026-01-31T00:00:00Z', '2026-01-31T00:00:00Z'],
  ['010', 8],
  ['0o17', 15],
  ['08', 8],
  ['0x1F', 31],
  ['-0b101', -5],
  ['1_000', 1000],
  ['+7', 7],
  ['9223372036854775807', 9223372036854775807n],
  ['18446744073709551615', 18446744073709551615n],
  ['18446744073709551616', 2 ** 64],
  ['1e3', 1000],
  ['.5', 0.5],
  ['1.', 1],
  ['1.36', 1.36],
  ['1.2.3', '1.2.3'],
  ['-x', '-x'],
  ['"1"', '1'],
  ["'true'", 'true'],
  ['!!str 1', '1'],
  ['!!int "1"', 1],
  ['!!float 1', 1],
  ['!!binary YWJj', 'abc'],
  ['|\n  1\n  2', '1\n2\n'],
];
for (const [text, value] of scalars) {
  test(`the scalar ${JSON.stringify(text)} means ${typeof value} ${String(value)}`, () => {
    assert.deepEqual(readYaml(`a: ${text}\n`).value, { a: value });
  });
}

test('lists, maps, merges and aliases become what their JSON would say', () => {
  const text =
    'base: &b {a: 1, b: 2}\nmore: &m\n  b: 3\nlist:\n- <<: *b\n  c: 4\n- <<: [*m, *b]\n- *m\n1: x\ntrue: z\n';
  assert.deepEqual(readYaml(text).value, {
    base: { a: 1, b: 2 },
    more: { b: 3 },
    list: [{ a: 1, b: 2, c: 4 }, { a: 1, b: 3 }, { b: 3 }],
    '1': 'x',
    true: 'z',
  });
});

test('the first document counts, and an empty text is null', () => {
  assert.deepEqual(readYaml('---\na: 1\n---\nb: 2\n').value, { a: 1 });
  assert.equal(readYaml('').value, null);
  assert.equal(readYaml('# nothing\n').value, null);
  assert.equal(readYaml('text').value, 'text');
});

test('a member named __proto__ reaches no prototype', () => {
  const read = readYaml('__proto__: {polluted: true}\n').value as object;
  assert.deepEqual(Object.keys(read), ['__proto__']);
});

const laughs = [
  'a0: &a0 [x]',
  ...Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(10)}]`),
].join('\n');
const refused: readonly (readonly [string, RegExp])[] = [
  [laughs, /excessive aliasing/],
  ['a: &a [*a]', /anchor 'a' value contains itself/],
  ['a: *b', /unknown anchor|unidentified alias/],
  ['a: .nan', /unsupported value: NaN/],
  ['a: -.inf', /unsupported value: -Inf/],
  ['? [a]\n: b', /invalid map key/],
  ['<<: 1', /map merge requires/],
  ['a: !!int x', /cannot decode !!str `x` as a !!int/],
  ['a: 1\nb: [', /^yaml: line \d: /],
  ['['.repeat(2000) + ']'.repeat(2000), /nesting/],
];
for (const [text, why] of refused) {
  test(`${JSON.stringify(text.slice(0, 30))} is refused`, () => {
    assert.throws(
      () => readYaml(text),
      (error) => error instanceof YamlError && why.test(error.message),
    );
  });
}

test('keys that stand twice are told with the line of their second value, and the second value counts', () => {
  const text = 'a: 1\nb: {c: 1, c: 2}\na:\n  - x\n"b": *x\n'.replace('*x', '3');
  const { value, twice } = readYaml(text);
  assert.deepEqual(value, { a: ['x'], b: 3 });
  assert.equal(
    twice,
    'yaml: unmarshal errors:\n  line 2: key "c" already set in map\n  line 4: key "a" already set in map\n  line 5: key "b" already set in map',
  );
  assert.equal(readYaml('a: 1\n').twice, undefined);
  assert.equal(
    readYaml('yes: 1\non: 2\n').twice,
    'yaml: unmarshal errors:\n  line 2: key true already set in map',
  );
});

test('what upstream says of broken YAML is said in its words, with its way of counting lines', () => {
  const cases: [string, string][] = [
    ['{a\n', "yaml: line 1: did not find expected ',' or '}'"],
    ['a: [1, "]"', "yaml: line 1: did not find expected ',' or ']'"],
    ['- a\nb: c', "yaml: line 1: did not find expected '-' indicator"],
    ['a: b\n- c', 'yaml: line 1: did not find expected key'],
    ['a:\n  b: x\n c: y\n', 'yaml: line 2: did not find expected key'],
    ['a: b\nc', "yaml: line 3: could not find expected ':'"],
    ['a: @x', 'yaml: found character that cannot start any token'],
  ];
  for (const [text, message] of cases) assert.throws(() => readYaml(text), { message }, text);
});
