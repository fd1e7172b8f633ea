import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadDescriptions } from './descriptions.ts';
import { schemas } from './index.ts';

const descriptions = await loadDescriptions();
const everywhere = descriptions['*'] ?? {};
const definitions = Object.entries(schemas.definitions);

const isList = (name: string): boolean => name.endsWith('List') && name !== 'APIResourceList';
const isKind = (definition: object): boolean => 'x-kubernetes-group-version-kind' in definition;

test('every definition says what it is, and every field what it is for', () => {
  const silent = definitions.flatMap(([name, definition]) => {
    const own = descriptions[name] ?? (isList(name) ? descriptions['*List'] : undefined) ?? {};
    const common = isKind(definition) ? everywhere : {};
    return ['', ...Object.keys(definition.properties ?? {})]
      .filter((field) => (own[field] ?? common[field] ?? '') === '')
      .map((field) => `${name} ${field}`);
  });
  assert.deepEqual(silent, []);
});

test('no text describes a definition or a field that is not there', () => {
  const known = new Map(definitions);
  const idle = Object.entries(descriptions).flatMap(([name, texts]) => {
    if (name.startsWith('*') || name.endsWith('.Patch')) return [];
    const properties = known.get(name)?.properties ?? {};
    const fields = Object.keys(texts).filter((field) => field !== '' && !(field in properties));
    return known.has(name) ? fields.map((field) => `${name} ${field}`) : [name];
  });
  assert.deepEqual(idle, []);
});

test('texts are sentences without a line break', () => {
  for (const [name, texts] of Object.entries(descriptions)) {
    for (const [field, text] of Object.entries(texts)) {
      assert.match(text, /^\S[^\n]*\.$/, `${name} ${field}`);
      assert.ok(text.length <= 400, `${name} ${field} is too long to read in a terminal`);
    }
  }
});
