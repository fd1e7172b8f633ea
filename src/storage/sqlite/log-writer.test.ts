import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { openDatabase, scalar } from './database.ts';
import { load } from './load.ts';
import { type LogRow, LogWriter } from './log-writer.ts';
import { migrate } from './schema.ts';

function opened(t: TestContext): { readonly database: DatabaseSync; readonly directory: string } {
  const directory = temporaryDirectory(t, async () => database.close());
  const database = openDatabase(directory, {});
  migrate(database, directory);
  return { database, directory };
}

const rows = (database: DatabaseSync): unknown => scalar(database, 'SELECT count(*) FROM log');

test('tidying removes what is superseded and keeps every newest state and the newest revision', (t) => {
  const { database, directory } = opened(t);
  const writer = new LogWriter(database, directory, 0, []);
  writer.append([
    [1, '/a', '{"n":1}', null],
    [2, '/b', '{"n":2}', null],
    [3, '/a', '{"n":3}', 1],
  ]);
  writer.append([[4, '/b', null, 2]]);
  const before = load(database, directory);
  assert.deepEqual(before.superseded, [1, 2, 4]);
  assert.deepEqual(
    before.stored.map(({ key, revision, object }) => ({ key, revision, object })),
    [{ key: '/a', revision: 3, object: { n: 3 } }],
  );

  while (writer.tidy());
  assert.equal(rows(database), 2, 'the deletion stays while its revision is the newest');
  const after = load(database, directory);
  assert.equal(after.revision, 4);
  assert.deepEqual(after.superseded, [4]);
  writer.append([[5, '/c', '{"n":5}', null]]);
  while (writer.tidy());
  assert.equal(rows(database), 2);
  assert.equal(load(database, directory).revision, 5);
});

test('a log opened anew goes on tidying what it found', (t) => {
  const { database, directory } = opened(t);
  const first = new LogWriter(database, directory, 0, []);
  const all = Array.from(
    { length: 2000 },
    (_, at): LogRow => [at + 1, '/a', `{"n":${at + 1}}`, at === 0 ? null : at],
  );
  for (let at = 0; at < all.length; at += 100) first.append(all.slice(at, at + 100));
  const { revision, superseded } = load(database, directory);
  const second = new LogWriter(database, directory, revision, superseded);
  while (second.tidy());
  assert.equal(rows(database), 1);
  assert.equal(load(database, directory).stored[0]?.revision, 2000);
});

test('an append that breaks a rule of the file keeps none of its rows, and ends the writing', (t) => {
  const { database, directory } = opened(t);
  const writer = new LogWriter(database, directory, 0, []);
  writer.append([[1, '/a', '{}', null]]);
  assert.throws(
    () =>
      writer.append([
        [2, '/b', '{}', null],
        [1, '/c', '{}', null],
      ]),
    { name: 'StorageError', code: 'unavailable' },
  );
  assert.equal(rows(database), 1);
  assert.throws(() => writer.append([[3, '/d', '{}', null]]), { code: 'unavailable' });
  assert.throws(() => writer.probe(), { code: 'unavailable' });
});
