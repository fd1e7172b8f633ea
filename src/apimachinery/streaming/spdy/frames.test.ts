import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { controlFrame, dataHead, type Frame, FrameReader, SpdyError } from './frames.ts';

/** Whatever lies between two cuts, put together: a data frame may come in parts. */
function joined(frames: readonly Frame[]): readonly unknown[] {
  const whole: unknown[] = [];
  let data = Buffer.alloc(0);
  for (const frame of frames) {
    if (frame.kind === 'control') whole.push([frame.type, frame.flags, frame.body.toString('hex')]);
    else {
      data = Buffer.concat([data, frame.body]);
      if (!frame.fin) continue;
      whole.push([frame.streamId, data.toString('hex')]);
      data = Buffer.alloc(0);
    }
  }
  return whole;
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));

test('frames are the same however the bytes are cut', () => {
  const frame = fc.oneof(
    fc.tuple(fc.nat(2 ** 31 - 1), bytes).map(([id, body]) => ({
      sent: Buffer.concat([dataHead(id, body.length, true), body]),
      expected: [id, body.toString('hex')],
    })),
    fc.tuple(fc.constantFrom(1, 2, 3, 6, 7, 8), fc.nat(255), bytes).map(([type, flags, body]) => ({
      sent: controlFrame(type, flags, [7], body),
      expected: [type, flags, `00000007${body.toString('hex')}`],
    })),
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(2000)), (frames, cuts) => {
      const all = Buffer.concat(frames.map(({ sent }) => sent));
      const places = [0, ...cuts.filter((cut) => cut < all.length).sort((a, b) => a - b), all.length];
      const reader = new FrameReader();
      const got = places.slice(1).flatMap((end, index) => reader.push(all.subarray(places[index], end)));
      assert.deepEqual(
        joined(got),
        frames.map(({ expected }) => expected),
      );
    }),
  );
});

test('what is no SPDY/3, and headers without end, are refused before they fill memory', () => {
  assert.throws(() => new FrameReader().push(Buffer.from('80020001000000000000', 'hex')), SpdyError);
  assert.throws(() => new FrameReader().push(Buffer.from('8003000100ffffff', 'hex')), SpdyError);
});
