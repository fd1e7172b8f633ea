import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { AesGcmSeal, type Seal } from '../seal.ts';
import { type Storage, StorageError } from '../storage.ts';
import { storageSuite } from '../testing/suite.ts';
import { configMap } from '../testing/suite-objects.ts';
import { openSqliteStorage } from './index.ts';

const PREFIXES = ['/core/secrets/'];
const KEY = '/core/secrets/default/s';
const PLAIN = 'c2Vuc2l0aXZlLXRleHQ=';

function secret(name: string, value = PLAIN): ApiObject {
  return { ...configMap(name), kind: 'Secret', data: { password: value } } as ApiObject;
}

const sealOf = (...secrets: [Buffer, ...Buffer[]]): Seal =>
  new AesGcmSeal(PREFIXES, secrets, '/data/secrets.key');

/** Whether any file of the directory holds the text. */
function isInFiles(directory: string, text: string): boolean {
  return readdirSync(directory).some((name) => readFileSync(join(directory, name)).includes(text));
}

async function passwordIn(storage: Storage, key = KEY): Promise<string | undefined> {
  const object = (await storage.get(key))?.object as { data?: { password: string } } | undefined;
  return object?.data?.password;
}

const lasting = randomBytes(32);
storageSuite('sealed sqlite', {
  durable: true,
  open: (directory, history) => {
    const seal = new AesGcmSeal(['/core/', '/batch/'], [lasting], 'here');
    return openSqliteStorage({ directory, seal, ...(history === undefined ? {} : { history }) });
  },
});

test('what is sealed comes back as it was, and never lies in a file of the store', async (t) => {
  const directory = temporaryDirectory(t);
  const seal = sealOf(randomBytes(32));
  const storage = await openSqliteStorage({ directory, seal });
  await storage.create(KEY, secret('s'));
  await storage.create('/core/configmaps/default/c', configMap('c'));
  assert.equal(isInFiles(directory, PLAIN), false, 'while it runs');
  await storage.close();
  assert.equal(isInFiles(directory, PLAIN), false, 'afterwards');
  assert.equal(isInFiles(directory, '"kind":"ConfigMap"'), true, 'others are plain');
  const again = await openSqliteStorage({ directory, seal });
  assert.equal(await passwordIn(again), PLAIN);
  await again.close();
});

test('a store from before is sealed when it is opened, at its old revisions, and nothing of it is left', async (t) => {
  const directory = temporaryDirectory(t);
  const before = await openSqliteStorage({ directory });
  const first = await before.create(KEY, secret('s', `${PLAIN}1`));
  for (let at = 0; at < 50; at++) await before.create(`${KEY}${at}`, secret(`s${at}`));
  for (let at = 10; at < 50; at++) {
    const stored = await before.get(`${KEY}${at}`);
    await before.delete(`${KEY}${at}`, stored?.revision ?? 0);
  }
  const last = await before.update(KEY, secret('s'), first.revision);
  await before.close();
  assert.equal(isInFiles(directory, PLAIN), true);

  const seal = sealOf(randomBytes(32));
  const storage = await openSqliteStorage({ directory, seal });
  assert.equal((await storage.get(KEY))?.revision, last.revision);
  assert.equal(await passwordIn(storage), PLAIN);
  assert.equal(isInFiles(directory, PLAIN), false);
  await storage.close();
  assert.equal(isInFiles(directory, PLAIN), false);
});

test('a new secret seals everything anew, and the old one opens nothing any more', async (t) => {
  const directory = temporaryDirectory(t);
  const [old, fresh] = [randomBytes(32), randomBytes(32)];
  const before = await openSqliteStorage({ directory, seal: sealOf(old) });
  await before.create(KEY, secret('s'));
  await before.close();
  const turned = await openSqliteStorage({ directory, seal: sealOf(fresh, old) });
  assert.equal(await passwordIn(turned), PLAIN);
  await turned.close();
  const alone = await openSqliteStorage({ directory, seal: sealOf(fresh) });
  assert.equal(await passwordIn(alone), PLAIN);
  await alone.close();
  await assert.rejects(openSqliteStorage({ directory, seal: sealOf(old) }), {
    code: 'unavailable',
    message:
      /Secrets in the store are encrypted with the key [0-9a-f]{12}, which \/data\/secrets\.key does not hold: put back the copy/,
  });
  await assert.rejects(openSqliteStorage({ directory }), /is encrypted, and no key was given/);
});

test('a sealed text that was changed, or moved to another key, is refused', () => {
  const seal = sealOf(randomBytes(32));
  const sealed = seal.close(KEY, '{"a":1}');
  assert.equal(seal.open(KEY, sealed), '{"a":1}');
  assert.notEqual(seal.close(KEY, '{"a":1}'), sealed, 'the same text is never sealed the same');
  assert.throws(() => seal.open(`${KEY}2`, sealed), StorageError);
  const changed = `${sealed.slice(0, -8)}AAAA${sealed.slice(-4)}`;
  assert.throws(() => seal.open(KEY, changed), /not as it was sealed/);
});
