/**
 * Connections to ports over SPDY, both sides: for each a pair of streams, `error` and `data`, with the port and an id of
 * the pair among their headers. Source: k8s.io/client-go/tools/portforward and k8s.io/cri-streaming.
 */
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Clock } from '../clock.ts';
import { joinPort } from './port-relay.ts';
import type { PortConnection } from './remote-process.ts';
import { SpdyConnection, type SpdyStream } from './spdy/index.ts';

/** The protocol of port forwarding over SPDY. */
export const SPDY_PORT_PROTOCOL = 'portforward.k8s.io';

/** Milliseconds within which the second stream of a pair has to follow the first, as upstream. */
const PAIR_MS_MAX = 30_000;
/** Connections of one client that are open at once. */
const PAIRS_MAX = 1_000;

/**
 * Connects to a port over a connection that was upgraded to SPDY with {@link SPDY_PORT_PROTOCOL}, which is used for it alone.
 *
 * @throws {SpdyError} when the other side will not. What it says later destroys the connection with an error.
 */
export async function openSpdyPort(socket: Duplex, port: number): Promise<PortConnection> {
  const connection = new SpdyConnection(socket, { side: 'client' });
  const headers = { port: String(port), requestid: '0' };
  try {
    const error = await connection.open({ ...headers, streamtype: 'error' });
    error.end();
    const data = await connection.open({ ...headers, streamtype: 'data' });
    return new RemotePort(connection, data, text(error));
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/** The data stream of a pair, whose end counts only once it is known that nothing went wrong. */
class RemotePort extends Duplex {
  readonly #connection: SpdyConnection;
  readonly #data: SpdyStream;

  constructor(connection: SpdyConnection, data: SpdyStream, error: Promise<string>) {
    super();
    this.#connection = connection;
    this.#data = data;
    data.on('data', (block: Buffer) => {
      if (!this.push(block)) data.pause();
    });
    data.once('end', () => void this.#end(error));
  }

  override _read(): void {
    this.#data.resume();
  }

  override _write(block: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#data.write(block, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#data.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.destroy();
    done(error);
  }

  async #end(error: Promise<string>): Promise<void> {
    const said = await error;
    if (this.destroyed) return;
    if (said === '') this.push(null);
    else this.destroy(new Error(said));
  }
}

/** Opens a connection to a port of the pod; rejects with words for the client. */
export type OpenPort = (port: number) => Promise<PortConnection>;

/** Serves ports to a client whose connection was upgraded to SPDY. Resolves when it is over; never rejects. */
export async function serveSpdyPorts(socket: Duplex, open: OpenPort, clock: Clock): Promise<void> {
  const pairs = new Map<string, SpdyStream>();
  let count = 0;
  const connection = new SpdyConnection(socket, {
    side: 'server',
    accept(stream) {
      const { port = '', streamtype: type } = stream.headers;
      if (!isPort(port) || (type !== 'error' && type !== 'data')) return false;
      const id = stream.headers['requestid'] ?? guessedId(stream, type);
      const other = pairs.get(id);
      if (other === undefined) {
        if (pairs.size + count >= PAIRS_MAX) return false;
        pairs.set(id, stream);
        const timer = clock.after(PAIR_MS_MAX, () => abandon(id, stream), { background: true });
        stream.once('close', () => timer.cancel());
        return true;
      }
      if (other.headers['streamtype'] === type) return false;
      pairs.delete(id);
      count += 1;
      const [data, error] = type === 'data' ? [stream, other] : [other, stream];
      void forward(data, error, Number(port), open).then(() => {
        count -= 1;
      });
      return true;
    },
  });
  const abandon = (id: string, stream: SpdyStream): void => {
    if (pairs.get(id) !== stream) return;
    pairs.delete(id);
    stream.destroy();
  };
  await connection.closed;
}

async function forward(data: SpdyStream, error: SpdyStream, port: number, open: OpenPort): Promise<void> {
  error.resume();
  // A client may wait for the end of the errors before it believes in the end of the data, and only then end its own.
  const why = await joinPort(data, port, open, () => error.end());
  if (why === undefined) error.end();
  else if (error.writableEnded) data.destroy();
  else error.end(why, () => data.destroy());
}

/** Clients before Kubernetes 1.2 number no pairs: their streams follow each other, the one for errors first. */
function guessedId(stream: SpdyStream, type: 'error' | 'data'): string {
  return String(type === 'error' ? stream.id : stream.id - 2);
}

function isPort(port: string): boolean {
  return /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
}
