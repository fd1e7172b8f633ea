import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../../apimachinery/testing/temporary-directory.ts';
import { LogPosition } from './log-position.ts';

const timeAt = (seconds: number): string =>
  `2026-01-01T00:00:${String(Math.floor(seconds)).padStart(2, '0')}.${(seconds % 1).toFixed(9).slice(2)}Z`;

const entry = (seconds: number, text: string): string => `${timeAt(seconds)} stdout F ${text}\n`;

const isNew = (position: LogPosition, seconds: number, stream: 'stdout' | 'stderr' = 'stdout'): boolean =>
  position.isNew({ time: timeAt(seconds), stream, partial: false, text: Buffer.alloc(0) });

function logIn(t: TestContext, text: string): string {
  const directory = temporaryDirectory(t);
  const path = join(directory, '0.log');
  writeFileSync(path, text);
  return path;
}

test('where nothing was logged, everything is wanted', () => {
  const position = LogPosition.of('/nowhere/0.log');
  assert.equal(position.since, '0');
  assert.ok(isNew(position, 1));
});

test('what is in the log already is not wanted again, as often as it is there', (t) => {
  const path = logIn(t, entry(10, 'one') + entry(10.5, 'two') + entry(10.5, 'three'));
  const position = LogPosition.of(path);
  assert.equal(position.since, `${Date.parse('2026-01-01T00:00:09Z') / 1000}.500000000`);
  assert.deepEqual(
    [10, 10.5, 10.5, 10.5, 11].map((seconds) => isNew(position, seconds)),
    [false, false, false, true, true],
  );
  assert.ok(isNew(LogPosition.of(path), 10.5, 'stderr'), 'another stream has entries of its own');
});

test('an entry that was being written is cut off and wanted again', (t) => {
  const path = logIn(t, `${entry(10, 'whole')}${timeAt(11)} stdout F ha`);
  const position = LogPosition.of(path);
  assert.equal(readFileSync(path, 'utf8'), entry(10, 'whole'));
  assert.deepEqual([isNew(position, 10), isNew(position, 11)], [false, true]);
});

test('after a rotation the file that was set aside counts', (t) => {
  const path = logIn(t, '');
  writeFileSync(`${path}.20260101-000000`, entry(5, 'long ago'));
  writeFileSync(`${path}.20260101-000010`, entry(20, 'set aside'));
  const position = LogPosition.of(path);
  assert.equal(position.since, `${Date.parse('2026-01-01T00:00:19Z') / 1000}.000000000`);
  assert.equal(isNew(position, 20), false);
});
