import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { check, parseTable } from './check-imports.ts';

const TABLE =
  '| room | what | upstream | may import |\n| --- | --- | --- | --- |\n| `a` | x | y | |\n| `b` | x | y | a |\n';

function problemsOf(
  t: { after(end: () => void): void },
  files: Readonly<Record<string, string>>,
): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({ 'ARCHITECTURE.md': TABLE, ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return check(root);
}

test('parseTable() reads the rooms and what each may import', () => {
  assert.deepEqual(
    [...parseTable(TABLE)].map(([room, allowed]) => [room, [...allowed]]),
    [
      ['a', []],
      ['b', ['a']],
    ],
  );
});

test('check() accepts an import that its row allows', (t) => {
  assert.deepEqual(
    problemsOf(t, { 'src/a/x.ts': 'export const x = 1;', 'src/b/y.ts': "import { x } from '../a/x.ts';" }),
    [],
  );
});

test('check() refuses an import that its row does not allow, types included', (t) => {
  const files = { 'src/a/x.ts': "import type { y } from '../b/y.ts';", 'src/b/y.ts': 'export type y = 1;' };
  assert.deepEqual(problemsOf(t, files), ['src/a/x.ts imports b/y.ts: a may not import b']);
});

test('check() refuses a room without a row, a row without a room and a file that is not there', (t) => {
  const files = { 'src/a/x.ts': "export * from './gone.ts';", 'src/c/z.ts': '' };
  assert.deepEqual(problemsOf(t, files), [
    'src/c has no row in ARCHITECTURE.md',
    'ARCHITECTURE.md names b, which is not in src/',
    'src/a/x.ts imports ./gone.ts, which does not exist',
  ]);
});

test('check() refuses a cycle of imports', (t) => {
  const files = {
    'src/a/x.ts': "import { y } from './y.ts';",
    'src/a/y.ts': "import { x } from './x.ts';",
    'src/b/z.ts': '',
  };
  assert.match(problemsOf(t, files).join('\n'), /import cycle: a\/[xy]\.ts → a\/[xy]\.ts → a\/[xy]\.ts/);
});
