import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { WebSocket } from 'ws';
import { ChannelSocket } from './channel-socket.ts';

/** A connection whose messages leave when the test says so. */
class SlowSocket extends EventEmitter {
  readonly sent: string[] = [];
  leave: () => void = () => {};

  send(message: Buffer, left: () => void): void {
    this.sent.push(message.toString());
    this.leave = left;
  }

  close(): void {
    this.sent.push('close');
  }
}

test('each message, and the end, waits until the message before has left', () => {
  const socket = new SlowSocket();
  const channels = new ChannelSocket(socket as unknown as WebSocket, 'v4.channel.k8s.io');
  const done: string[] = [];
  channels.send(1, Buffer.from('a'), () => done.push('a'));
  channels.send(3, Buffer.from('b'), () => done.push('b'));
  channels.close();
  assert.deepEqual([socket.sent, done], [['\u0001a'], []]);
  socket.leave();
  assert.deepEqual([socket.sent, done], [['\u0001a', '\u0003b'], ['a']]);
  socket.leave();
  assert.deepEqual(
    [socket.sent, done],
    [
      ['\u0001a', '\u0003b', 'close'],
      ['a', 'b'],
    ],
  );
});
