/** Joins a client's stream of bytes with a port, each direction ended by itself. */
import type { Duplex } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { messageOf } from '../thrown.ts';
import type { PortConnection } from './remote-process.ts';

/**
 * Opens the port and copies both ways until both have ended, or one of the two has gone; both are destroyed then. Answers
 * what went wrong with the port, in words for the client. Never rejects. `answered` is told when the port has said all that
 * it had to say, and nothing went wrong: the client may have more.
 */
export async function joinPort(
  client: Duplex,
  port: number,
  open: (port: number) => Promise<PortConnection>,
  answered: () => void = () => {},
): Promise<string | undefined> {
  let connection: PortConnection;
  try {
    connection = await open(port);
  } catch (error) {
    return messageOf(error);
  }
  let why: string | undefined;
  connection.on('error', (error) => {
    why ??= messageOf(error);
  });
  // A client that has gone takes its connection with it.
  client.once('close', () => connection.destroy());
  if (client.destroyed) connection.destroy();
  const toPort = pipeline(client, connection).catch(() => connection.destroy());
  const toClient = pipeline(connection, client).then(
    () => {
      if (why === undefined) answered();
    },
    () => {},
  );
  await Promise.all([toPort, toClient, finished(connection).catch(() => {})]);
  connection.destroy();
  return why;
}
