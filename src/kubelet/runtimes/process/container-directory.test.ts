import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeDirectory } from './container-directory.ts';

/** Directories that are removed: in each, the two processes may chance not to meet. */
const ROUNDS = 5;
const FILES = 200;

/** As soon as the first file goes that a directory lists, removes the others, the last first. */
const REMOVER = `
const { existsSync, readdirSync, rmSync } = require('node:fs');
const files = readdirSync('.');
process.stdout.write('ready');
while (existsSync(files[0]));
for (const file of files.reverse()) rmSync(file, { force: true });`;

test('a directory is removed as a whole while another process removes files in it', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const root = mkdtempSync(join(tmpdir(), 'longshore-container-directory-'));
    const busy = join(root, 'busy');
    mkdirSync(busy);
    for (let number = 0; number < FILES; number++) writeFileSync(join(busy, `${number}`), '');
    const remover = spawn(process.execPath, ['-e', REMOVER], {
      cwd: busy,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(remover, 'exit');
    await once(remover.stdout, 'data');
    await removeDirectory(root);
    assert.equal(existsSync(root), false);
    await ended;
  }
});
