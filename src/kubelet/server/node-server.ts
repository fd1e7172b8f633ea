import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newInternalError, newNotFound, StatusError } from '../../apimachinery/status-error.ts';
import {
  type OpenPort,
  type RemoteProcess,
  SPDY_COMMAND_PROTOCOL,
  SPDY_PORT_PROTOCOL,
  StreamRefusal,
  serveSpdyCommand,
  serveSpdyPorts,
  type WantedStreams,
} from '../../apimachinery/streaming/index.ts';
import { readTraceparent, traceIdOf } from '../../apimachinery/trace-context.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { Logger } from '../../client/index.ts';
import type { PodLogRequest } from '../log-service.ts';

/** The port of every kubelet. */
const PORT = 10_250;
/** Requests under way at once. */
const CONNECTIONS_MAX = 2_000;
/** Bytes of a request's head. */
const HEADER_BYTES_MAX = 64 * 1024;
/** Milliseconds of silence after which a client is asked whether it is still there; a stream to nobody ends soon after. */
const KEEP_ALIVE_MS = 10_000;
/** What a volume is called, and its directory: nothing that would lead elsewhere. */
const VOLUME_NAME = /^[a-z0-9][a-z0-9-]{0,252}$/;
/** Who may ask: the API server's client certificate says so. */
const ADMINISTRATORS = 'system:masters';

/** The node whose pods are asked about. */
interface ServedNode {
  pod(namespace: string, name: string): DeepReadonly<Pod> | undefined;
  logs(
    pod: DeepReadonly<Pod>,
    request: PodLogRequest,
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>;
  readonly streams: {
    exec(
      pod: DeepReadonly<Pod>,
      container: string,
      command: readonly string[],
      wanted: WantedStreams,
    ): Promise<RemoteProcess>;
    attach(pod: DeepReadonly<Pod>, container: string, wanted: WantedStreams): Promise<RemoteProcess>;
    ports(pod: DeepReadonly<Pod>): Promise<OpenPort>;
  };
}

/** Directories of this machine that persistent volumes are made of. */
interface ServedVolumes {
  /** Makes the directory of that name and answers its path; content when it is there. */
  make(name: string): Promise<string>;
  /** Removes it with all that it holds; content when it is not there. */
  remove(name: string): Promise<void>;
}

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
  /** Gets a line a request. Default: none is told. */
  readonly log?: Logger;
}

/** See index.ts. It listens once it has a certificate, and takes a newer one while it serves. */
export class NodeServer {
  readonly #options: NodeServerOptions;
  readonly #sockets = new Set<Duplex>();
  #server: Server | undefined;

  constructor(options: NodeServerOptions) {
    this.#options = options;
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
    try {
      const url = new URL(request.url ?? '/', 'https://node');
      if (url.pathname === '/healthz') {
        response.end('ok');
        return;
      }
      const code = refusalOf(request);
      if (code !== undefined) {
        response.writeHead(code).end(code === 401 ? 'Unauthorized' : 'Forbidden');
        return;
      }
      const [, what, ...names] = url.pathname.split('/').map(decodeURIComponent);
      if (what === 'containerLogs' && names.length === 3 && request.method === 'GET') {
        await this.#logs(names, url.searchParams, response);
      } else if (what === 'localPath' && names.length === 1 && VOLUME_NAME.test(names[0] ?? '')) {
        await this.#volume(names[0] ?? '', request.method ?? '', response);
      } else response.writeHead(404).end('404 page not found\n');
    } catch (error) {
      if (response.headersSent) response.destroy();
      else fail(response, error);
    }
  }

  async #logs(names: readonly string[], asked: URLSearchParams, response: ServerResponse): Promise<void> {
    const [namespace = '', name = '', container = ''] = names;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const pod = this.#podOf(namespace, name);
    const bytes = await this.#options.node.logs(pod, logRequest(container, asked), gone.signal);
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    await pipeline(bytes, response);
  }

  async #volume(name: string, method: string, response: ServerResponse): Promise<void> {
    const { volumes } = this.#options;
    if (method === 'PUT') response.end(await volumes.make(name));
    else if (method === 'DELETE') {
      await volumes.remove(name);
      response.end();
    } else response.writeHead(405).end('405 method not allowed\n');
  }

  #podOf(namespace: string, name: string): DeepReadonly<Pod> {
    const pod = this.#options.node.pod(namespace, name);
    if (pod === undefined) throw newNotFound('', 'pods', name);
    return pod;
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => {}); // Whoever serves the streams sees the end of it.
    try {
      const code = refusalOf(request);
      if (code !== undefined) throw new StreamRefusal(code, code === 401 ? 'Unauthorized' : 'Forbidden');
      const url = new URL(request.url ?? '/', 'https://node');
      const [, what, namespace = '', name = '', container = ''] = url.pathname
        .split('/')
        .map(decodeURIComponent);
      const pod = this.#podOf(namespace, name);
      const { clock, node } = this.#options;
      if (what === 'portForward') {
        const open = await node.streams.ports(pod);
        await serveSpdyPorts(accepted(socket, head, SPDY_PORT_PROTOCOL), open, clock);
      } else if (what === 'exec' || what === 'attach') {
        const wanted = wantedStreams(url.searchParams);
        const command = url.searchParams.getAll('command');
        const { streams } = node;
        const process =
          what === 'exec'
            ? await streams.exec(pod, container, command, wanted)
            : await streams.attach(pod, container, wanted);
        const agreed = accepted(socket, head, SPDY_COMMAND_PROTOCOL);
        await serveSpdyCommand(agreed, { protocol: SPDY_COMMAND_PROTOCOL, wanted }, process, clock);
      } else throw new StreamRefusal(404, '404 page not found');
    } catch (error) {
      refuse(socket, error);
    }
  }
}

/** 401 for who shows no certificate of ours, 403 for who may not ask. */
function refusalOf(request: IncomingMessage): number | undefined {
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) return 401;
  // One organization is a text, several are a list.
  const organizations = [socket.getPeerCertificate().subject?.O as string | string[] | undefined].flat();
  return organizations.includes(ADMINISTRATORS) ? undefined : 403;
}

function logRequest(container: string, asked: URLSearchParams): PodLogRequest {
  const number = (name: string): object => (asked.has(name) ? { [name]: Number(asked.get(name)) } : {});
  const sinceTime = asked.get('sinceTime');
  return {
    container,
    follow: asked.get('follow') === 'true',
    previous: asked.get('previous') === 'true',
    timestamps: asked.get('timestamps') === 'true',
    ...number('tailLines'),
    ...number('limitBytes'),
    ...number('sinceSeconds'),
    ...(sinceTime === null ? {} : { sinceTime }),
  };
}

/** The kubelet's own parameters: `input`, `output`, `error`, `tty`, each `1` when wanted. */
function wantedStreams(asked: URLSearchParams): WantedStreams {
  const is = (name: string): boolean => asked.get(name) === '1';
  return { stdin: is('input'), stdout: is('output'), stderr: is('error'), tty: is('tty') };
}

function accepted(socket: Duplex, head: Buffer, protocol: string): Duplex {
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return socket;
}

function fail(response: ServerResponse, error: unknown): void {
  const answer = error instanceof StatusError ? error : newInternalError(error);
  response.writeHead(answer.code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer.status));
}

function refuse(socket: Duplex, error: unknown): void {
  const isStatus = error instanceof StatusError;
  const code = isStatus || error instanceof StreamRefusal ? error.code : 500;
  const body = isStatus
    ? JSON.stringify(error.status)
    : error instanceof Error
      ? error.message
      : String(error);
  const type = isStatus ? 'application/json' : 'text/plain; charset=utf-8';
  socket.end(
    `HTTP/1.1 ${code} Refused\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
