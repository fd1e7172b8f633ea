import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { systemClock } from '../../apimachinery/clock.ts';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { type LogRequest, lastLogLines, readLogFile } from './log-file.ts';
import { rotateLog } from './rotation.ts';

const entry = (text: string, second = 0, tag = 'F'): string =>
  `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000000Z stdout ${tag} ${text}\n`;

function logIn(t: TestContext, text: string): string {
  const directory = temporaryDirectory(t);
  const path = join(directory, '0.log');
  writeFileSync(path, text);
  return path;
}

async function read(path: string, request: Partial<LogRequest> = {}, mayGrow = () => false): Promise<string> {
  const around = { clock: systemClock, mayGrow, onChange: () => () => {}, signal: undefined };
  let text = '';
  for await (const block of readLogFile(path, { follow: false, timestamps: false, ...request }, around)) {
    text += Buffer.from(block).toString();
  }
  return text;
}

test('the pieces of a long line are joined, and its time is told once', async (t) => {
  const path = logIn(t, entry('be', 1, 'P') + entry('gun', 1) + entry('next', 2));
  assert.equal(await read(path), 'begun\nnext\n');
  const lines = (await read(path, { timestamps: true })).split('\n');
  assert.deepEqual(lines, [
    '2026-01-01T00:00:01.000000000Z begun',
    '2026-01-01T00:00:02.000000000Z next',
    '',
  ]);
});

test('lines from before the wanted time are left out', async (t) => {
  const path = logIn(t, entry('early', 1) + entry('late', 5));
  assert.equal(await read(path, { since: Date.UTC(2026, 0, 1, 0, 0, 3) }), 'late\n');
});

test('the tail of a log is its last lines, however long they are', async (t) => {
  const path = logIn(t, '');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 8 }),
      fc.nat({ max: 10 }),
      async (lengths, tailLines) => {
        const lines = lengths.map((length, index) => `${index}${'x'.repeat(length)}`);
        writeFileSync(path, lines.map((line) => entry(line)).join(''));
        const wanted = tailLines === 0 ? [] : lines.slice(-tailLines);
        assert.equal(await read(path, { tailLines }), wanted.map((line) => `${line}\n`).join(''));
      },
    ),
    { numRuns: 50 },
  );
});

test('a follower sees what is written meanwhile, across a rotation, and ends when nothing more can come', async (t) => {
  const path = logIn(t, entry('one'));
  let open = true;
  const following = read(path, { follow: true }, () => open);
  await new Promise((resolve) => setTimeout(resolve, 30));
  appendFileSync(path, entry('two'));
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, entry('three'));
  writeFileSync(path, entry('four'));
  await new Promise((resolve) => setTimeout(resolve, 30));
  open = false;
  appendFileSync(path, entry('five'));
  assert.equal(await following, 'one\ntwo\nthree\nfour\nfive\n');
});

const LIMITS = { bytesMax: 100, filesMax: 4 };
const filesBeside = (path: string): string[] => readdirSync(dirname(path)).sort();

test('a log is set aside when it is large, those before it are compressed, and the oldest are removed', async (t) => {
  const path = logIn(t, entry('small'));
  let reopened = 0;
  const rotate = (stamp: string): Promise<void> =>
    rotateLog(path, {
      ...LIMITS,
      stamp,
      reopen: async () => {
        reopened += 1;
        writeFileSync(path, '');
      },
    });
  await rotate('1');
  assert.deepEqual([filesBeside(path), reopened], [['0.log'], 0]);
  for (const stamp of ['1', '2', '3', '4', '5']) {
    writeFileSync(path, entry(stamp.repeat(100)));
    await rotate(stamp);
  }
  assert.equal(reopened, 5);
  // The newest is left as it is, for those who still read it.
  assert.deepEqual(filesBeside(path), ['0.log', '0.log.3.gz', '0.log.4.gz', '0.log.5']);
  assert.equal(gunzipSync(readFileSync(`${path}.3.gz`)).toString(), entry('3'.repeat(100)));
  assert.equal(readFileSync(`${path}.5`, 'utf8'), entry('5'.repeat(100)));
});

test('what a rotation left that was broken off is cleared away or taken up by the next one', async (t) => {
  const path = logIn(t, entry('x'.repeat(100)));
  writeFileSync(`${path}.1`, 'compressed already');
  writeFileSync(`${path}.1.gz`, gzipSync('one'));
  writeFileSync(`${path}.2`, 'two');
  writeFileSync(`${path}.2.tmp`, 'half');
  await rotateLog(path, { ...LIMITS, stamp: '3', reopen: async () => writeFileSync(path, '') });
  assert.deepEqual(filesBeside(path), ['0.log', '0.log.1.gz', '0.log.2.gz', '0.log.3']);
  assert.equal(gunzipSync(readFileSync(`${path}.2.gz`)).toString(), 'two');
  rmSync(path);
  await rotateLog(path, { ...LIMITS, stamp: '4', reopen: async () => writeFileSync(path, 'anew') });
  assert.equal(readFileSync(path, 'utf8'), 'anew');
});

test('a log whose writer cannot begin a new one stays where it is', async (t) => {
  const text = entry('x'.repeat(100));
  const path = logIn(t, text);
  const reopen = (): Promise<never> => Promise.reject(new Error('the runtime is away'));
  await assert.rejects(rotateLog(path, { ...LIMITS, stamp: '1', reopen }), /the runtime is away/);
  assert.deepEqual([filesBeside(path), readFileSync(path, 'utf8')], [['0.log'], text]);
});

test('a follower reads on across rotations that compress what it has read', async (t) => {
  const path = logIn(t, entry('0'.repeat(100)));
  let open = true;
  const following = read(path, { follow: true }, () => open);
  for (const next of ['1', '2', '3', '4']) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const reopen = async (): Promise<void> => writeFileSync(path, entry(next.repeat(100)));
    await rotateLog(path, { ...LIMITS, stamp: next, reopen });
  }
  open = false;
  const lines = ['0', '1', '2', '3', '4'].map((each) => `${each.repeat(100)}\n`);
  assert.equal(await following, lines.join(''));
});

test('the end of a log as text is limited in lines and bytes, and empty where there is no log', async (t) => {
  const path = logIn(t, entry('one') + entry('two') + entry('three'));
  assert.equal(await lastLogLines(path, 2, 100), 'two\nthree\n');
  assert.equal(await lastLogLines(path, 80, 7), '\nthree\n');
  assert.equal(await lastLogLines(`${path}.none`, 80, 7), '');
});
