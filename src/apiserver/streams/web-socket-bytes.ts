/** Bytes in the messages of a WebSocket, each in base64 where the protocol says so. Source: k8s.io/streaming/pkg/httpstream/wsstream. */
import type { WebSocket } from 'ws';
import { NORMAL_CLOSURE } from './channel-socket.ts';

/** Sends all of it, no faster than the client takes it, and ends the connection. Never rejects. */
export async function sendBytes(
  socket: WebSocket,
  protocol: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  const isText = protocol.startsWith('base64.');
  socket.on('error', () => {}); // Told by the end of the connection.
  const send = (block: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      const message = isText ? Buffer.from(block).toString('base64') : block;
      socket.send(message, () => resolve());
    });
  try {
    // An empty message tells the client that what it asked for is there.
    await send(Buffer.alloc(0));
    for await (const block of bytes) {
      if (socket.readyState !== socket.OPEN) break;
      await send(block);
    }
  } catch {
    // The source broke off. What was told stands; the protocol has no word for why it ends.
  }
  socket.close(NORMAL_CLOSURE);
}
