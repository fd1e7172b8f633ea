import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { sleep, systemClock } from '../../src/apimachinery/clock.ts';
import { seededRandom } from '../../src/apimachinery/random.ts';
import { temporaryDirectory } from '../../src/apimachinery/testing/temporary-directory.ts';
import { openSqliteStorage } from '../../src/storage/index.ts';
import { valueIn } from '../../src/storage/testing/suite-objects.ts';

const KILLS = 12;
const SEED = 20_261;

interface Answered {
  readonly round: string;
  readonly revision: number;
}

/** Runs the writers until `delayMs` after their first answer, kills them and tells each writer's last answer. */
async function writeAndKill(
  directory: string,
  round: number,
  delayMs: number,
): Promise<ReadonlyMap<string, Answered>> {
  const script = join(import.meta.dirname, 'store-writer.ts');
  const child = spawn(process.execPath, [script, directory, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const first = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      resolve();
    });
  });
  const ended = new Promise<string | null>((resolve) => {
    child.on('close', (_code, signal) => resolve(signal));
  });
  await Promise.race([first, ended]);
  await sleep(systemClock, delayMs);
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL', 'the writers did not fail by themselves');
  const answered = new Map<string, Answered>();
  for (const line of output.slice(0, output.lastIndexOf('\n')).split('\n')) {
    const [name = '', written = '', revision] = line.split(' ');
    answered.set(name, { round: written, revision: Number(revision) });
  }
  return answered;
}

test('kill -9 in the middle of a thousand concurrent writers loses no answered write', async (t) => {
  const directory = temporaryDirectory(t);
  const random = seededRandom(SEED);
  let highest = 0;
  let total = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const answered = await writeAndKill(directory, kill, random.fraction() * 120);
    const storage = await openSqliteStorage({ directory });
    try {
      for (const [name, { round, revision }] of answered) {
        total++;
        highest = Math.max(highest, revision);
        const stored = await storage.get(`/core/configmaps/default/${name}`);
        if (stored?.revision === revision) {
          assert.equal(valueIn(stored)?.split(' ')[0], round);
        } else if (stored !== undefined) {
          // A later write of the same writer was committed, and its answer died with the process.
          assert(stored.revision > revision, `${name} went back from ${revision} to ${stored.revision}`);
        } else if (round !== 'deleted') {
          assert(storage.revision > revision, `${name} has lost ${round} at ${revision}`);
        }
      }
      assert(storage.revision >= highest, 'revisions never go back');
      for (const { object, revision } of (await storage.list('/')).items) {
        const value = valueIn({ key: '', revision, object }) ?? '';
        const round = Number(value.split(' ')[0]);
        assert.equal(value.length, String(round).length + 1 + 200 + (round % 3000), 'no value is cut');
        assert.equal(object.metadata.resourceVersion, String(revision));
      }
    } finally {
      await storage.close();
    }
  }
  assert(total > 1000, `only ${total} writers were answered`);
  t.diagnostic(`seed ${SEED}: ${total} last answers checked over ${KILLS} kills, newest revision ${highest}`);
});
