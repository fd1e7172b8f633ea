import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TerminalSizeReader, terminalSizeText } from './terminal-sizes.ts';

test('sizes are read in the order they come, however they are cut, and in whatever case they are written', () => {
  const reader = new TerminalSizeReader();
  const read = (text: string) => reader.push(Buffer.from(text));
  assert.deepEqual(read(terminalSizeText({ width: 80, height: 24 })), [{ width: 80, height: 24 }]);
  assert.deepEqual(read('{"height":31,"wid'), []);
  assert.deepEqual(read('th":97}{"WIDTH":1,"HEIGHT":2}'), [
    { width: 97, height: 31 },
    { width: 1, height: 2 },
  ]);
});

test('what is no size is passed over', () => {
  const reader = new TerminalSizeReader();
  const text =
    '{"Width":80}{"Width":-1,"Height":1}{"Width":1.5,"Height":1}{"__proto__":1}{no}{"Width":5,"Height":6}';
  assert.deepEqual(reader.push(Buffer.from(text)), [{ width: 5, height: 6 }]);
});
