/** Connections that have gone on as streams: upgraded, served to their end, and ended when the server stops. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Writable } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import type { ConnectAnswer } from '../../apimachinery/api-request.ts';
import type { Clock } from '../../apimachinery/clock.ts';
import { newTooManyRequests } from '../../apimachinery/status-error.ts';
import { serveSpdyCommand, serveSpdyPorts } from '../../apimachinery/streaming/index.ts';
import { type Agreement, agree } from './negotiation.ts';

/** Connections that are streams at once: each holds a connection, a process or some ports. */
const SESSIONS_MAX = 1_000;
/** Seconds after which a client may try again. */
const RETRY_SECONDS = 5;
/** Bytes of one WebSocket message, as Go's library limits it. */
const MESSAGE_BYTES_MAX = 32 * 1024 * 1024;
/**
 * Milliseconds between two signs of life to a client, kubectl's own: a connection that is not read, because the process takes
 * no more, shows only so that its client has vanished.
 */
const PING_MS = 5_000;

/** A connection whose request asked for an upgrade. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  /** For an answer that is no upgrade. */
  readonly response: ServerResponse;
  readonly socket: Duplex;
  /** Bytes that came after the request. */
  readonly head: Buffer;
}

/** Streams to a process or to ports. */
type ProcessOrPorts = Exclude<ConnectAnswer['streams'], { kind: 'http' }>;

/** See the file's head. */
export class StreamSessions {
  readonly #clock: Clock;
  readonly #sockets = new Set<Writable>();
  /** What was agreed on, for the library's handshake. */
  readonly #protocols = new WeakMap<IncomingMessage, string>();
  #webSockets: Promise<WebSocketServer> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Agrees on a protocol, opens what was asked for, and lets the connection go on as streams. Resolves when it has begun.
   * Rejects, with the connection as it was, with the StatusError or StreamRefusal that the client gets.
   */
  async begin(upgrade: UpgradeRequest, streams: ProcessOrPorts): Promise<void> {
    const agreement = agree(streams.kind, upgrade.request.headers);
    this.assertRoom();
    const serve = await this.#opened(streams, agreement);
    this.add(upgrade.socket);
    void serve(upgrade);
  }

  /**
   * Tells bytes in the messages of a WebSocket, at the client's pace. Resolves when it has begun; rejects, with the connection
   * as it was, with the refusal that the client gets. Whoever gives the bytes ends them when the connection has ended.
   */
  async tell(upgrade: UpgradeRequest, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const { protocol } = agree('bytes', upgrade.request.headers);
    this.assertRoom();
    this.add(upgrade.socket);
    const { sendBytes } = await import('./web-socket-bytes.ts');
    const socket = await this.#toWebSocket(upgrade, protocol);
    if (socket !== undefined) void sendBytes(socket, protocol, bytes);
  }

  /** Lets a connection go on as a WebSocket of that protocol; undefined where it could not: it was answered then. */
  webSocket(upgrade: UpgradeRequest, protocol: string): Promise<WebSocket | undefined> {
    this.add(upgrade.socket);
    return this.#toWebSocket(upgrade, protocol);
  }

  /** Ends all of them. */
  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Throws 429 when there are as many streams as there may be. */
  assertRoom(): void {
    if (this.#sockets.size >= SESSIONS_MAX) {
      throw newTooManyRequests('too many streams are open', RETRY_SECONDS);
    }
  }

  /** Takes on a connection that is a stream from here on, or an answer that comes from elsewhere, to be ended with the others. */
  add(socket: Writable): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  async #opened(
    streams: ProcessOrPorts,
    agreement: Agreement,
  ): Promise<(upgrade: UpgradeRequest) => Promise<void>> {
    const clock = this.#clock;
    const { protocol } = agreement;
    if (streams.kind === 'command') {
      const { wanted } = streams;
      const process = await streams.open();
      return async (upgrade) => {
        if (agreement.transport === 'spdy') {
          await serveSpdyCommand(toSpdy(upgrade, protocol), { protocol, wanted }, process, clock);
          return;
        }
        const { serveWebSocketCommand } = await import('./web-socket-command.ts');
        const socket = await this.#toWebSocket(upgrade, protocol);
        if (socket === undefined) process.close();
        else await serveWebSocketCommand(socket, protocol, wanted, process);
      };
    }
    const open = await streams.open(agreement.transport === 'websocket');
    return async (upgrade) => {
      if (agreement.transport === 'spdy') {
        await serveSpdyPorts(toSpdy(upgrade, protocol), open, clock);
        return;
      }
      const [{ createWebSocketStream }, { serveWebSocketPorts }] = await Promise.all([
        import('ws'),
        import('./web-socket-ports.ts'),
      ]);
      const socket = await this.#toWebSocket(upgrade, protocol);
      if (socket === undefined) return;
      if (agreement.transport === 'tunnel') await serveSpdyPorts(createWebSocketStream(socket), open, clock);
      else await serveWebSocketPorts(socket, protocol, streams.ports, open);
    };
  }

  /** Undefined when the request is no proper one for a WebSocket, or its client has gone: it was answered then. */
  async #toWebSocket(upgrade: UpgradeRequest, protocol: string): Promise<WebSocket | undefined> {
    const { request, response, socket, head } = upgrade;
    this.#webSockets ??= import('ws').then(
      ({ WebSocketServer }) =>
        new WebSocketServer({
          noServer: true,
          clientTracking: false,
          maxPayload: MESSAGE_BYTES_MAX,
          handleProtocols: (_protocols, request) => this.#protocols.get(request) ?? false,
        }),
    );
    const server = await this.#webSockets;
    response.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0]);
    this.#protocols.set(request, protocol);
    // What was asked for has been read already, and the library refuses the tunnel's name for its slash (RFC 6455 4.1 wants tokens).
    if (protocol !== '') request.headers['sec-websocket-protocol'] = 'agreed';
    return new Promise((resolve) => {
      socket.once('close', () => resolve(undefined));
      server.handleUpgrade(request, socket, head, (webSocket) => {
        this.#keepAlive(webSocket);
        resolve(webSocket);
      });
    });
  }

  #keepAlive(socket: WebSocket): void {
    const ping = (): void => {
      if (socket.readyState === socket.OPEN) socket.ping();
      timer = this.#clock.after(PING_MS, ping, { background: true });
    };
    let timer = this.#clock.after(PING_MS, ping, { background: true });
    socket.once('close', () => timer.cancel());
  }
}

function toSpdy({ response, socket, head }: UpgradeRequest, protocol: string): Duplex {
  response.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0]);
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: SPDY/3.1'];
  if (protocol !== '') lines.push(`X-Stream-Protocol-Version: ${protocol}`);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) socket.unshift(head);
  return socket;
}
