import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifests } from './manifests.ts';

test('parseManifests() answers each document with its line', async () => {
  const text =
    'apiVersion: v1\nkind: ConfigMap\n---\n# between\napiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\n';
  const manifests = await parseManifests(text, 'f.yaml');
  assert.deepEqual(
    manifests.map(({ kind, where }) => [kind, where]),
    [
      ['ConfigMap', 'f.yaml:1'],
      ['Job', 'f.yaml:5'],
    ],
  );
});

test('parseManifests() unfolds a List', async () => {
  const text =
    '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod"},{"apiVersion":"v1","kind":"Secret"}]}';
  assert.deepEqual(
    (await parseManifests(text, 'f')).map(({ kind }) => kind),
    ['Pod', 'Secret'],
  );
});

test('parseManifests() passes over empty documents', async () => {
  assert.deepEqual(await parseManifests('---\n---\n# nothing\n', 'f'), []);
});

test('parseManifests() names file, line and column of broken YAML', async () => {
  await assert.rejects(
    parseManifests('a: 1\nb: [\n', 'x.yaml'),
    /^UserError: x\.yaml:\d+:\d+: not valid YAML/,
  );
});

test('parseManifests() refuses a document without kind, and one that is no mapping', async () => {
  await assert.rejects(parseManifests('apiVersion: v1\n', 'x'), /x:1: kind is not set/);
  await assert.rejects(parseManifests('- 1\n', 'x'), /x:1: not a Kubernetes object/);
});

test('parseManifests() refuses a document that its aliases would blow up', async () => {
  const levels = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (const [name, before] of ['ba', 'cb', 'dc', 'ed'])
    levels.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`);
  await assert.rejects(
    parseManifests(`apiVersion: v1\nkind: X\n${levels.join('\n')}\n`, 'x'),
    /UserError: x:1:1: Excessive alias count/,
  );
});

test('parseManifests() keeps every digit of whole numbers, and makes plain numbers of those that are exact', async () => {
  const text =
    'apiVersion: v1\nkind: Pod\na: 9223372036854775807\nb: [-9007199254740993, 0x10, 0o17, 017, 1_000]\nc: 1.5\n1: x\n';
  const [manifest] = await parseManifests(text, 'f');
  const { a, b, c, 1: one } = (manifest?.object ?? {}) as Record<string, unknown>;
  assert.deepEqual(
    { a, b, c, one },
    { a: 9_223_372_036_854_775_807n, b: [-9_007_199_254_740_993n, 16, '0o17', 15, 1000], c: 1.5, one: 'x' },
  );
});
