import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isShared, seesMountsBelow } from './mount-reach.ts';

test('a path is on a mount that is passed on if the innermost, and last, above it is in a peer group', () => {
  const table = [
    '21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
    '30 21 254:0 /var /var/lib rw,relatime master:3 - ext4 /dev/vda rw',
    '31 30 254:0 /x /var/lib/shared\\040here rw shared:7 master:3 - ext4 /dev/vda rw',
    '40 21 0:5 / /twice rw shared:2 - tmpfs tmpfs rw',
    '41 40 0:6 / /twice rw - tmpfs shared:9 rw',
    '',
  ].join('\n');
  for (const [path, wanted] of [
    ['/data', true],
    ['/var/library', true],
    ['/var/lib', false],
    ['/var/lib/longshore', false],
    ['/var/lib/shared here/x', true],
    ['/twice/x', false],
  ] as const) {
    assert.equal(isShared(table, path), wanted, path);
  }
});

test('who listens among the same mounts sees them', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-reach-'));
  const server = createServer();
  t.after(() => {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const socket = join(directory, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  assert.equal(seesMountsBelow(directory, socket), true);
  assert.equal(seesMountsBelow(directory, `unix://${directory}/./engine.sock`), true);
});
