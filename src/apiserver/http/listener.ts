import type { IncomingMessage } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { type Clock, sleep } from '../../apimachinery/clock.ts';
import type { Certificates } from '../certificates/index.ts';
import type { FrontDoor } from './front-door.ts';
import { HostCheck } from './host-check.ts';

/** Where and how to listen. */
export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly certificates: Certificates;
}

/** A server that listens. */
export interface Listening {
  /** `https://127.0.0.1:6443`. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connections, ends watches, waits for what is under way, closes. Idempotent. */
  stop(): Promise<void>;
}

/** Streams that one HTTP/2 connection may have open: client-go opens a watch for each informer on one connection. */
const STREAMS_PER_CONNECTION_MAX = 1_000;
/** Bytes of request headers, as Go's server limits them. */
const HEADER_BYTES_MAX = 64 * 1024;
/** Milliseconds that an idle HTTP/1.1 connection stays open; longer than clients keep theirs. */
const KEEP_ALIVE_MS = 120_000;
/** Milliseconds that requests under way get to finish when the server stops. */
const DRAIN_MS_MAX = 5_000;

/** Opens the HTTPS server: HTTP/2 and HTTP/1.1 on one port, client certificates asked for and not demanded. */
export async function listen(door: FrontDoor, options: ListenOptions, clock: Clock): Promise<Listening> {
  const { certificates, address = '127.0.0.1', port } = options;
  const hosts = new HostCheck([...certificates.names, address]);
  const server = createSecureServer(
    {
      allowHTTP1: true,
      key: certificates.server.key,
      cert: certificates.server.certificate,
      ca: certificates.authority,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      settings: {
        maxConcurrentStreams: STREAMS_PER_CONNECTION_MAX,
        maxHeaderListSize: HEADER_BYTES_MAX,
      },
    },
    (request, response) => void door.handle(request, response, hosts),
  );
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    void door.upgrade(request, socket, head, hosts);
  });
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  track(server, sockets, sessions);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = server.address() as AddressInfo;
  const shown = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  let stopping: Promise<void> | undefined;
  return {
    url: `https://${shown}:${bound.port}`,
    port: bound.port,
    stop: () => {
      stopping ??= close(server, door, sockets, sessions, clock);
      return stopping;
    },
  };
}

function track(server: Http2SecureServer, sockets: Set<Socket>, sessions: Set<ServerHttp2Session>): void {
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  // A connection that breaks during the handshake or later is the client's affair.
  server.on('tlsClientError', () => {});
  server.on('sessionError', () => {});
  server.on('clientError', (_error, socket) => socket.destroy());
  Object.assign(server, { keepAliveTimeout: KEEP_ALIVE_MS });
}

async function close(
  server: Http2SecureServer,
  door: FrontDoor,
  sockets: ReadonlySet<Socket>,
  sessions: ReadonlySet<ServerHttp2Session>,
  clock: Clock,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const patience = new AbortController();
  await Promise.race([door.drain(), sleep(clock, DRAIN_MS_MAX, patience.signal)]);
  patience.abort();
  for (const session of sessions) session.close();
  // A turn for the last bytes of ended watches to leave before the connections go.
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  for (const socket of sockets) socket.end();
  const deadline = new AbortController();
  await Promise.race([closed, sleep(clock, 200, deadline.signal)]);
  deadline.abort();
  for (const socket of sockets) socket.destroy();
  await closed;
}
