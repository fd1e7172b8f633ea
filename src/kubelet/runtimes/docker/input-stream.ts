/** What goes to the standard input of a command, over the connection that its output comes from. */
import type { Duplex } from 'node:stream';
import { Writable } from 'node:stream';

/** A stream whose `end` ends that direction alone. Writing to what reads no more is its reader's affair: it never fails. */
export function inputStream(socket: Duplex): Writable {
  const input = new Writable({
    write(block: Buffer, _encoding, done) {
      if (socket.destroyed || socket.writableEnded) done();
      else socket.write(block, () => done());
    },
    final(done) {
      if (!socket.destroyed) socket.end();
      done();
    },
  });
  socket.once('close', () => input.destroy());
  return input;
}
