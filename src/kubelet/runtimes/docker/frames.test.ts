import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Frame, FrameSplitter } from './frames.ts';

function bytesOf({ stream, text }: Frame): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream === 'stdout' ? 1 : 2;
  head.writeUInt32BE(text.length, 4);
  return Buffer.concat([head, text]);
}

test('frames come out whole and in order, wherever the stream was cut', () => {
  const frame = fc.record({
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    text: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.nat({ max: 30 })), (frames, cuts) => {
      const all = Buffer.concat(frames.map(bytesOf));
      const splitter = new FrameSplitter();
      const found: Frame[] = [];
      let at = 0;
      for (const cut of [...cuts, all.length]) {
        found.push(...splitter.push(all.subarray(at, at + cut)));
        at = Math.min(at + cut, all.length);
      }
      assert.deepEqual(
        found.map(({ stream, text }) => `${stream} ${text.toString('hex')}`),
        frames.map(({ stream, text }) => `${stream} ${text.toString('hex')}`),
      );
    }),
  );
});
