import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Replacement, replaceFile, replaceFileSync } from './replace-file.ts';

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'longshore-replace-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const ways: Record<string, (file: string, content: string, how: Replacement) => Promise<void>> = {
  replaceFile,
  replaceFileSync: async (...parameters) => replaceFileSync(...parameters),
};

for (const [name, replace] of Object.entries(ways)) {
  test(`${name}() leaves the new content with its own mode, and nothing beside it`, async (t) => {
    const place = directory(t);
    const file = join(place, 'key');
    writeFileSync(file, 'old', { mode: 0o644 });
    writeFileSync(`${file}.${process.pid}.new`, 'half', { mode: 0o644 });
    await replace(file, 'new', { mode: 0o600, flush: true });
    assert.equal(readFileSync(file, 'utf8'), 'new');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(place), ['key']);
  });

  test(`${name}() that fails leaves nothing beside what was there`, async (t) => {
    const place = directory(t);
    mkdirSync(join(place, 'taken'));
    await assert.rejects(replace(join(place, 'taken'), 'new', { mode: 0o600 }), { code: 'EISDIR' });
    assert.deepEqual(readdirSync(place), ['taken']);
  });
}
