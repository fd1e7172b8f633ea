import type { IncomingMessage } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import { type Clock, sleep } from '../../apimachinery/clock.ts';
import type { Certificates, KeyPair } from '../certificates/index.ts';
import type { FrontDoor } from './front-door.ts';
import { HostCheck } from './host-check.ts';

/** Where and how to listen. */
export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly certificates: Certificates;
  /** How long clients may take; the defaults serve everyone but tests of slowness. */
  readonly patience?: Patience;
}

/** Milliseconds that a client gets. */
export interface Patience {
  /** For the TLS handshake. */
  readonly handshakeMs: number;
  /** For the head of a request of HTTP/1.1, from its first letter. */
  readonly headMs: number;
  /** For a whole request of HTTP/1.1, its body included. */
  readonly requestMs: number;
  /** For an HTTP/2 connection on which nothing happens, before it takes no new requests. */
  readonly idleMs: number;
}

/** What Go's servers and upstream's apiserver allow, or somewhat more: whoever takes longer holds a place for nothing. */
const PATIENCE: Patience = {
  handshakeMs: 10_000,
  headMs: 32_000,
  requestMs: 90_000,
  idleMs: 180_000,
};

/** How often connections of HTTP/1.1 are looked at within the time that a request's head may take. */
const LOOKS_PER_PATIENCE = 8;

/** Connections at once; with the memory that each may take before it has shown who it is, some hundred megabytes. */
const CONNECTIONS_MAX = 4_096;

/** A server that listens. */
export interface Listening {
  /** `https://127.0.0.1:6443`. */
  readonly url: string;
  readonly port: number;
  /**
   * Serves on the same port of another address of this machine as well, to those from whose address `mayEnter` lets them in; others
   * are cut off without a word. From now on every client is shown `pair`. Rejects where the address or the port cannot be had.
   */
  letIn(address: string, pair: KeyPair, mayEnter: (address: string) => boolean): Promise<void>;
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
  const { certificates, address = '127.0.0.1', port, patience = PATIENCE } = options;
  const hosts = new HostCheck([...certificates.names, address]);
  const server = createSecureServer(
    {
      allowHTTP1: true,
      ...identity(certificates.server, certificates),
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: patience.handshakeMs,
      ...http1Options(patience),
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
  track(server, sockets, sessions, patience, clock);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = server.address() as AddressInfo;
  // Nobody can connect to the address that stands for all of them.
  const one = { '0.0.0.0': '127.0.0.1', '::': '::1' }[bound.address] ?? bound.address;
  const shown = bound.family === 'IPv6' ? `[${one}]` : one;
  const more = new Map<string, Promise<Server>>();
  let stopping: Promise<void> | undefined;
  return {
    url: `https://${shown}:${bound.port}`,
    port: bound.port,
    letIn: async (other, pair, mayEnter) => {
      server.setSecureContext(identity(pair, certificates));
      const opening = more.get(other) ?? openSideDoor(server, other, bound.port, mayEnter);
      more.set(other, opening);
      // What failed is tried again when somebody asks again.
      await opening.catch(() => more.delete(other));
      await opening;
    },
    stop: () => {
      for (const opening of more.values())
        void opening.then(
          (each) => each.close(),
          () => {},
        );
      stopping ??= close(server, door, sockets, sessions, clock);
      return stopping;
    },
  };
}

/** What clients are shown of a server, and whose certificates of theirs it believes. */
function identity({ key, certificate }: KeyPair, { authority }: Certificates): SecureContextOptions {
  // The authority goes along, for a node that joins knows it by its hash alone.
  return { key, cert: certificate + authority, ca: authority, minVersion: 'TLSv1.2' };
}

/** Takes connections on another address and hands them to the server, as if it had taken them itself. */
function openSideDoor(
  server: Http2SecureServer,
  address: string,
  port: number,
  mayEnter: (address: string) => boolean,
): Promise<Server> {
  const sideDoor = createServer((socket) => {
    if (mayEnter(socket.remoteAddress ?? '')) server.emit('connection', socket);
    else socket.destroy();
  });
  sideDoor.maxConnections = CONNECTIONS_MAX;
  return new Promise((resolve, reject) => {
    sideDoor.once('error', reject);
    sideDoor.listen({ host: address, port, exclusive: true }, () => {
      // The address may go away with its network; then there is nobody left to let in.
      sideDoor.off('error', reject).on('error', () => {});
      resolve(sideDoor);
    });
  });
}

function track(
  server: Http2SecureServer,
  sockets: Set<Socket>,
  sessions: Set<ServerHttp2Session>,
  patience: Patience,
  clock: Clock,
): void {
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
  server.on('clientError', (error, socket) => refuse(error, socket, clock));
  server.maxConnections = CONNECTIONS_MAX;
  Object.assign(server, { timeout: patience.idleMs });
  server.on('timeout', (silent?: ServerHttp2Session | Socket) => {
    // The connection takes no new requests then; a watch on which nothing changes stays open. HTTP/1.1 has limits of its own.
    if (silent !== undefined && sessions.has(silent as ServerHttp2Session))
      (silent as ServerHttp2Session).close();
  });
}

/** What this server allows over HTTP/1.1: the options of node's own HTTP server, which the types of this one leave out. */
function http1Options({ headMs, requestMs }: Patience): object {
  return {
    maxHeaderSize: HEADER_BYTES_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: headMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.ceil(headMs / LOOKS_PER_PATIENCE),
  };
}

/** Tells a client of HTTP/1.1 why its request cannot be read, and lets it go. Whoever has shown no TLS is told nothing. */
function refuse(error: Error & { readonly code?: string }, socket: Duplex, clock: Clock): void {
  const { code = '' } = error;
  const line = REFUSALS[code] ?? (code.startsWith('HPE_') ? '400 Bad Request' : undefined);
  if (line === undefined) socket.destroy();
  // The parser complains again of what follows; the answer is on its way then.
  else if (socket.writable) {
    const head = `HTTP/1.1 ${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n`;
    socket.end(head + line);
    clock.after(LINGER_MS, () => socket.destroy(), { background: true });
  }
}

/** Milliseconds that a client gets to read why it was refused. */
const LINGER_MS = 500;

/** Answers to requests that cannot be read, by node's codes; what is no HTTP gets 400, as from Go's server. */
const REFUSALS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

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
