import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { StorageError } from '../storage.ts';
import { configMap, recorder, refusedAs } from '../testing/suite-objects.ts';
import { databasePath } from './database.ts';
import { openSqliteStorage } from './index.ts';

const unavailable =
  (message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof StorageError && error.code === 'unavailable' && message.test(error.message);

test('a second server on the same directory is refused, and may have it when the first is done', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await openSqliteStorage({ directory });
  await assert.rejects(openSqliteStorage({ directory }), unavailable(/in use by another server/));
  await first.create('/core/pods/x/a', configMap('a'));
  await first.close();
  const second = await openSqliteStorage({ directory });
  assert.equal(await second.count('/'), 1);
  await second.close();
});

test('a second process on the same directory is refused too', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await openSqliteStorage({ directory });
  const script = `
    const { openSqliteStorage } = await import(${JSON.stringify(join(import.meta.dirname, 'index.ts'))});
    try { await openSqliteStorage({ directory: ${JSON.stringify(directory)} }); console.log('opened'); }
    catch (error) { console.log(error.code, error.message); }`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.match(said, /^unavailable the store in .* is in use by another server/);
  await first.close();
});

test('directory and files are for their owner alone', async (t) => {
  const directory = join(temporaryDirectory(t), 'deep', 'store');
  const storage = await openSqliteStorage({ directory });
  await storage.create('/core/secrets/x/a', configMap('a'));
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  for (const file of ['longshore.db', 'longshore.db-wal', 'lock']) {
    assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600, file);
  }
  await storage.close();
});

test('a row that the disk has changed is found when the store opens', async (t) => {
  const directory = temporaryDirectory(t);
  const storage = await openSqliteStorage({ directory });
  await storage.create('/core/pods/x/a', configMap('a', 'the-original-value'));
  await storage.close();
  const path = databasePath(directory);
  const at = readFileSync(path).indexOf('the-original-value');
  assert(at > 0);
  const file = openSync(path, 'r+');
  writeSync(file, 'THE', at);
  closeSync(file);
  await assert.rejects(openSqliteStorage({ directory }), unavailable(/damaged: restore it.*revision 1 of/));
});

test('a page that is not one of SQLite is found when the store opens', async (t) => {
  const directory = temporaryDirectory(t);
  const storage = await openSqliteStorage({ directory });
  await Promise.all(
    Array.from({ length: 64 }, (_, at) =>
      storage.create(`/core/pods/x/${at}`, configMap('a', 'x'.repeat(2000))),
    ),
  );
  await storage.close();
  const file = openSync(databasePath(directory), 'r+');
  writeSync(file, Buffer.alloc(8192, 0x5a), 0, 8192, 8192 * 4);
  closeSync(file);
  await assert.rejects(openSqliteStorage({ directory }), unavailable(/damaged/));
});

test('a file that is no database, a foreign database and a newer layout are told apart', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(
    databasePath(directory),
    'these are not the bytes of a database, and they are many'.repeat(40),
  );
  await assert.rejects(openSqliteStorage({ directory }), unavailable(/damaged/));

  const foreign = temporaryDirectory(t);
  const theirs = new DatabaseSync(databasePath(foreign));
  theirs.exec('CREATE TABLE theirs (x)');
  theirs.close();
  await assert.rejects(openSqliteStorage({ directory: foreign }), unavailable(/not made by longshore/));

  const newer = temporaryDirectory(t);
  await (await openSqliteStorage({ directory: newer })).close();
  const ours = new DatabaseSync(databasePath(newer));
  ours.exec('PRAGMA user_version = 999');
  ours.close();
  await assert.rejects(openSqliteStorage({ directory: newer }), unavailable(/layout 999, made by a newer/));
});

test('a path that cannot be a directory is refused with its name', async (t) => {
  const directory = join(temporaryDirectory(t), 'file');
  writeFileSync(directory, '');
  await assert.rejects(openSqliteStorage({ directory }), unavailable(/\/file cannot be used/));
});

test('a full file refuses writes, loses nothing, and takes writes again when something was deleted', async (t) => {
  const directory = temporaryDirectory(t, () => storage.close());
  let storage = await openSqliteStorage({ directory, fileBytesMax: 512 * 1024 });
  const watcher = recorder();
  storage.watch('/', 0, watcher);
  const key = (at: number): string => `/core/pods/x/${String(at).padStart(4, '0')}`;
  let written = 0;
  let refusal: unknown;
  for (const group of [8, 1]) {
    for (refusal = undefined; refusal === undefined; ) {
      const batch = await Promise.allSettled(
        Array.from({ length: group }, (_, at) =>
          storage.create(key(written + at), configMap('a', 'x'.repeat(3000))),
        ),
      );
      refusal = batch.find((result) => result.status === 'rejected')?.reason;
      const accepted = batch.filter(({ status }) => status === 'fulfilled').length;
      assert(accepted === group || accepted === 0, 'a group is written whole or not at all');
      written += accepted;
    }
  }
  assert(unavailable(/no room .*free disk space/)(refusal));
  assert(written > 64, `${written} written`);
  assert.equal(storage.revision, written);
  assert.equal(watcher.events.length, written);
  assert.equal(await storage.count('/'), written);
  await assert.rejects(storage.ready(), refusedAs('unavailable'));
  for (const { key: each, revision } of (await storage.list('/', { limit: 32 })).items) {
    await storage.delete(each, revision);
  }
  await storage.create(key(9999), configMap('a', 'x'.repeat(3000)));
  await storage.ready();
  const { revision } = storage;
  await storage.close();
  storage = await openSqliteStorage({ directory });
  assert.equal(storage.revision, revision);
  assert.equal(await storage.count('/'), written - 31);
});

const run = (command: string, ...args: string[]): void => void execFileSync(command, args);
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

test('a full disk refuses writes until there is room again', {
  skip: !mayMount && 'mounting a small disk takes root',
}, async (t) => {
  const mountPoint = temporaryDirectory(t, async () => {
    await storage.close();
    run('umount', mountPoint);
  });
  run('mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mountPoint);
  const directory = join(mountPoint, 'store');
  let storage = await openSqliteStorage({ directory });
  const ballast = join(mountPoint, 'ballast');
  writeFileSync(ballast, Buffer.alloc(1024 * 1024));
  let written = 0;
  let refusal: unknown;
  while (refusal === undefined) {
    try {
      await storage.create(`/core/pods/x/${written}`, configMap('a', 'x'.repeat(3000)));
      written++;
    } catch (error) {
      refusal = error;
    }
  }
  assert(unavailable(/no room/)(refusal));
  assert.equal(storage.revision, written);
  await assert.rejects(storage.ready(), refusedAs('unavailable'));
  rmSync(ballast);
  await storage.ready();
  await storage.create('/core/pods/x/after', configMap('after'));
  await storage.close();
  storage = await openSqliteStorage({ directory });
  assert.equal(await storage.count('/'), written + 1);
});
