import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Catalog } from '../catalog.ts';
import { GADGETS } from '../testing/gadgets.ts';
import { groupsOf } from './documents.ts';

test('groups come in the order that is asked for, and the others by their names', () => {
  const definitions = ['d', 'b', 'c', 'a'].map((group) => ({ ...GADGETS, group }));
  const names = groupsOf(new Catalog(definitions, [], ['c', 'x', 'b'])).map(({ name }) => name);
  assert.deepEqual(names, ['c', 'b', 'a', 'd']);
});
