import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { defaultDataDirectory, openDataDirectory } from './data-directory.ts';

test('defaultDataDirectory() follows the XDG data home and ignores a relative one', () => {
  assert.equal(defaultDataDirectory({ XDG_DATA_HOME: '/x' }), '/x/longshore');
  assert.match(defaultDataDirectory({ XDG_DATA_HOME: 'x' }), /\/\.local\/share\/longshore$/);
});

test('openDataDirectory() makes the directory the user alone can enter', (t) => {
  const places = openDataDirectory(join(temporaryDirectory(t), 'deep', 'data'));
  assert.equal(statSync(places.root).mode & 0o777, 0o700);
  assert.ok(statSync(places.store).isDirectory());
});

test('openDataDirectory() says what to do when the path is a file', (t) => {
  const file = join(temporaryDirectory(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => openDataDirectory(file), /cannot use the data directory .*--data-dir/);
});
