/** The server of a node of this very process: it listens nowhere, and whoever is let in gets a connection. */
import { type Duplex, duplexPair } from 'node:stream';
import { createServer } from '../../apimachinery/node-http.ts';
import { NodeRequests, type NodeRequestsOptions } from './node-requests.ts';

/** See the file's head. Whoever connects may do everything. */
export class LocalNodeServer {
  readonly #server: ReturnType<typeof createServer>;

  constructor(options: NodeRequestsOptions) {
    const requests = new NodeRequests(options);
    this.#server = createServer((request, response) => void requests.answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => void requests.upgrade(request, socket, head));
  }

  /** A connection on which HTTP/1.1 is spoken. It ends with either side. */
  connect(): Duplex {
    const [client, server] = duplexPair();
    client.once('close', () => server.destroy());
    server.once('close', () => client.destroy());
    this.#server.emit('connection', server);
    return client;
  }
}
