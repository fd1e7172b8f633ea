import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../../apimachinery/clock.ts';
import { seededRandom } from '../../apimachinery/random.ts';
import type { ComponentContext } from '../../client/index.ts';
import { silent } from '../../client/testing/silent-log.ts';
import { UserError } from '../user-error.ts';
import { openRuntime } from './open-runtime.ts';

const folder = mkdtempSync(join(tmpdir(), 'ls-open-'));
after(() => rmSync(folder, { recursive: true, force: true }));

// Of a context, opening a runtime uses no more.
const context = { clock: systemClock, random: seededRandom(1), log: silent } as unknown as ComponentContext;

async function refusal(kind: 'cri' | 'docker', endpoint: string, directory = folder): Promise<string> {
  const order = { choice: { kind, endpoint }, context, directory, endsWithProcess: false } as const;
  return openRuntime(order).then(
    () => assert.fail('it opened'),
    (error: unknown) => {
      assert.ok(error instanceof UserError, String(error));
      return error.message;
    },
  );
}

async function listen(path: string): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** As an engine leaves it that was killed. */
async function deadSocket(): Promise<string> {
  const server = await listen(join(folder, 'own'));
  const dead = join(folder, 'dead');
  renameSync(join(folder, 'own'), dead);
  await close(server);
  return dead;
}

test('a runtime that cannot be had is told with its socket, why, and what to do', async () => {
  const directory = join(folder, 'directory');
  const file = join(folder, 'file');
  mkdirSync(directory);
  writeFileSync(file, '');
  const why = [
    [join(folder, 'nothing'), 'there is no such socket'],
    [await deadSocket(), 'nobody listens there'],
    [directory, 'it is a directory, as Docker makes one where a socket to be mounted is missing'],
    [file, 'it is no socket'],
  ] as const;
  const other = (name: string, option: string): string =>
    `start ${name}, or name another socket with '--runtime ${option}', or use '--runtime process'`;
  for (const [path, reason] of why) {
    assert.equal(
      await refusal('cri', path),
      `no container runtime answers on ${path} (${reason}): ${other('containerd or CRI-O', 'cri=ENDPOINT')}`,
    );
    assert.equal(
      await refusal('docker', path),
      `no Docker Engine answers on ${path} (${reason}): ${other('Docker', 'docker=SOCKET')}`,
    );
  }
});

test('a socket that is not for this user is told so', async (t) => {
  const path = join(folder, 'closed');
  const server = await listen(path);
  t.after(() => close(server));
  const { getuid, seteuid } = process;
  if (getuid?.() !== 0 || seteuid === undefined) {
    t.skip('only root can stand for another user');
    return;
  }
  const theirs = join(folder, 'theirs');
  mkdirSync(theirs);
  chownSync(theirs, 65_534, 65_534);
  chmodSync(folder, 0o755);
  seteuid(65_534);
  try {
    for (const kind of ['cri', 'docker'] as const) {
      assert.match(
        await refusal(kind, path, theirs),
        /\(this user may not use it, but root and the group of the socket may\)/,
      );
    }
  } finally {
    seteuid(0);
  }
});
