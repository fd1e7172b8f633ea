import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../apimachinery/clock.ts';
import { StreamRefusal } from '../../apimachinery/streaming/index.ts';
import { readTraceparent, traceIdOf } from '../../apimachinery/trace-context.ts';
import type { Logger } from '../../client/index.ts';
import { CallerAccess, type CallerReviews } from './caller-access.ts';
import { NodeRequests, refuse, type ServedNode, type ServedVolumes } from './node-requests.ts';

/** The port of every kubelet. */
const PORT = 10_250;
/** Requests under way at once. */
const CONNECTIONS_MAX = 2_000;
/** Bytes of a request's head. */
const HEADER_BYTES_MAX = 64 * 1024;
/** Milliseconds of silence after which a client is asked whether it is still there; a stream to nobody ends soon after. */
const KEEP_ALIVE_MS = 10_000;
/** What the server is made of. */
export interface NodeServerOptions {
  /** PEM of the authority that vouches for clients. */
  readonly ca: string;
  /** Default: every address of this machine. */
  readonly address?: string;
  /** Default 10250; 0 picks a free one. */
  readonly port?: number;
  readonly clock: Clock;
  readonly node: ServedNode;
  readonly volumes: ServedVolumes;
  /** Who is known and may what beside administrators. Default: nobody. */
  readonly reviews?: CallerReviews;
  /** Gets a line a request. Default: none is told. */
  readonly log?: Logger;
}

/** See index.ts. It listens once it has a certificate, and takes a newer one while it serves. */
export class NodeServer {
  readonly #options: NodeServerOptions;
  readonly #access: CallerAccess;
  readonly #requests: NodeRequests;
  readonly #sockets = new Set<Duplex>();
  #server: Server | undefined;

  constructor(options: NodeServerOptions) {
    this.#options = options;
    this.#access = new CallerAccess(options.clock, options.reviews);
    this.#requests = new NodeRequests(options);
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server?.address() as AddressInfo | null)?.port ?? 0;
  }

  /** Listens; rejects when the port is taken. */
  async start({ certificate, key }: { certificate: string; key: string }): Promise<void> {
    const { ca, address, port = PORT } = this.#options;
    const server = createServer(
      {
        ca,
        cert: certificate,
        key,
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        maxHeaderSize: HEADER_BYTES_MAX,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
      },
      (request, response) => {
        this.#tell(request);
        void this.#answer(request, response);
      },
    );
    server.maxConnections = CONNECTIONS_MAX;
    server.on('connection', (socket) => this.#keep(socket));
    server.on('tlsClientError', () => {}); // A handshake that fails is the client's affair.
    server.on('upgrade', (request, socket, head) => {
      this.#tell(request);
      void this.#upgrade(request, socket, head);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, ...(address === undefined ? {} : { host: address }) }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#server = server;
  }

  /** New connections see that certificate. */
  renew({ certificate, key }: { certificate: string; key: string }): void {
    this.#server?.setSecureContext({ ca: this.#options.ca, cert: certificate, key, minVersion: 'TLSv1.2' });
  }

  /** Ends everything that is open. Idempotent. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Tells of a request, with the trace that it is part of, as the API server's own log does. */
  #tell(request: IncomingMessage): void {
    const { method, url, headers } = request;
    const traceparent = readTraceparent([headers['traceparent']].flat()[0]);
    const trace = traceparent === undefined ? {} : { traceID: traceIdOf(traceparent) };
    this.#options.log?.info({ verb: method, URI: url, ...trace }, 'HTTP');
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = await this.#access.refusal(request);
    if (refusal === undefined) await this.#requests.answer(request, response);
    else response.writeHead(refusal.code, { 'content-type': 'text/plain' }).end(refusal.message);
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => {}); // Whoever serves the streams sees the end of it.
    const refusal = await this.#access.refusal(request);
    if (refusal === undefined) await this.#requests.upgrade(request, socket, head);
    else refuse(socket, new StreamRefusal(refusal.code, refusal.message));
  }
}
