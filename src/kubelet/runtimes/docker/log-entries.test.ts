import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineOf, newLogReader } from './log-entries.ts';

const TIME = '2026-01-01T00:00:00.000000001Z';

function frame(stream: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

const linesOf = (tty: boolean, bytes: Buffer): string =>
  Buffer.concat(newLogReader(tty).push(bytes).map(lineOf)).toString();

test('each frame becomes an entry; one without a newline goes on', () => {
  const bytes = [
    frame(1, `${TIME} out\n`),
    frame(2, `${TIME} err\n`),
    frame(1, `${TIME} be`),
    frame(1, `${TIME} gun\n`),
    frame(1, `${TIME} \n`),
  ];
  assert.equal(
    linesOf(false, Buffer.concat(bytes)),
    [
      `${TIME} stdout F out\n`,
      `${TIME} stderr F err\n`,
      `${TIME} stdout P be\n`,
      `${TIME} stdout F gun\n`,
      `${TIME} stdout F \n`,
    ].join(''),
  );
});

test('lines of a terminal are entries, long ones cut where Docker cut them', () => {
  const long = 'x'.repeat(16 * 1024);
  const text = `${TIME} short\r\n${TIME} ${long}${TIME} rest\r\n`;
  assert.equal(
    linesOf(true, Buffer.from(text)),
    `${TIME} stdout F short\r\n${TIME} stdout P ${long}\n${TIME} stdout F rest\r\n`,
  );
});
