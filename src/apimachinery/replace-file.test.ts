import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Replacement, replaceFile, replaceFileSync } from './replace-file.ts';
import { temporaryDirectory } from './testing/temporary-directory.ts';

const ways: Record<string, (file: string, content: string, how: Replacement) => Promise<void>> = {
  replaceFile,
  replaceFileSync: async (...parameters) => replaceFileSync(...parameters),
};

for (const [name, replace] of Object.entries(ways)) {
  test(`${name}() leaves the new content with its own mode, and nothing beside it`, async (t) => {
    const place = temporaryDirectory(t);
    const file = join(place, 'key');
    writeFileSync(file, 'old', { mode: 0o644 });
    writeFileSync(`${file}.${process.pid}.new`, 'half', { mode: 0o644 });
    await replace(file, 'new', { mode: 0o600, flush: true });
    assert.equal(readFileSync(file, 'utf8'), 'new');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(place), ['key']);
  });

  test(`${name}() that fails leaves nothing beside what was there`, async (t) => {
    const place = temporaryDirectory(t);
    mkdirSync(join(place, 'taken'));
    await assert.rejects(replace(join(place, 'taken'), 'new', { mode: 0o600 }), { code: 'EISDIR' });
    assert.deepEqual(readdirSync(place), ['taken']);
  });
}
