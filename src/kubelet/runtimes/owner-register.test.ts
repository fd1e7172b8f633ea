import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRandom } from '../../apimachinery/random.ts';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { openOwner, placeOf } from './owner.ts';
import { OwnerRegister } from './owner-register.ts';

test('who has entered is told as abandoned once its directory is gone, until it is struck out', (t) => {
  const root = temporaryDirectory(t);
  const register = new OwnerRegister(join(root, 'run/owners'));
  assert.deepEqual(register.abandoned(), [], 'nobody has entered yet');
  const [gone, here] = ['gone', 'here'].map((name) =>
    openOwner({ directory: join(root, name), endsWithProcess: false, random: systemRandom }),
  );
  assert.ok(gone && here);
  for (const each of [gone, here]) register.enter(each);
  writeFileSync(join(root, 'run/owners/half.json'), '{');
  assert.deepEqual(register.abandoned(), []);
  rmSync(join(root, 'gone'), { recursive: true });
  assert.deepEqual(register.abandoned(), [gone]);
  assert.equal(placeOf(gone), join(root, 'gone'));
  register.leave(gone.id);
  assert.deepEqual(register.abandoned(), []);
});
