import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../apimachinery/clock.ts';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { AuditLog } from './audit-log.ts';

const silent = { info() {}, warn() {}, error() {} };

const line = (at: number): string => `${JSON.stringify({ at, filler: 'x'.repeat(80) })}\n`;

test('lines come out whole and in order, in files that are nobody else’s', async (t) => {
  const directory = join(temporaryDirectory(t), 'audit');
  const audit = new AuditLog({ directory, clock: systemClock, log: silent });
  for (let at = 0; at < 1000; at++) audit.write(line(at));
  await audit.close();
  const text = readFileSync(join(directory, 'audit.log'), 'utf8');
  assert.equal(text, Array.from({ length: 1000 }, (_, at) => line(at)).join(''));
  assert.equal(statSync(join(directory, 'audit.log')).mode & 0o777, 0o600);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
});

test('full files give way to new ones, the oldest go, and no file outgrows its size by more than a line', async (t) => {
  const directory = temporaryDirectory(t);
  const sizes = { fileBytesMax: 10 * line(100).length, filesMax: 3 };
  for (let start = 0; start < 3; start++) {
    const audit = new AuditLog({ directory, clock: systemClock, log: silent, ...sizes });
    for (let at = 0; at < 25; at++) audit.write(line(100 + 25 * start + at));
    await audit.close();
  }
  assert.deepEqual(readdirSync(directory).sort(), ['audit-1.log', 'audit-2.log', 'audit.log']);
  const files = ['audit-2.log', 'audit-1.log', 'audit.log'].map((name) =>
    readFileSync(join(directory, name), 'utf8'),
  );
  for (const text of files) assert.ok(text.length <= sizes.fileBytesMax + line(100).length);
  const numbers = files
    .join('')
    .trim()
    .split('\n')
    .map((each) => (JSON.parse(each) as { at: number }).at);
  assert.equal(numbers.at(-1), 174);
  assert.deepEqual(
    numbers,
    [...numbers].sort((a, b) => a - b),
  );
});

test('a log goes on where it was', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'audit.log'), line(1));
  const audit = new AuditLog({ directory, clock: systemClock, log: silent });
  audit.write(line(2));
  await audit.close();
  assert.equal(readFileSync(join(directory, 'audit.log'), 'utf8'), line(1) + line(2));
});

test('on a disk that does not follow, what is too much is dropped and counted', async (t) => {
  const directory = temporaryDirectory(t);
  const audit = new AuditLog({ directory, clock: systemClock, log: silent });
  const long = `${'x'.repeat(1_000_000)}\n`;
  // Nothing is written before the turn of the event loop ends.
  for (let at = 0; at < 20; at++) audit.write(long);
  assert.ok(audit.dropped > 0 && audit.dropped < 20, `${audit.dropped} of 20`);
  await audit.close();
  assert.equal(readFileSync(join(directory, 'audit.log')).length, (20 - audit.dropped) * long.length);
});
