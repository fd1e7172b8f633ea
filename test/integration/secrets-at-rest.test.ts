/** Secrets in the data directory of the real server. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';

const PLAIN = 'correct-horse-battery';
const ENCODED = Buffer.from(PLAIN).toString('base64');

/** The files of a directory that hold the password, plain or as a Secret writes it. */
function leaks(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
    .filter((file) => {
      const bytes = readFileSync(file);
      return bytes.includes(PLAIN) || bytes.includes(ENCODED);
    });
}

const password = (server: TestServer): Promise<string> =>
  server.kubectl(['get', 'secret', 'db', '-o', 'jsonpath={.data.password}']).then(({ stdout }) => stdout);

test('a Secret lies encrypted in the data directory, through a restart and a new key, and is lost with the key', async (t) => {
  if (!requireKubectl(t)) return;
  const directory = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  t.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  const keyFile = join(directory, 'secrets.key');
  const up = ['--runtime', 'none'];

  const first = await startServer(up, directory);
  await first.kubectl(['create', 'secret', 'generic', 'db', `--from-literal=password=${PLAIN}`]);
  assert.equal(await password(first), ENCODED);
  assert.deepEqual(leaks(directory), []);
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  await first.stop('SIGKILL');
  assert.deepEqual(leaks(directory), []);
  const key = readFileSync(keyFile, 'utf8');

  const second = await startServer([...up, '--rotate-secrets-key'], directory);
  assert.equal(await password(second), ENCODED);
  await second.stop();
  const rotated = readFileSync(keyFile, 'utf8');
  assert.notEqual(rotated, key);
  assert.equal(rotated.trim().split('\n').length, 1, 'the old key is gone');
  assert.deepEqual(leaks(directory), []);

  renameSync(keyFile, `${keyFile}.away`);
  await assert.rejects(
    startServer(up, directory),
    /longshore up ended with 2: longshore: Secrets in the store are encrypted with the key [0-9a-f]{12}, which .*secrets\.key does not hold: put back the copy of that file/,
  );
  renameSync(`${keyFile}.away`, keyFile);
  const last = await startServer(up, directory);
  assert.equal(await password(last), ENCODED);
  await last.stop();
});
