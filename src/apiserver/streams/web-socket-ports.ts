/**
 * Ports over the channels of a WebSocket: two channels for each port that the client named, one for its bytes and one for
 * what went wrong; both begin with the port's number. A port is connected once, and its connection cannot be half closed.
 */
import type { WebSocket } from 'ws';
import { joinPort, type OpenPort } from '../../apimachinery/streaming/index.ts';
import { ChannelSocket } from './channel-socket.ts';

/** Serves ports to the client of a WebSocket. Resolves when the connection has ended; never rejects. */
export async function serveWebSocketPorts(
  socket: WebSocket,
  protocol: string,
  ports: readonly number[],
  open: OpenPort,
): Promise<void> {
  const channels = new ChannelSocket(socket, protocol);
  await Promise.all(ports.map((port, index) => serve(channels, 2 * index, port, open)));
  channels.close();
  await channels.gone;
}

async function serve(channels: ChannelSocket, channel: number, port: number, open: OpenPort): Promise<void> {
  const number = Buffer.alloc(2);
  number.writeUInt16LE(port);
  channels.send(channel, number);
  channels.send(channel + 1, number);
  const client = channels.duplex(channel);
  void channels.gone.then(() => client.destroy());
  // The client cannot say that it has sent everything, so what the port says last ends the connection.
  const why = await joinPort(client, port, async (asked) => {
    const connection = await open(asked);
    connection.once('end', () => client.destroy());
    return connection;
  });
  if (why !== undefined) channels.send(channel + 1, Buffer.from(why));
}
