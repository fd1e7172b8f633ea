/** The DNS server's sockets: UDP and TCP on one address, for those who may ask. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock, Timer } from '../../apimachinery/clock.ts';
import { type ReplySources, reply } from './reply.ts';
import { frame, MessageReader } from './tcp-messages.ts';

/** Questions over UDP that are being answered at a time; more are lost, and asked again by whoever asked. */
const QUESTIONS_MAX = 1_000;
/** Connections at a time; more are closed at once. */
const CONNECTIONS_MAX = 100;
/** Milliseconds for which a connection may say nothing. */
const IDLE_MS_MAX = 10_000;
/** Bytes of a question: a name has at most 255, and a little stands around it. */
const QUESTION_BYTES_MAX = 4096;

/** See the file's head. */
export class NameServer {
  readonly #clock: Clock;
  readonly #sources: ReplySources;
  readonly #mayAsk: (address: string) => boolean;
  readonly #connections = new Set<Socket>();
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;
  #pending = 0;

  /** @param mayAsk whether whoever has that address is answered; others hear nothing. */
  constructor(clock: Clock, sources: ReplySources, mayAsk: (address: string) => boolean) {
    this.#clock = clock;
    this.#sources = sources;
    this.#mayAsk = mayAsk;
  }

  /** Listens; answers the port. Rejects, with nothing left open, where the address or the port cannot be had. */
  async listen(address: string, port: number): Promise<number> {
    const tcp = createServer((socket) => this.#connected(socket));
    tcp.maxConnections = CONNECTIONS_MAX;
    const udp = createSocket('udp4');
    try {
      await new Promise<void>((resolve, reject) => {
        tcp.once('error', reject);
        tcp.listen({ host: address, port, exclusive: true }, () => resolve());
      });
      const found = tcp.address();
      const same = typeof found === 'object' && found !== null ? found.port : port;
      await new Promise<void>((resolve, reject) => {
        udp.once('error', reject);
        udp.bind({ address, port: same, exclusive: true }, () => resolve());
      });
      // The address may go away with its network; then there is nobody left to answer.
      tcp.removeAllListeners('error').on('error', () => {});
      udp.removeAllListeners('error').on('error', () => {});
      udp.on('message', (message, { address: from, port: back }) => {
        void this.#asked(udp, message, from, back);
      });
      this.#udp = udp;
      this.#tcp = tcp;
      return same;
    } catch (error) {
      udp.close();
      tcp.close();
      throw error;
    }
  }

  /** Answers nobody any more. Idempotent. */
  async close(): Promise<void> {
    const [udp, tcp] = [this.#udp, this.#tcp];
    this.#udp = undefined;
    this.#tcp = undefined;
    for (const socket of this.#connections) socket.destroy();
    if (udp !== undefined) await new Promise<void>((resolve) => udp.close(() => resolve()));
    if (tcp === undefined) return;
    const closed = once(tcp, 'close');
    tcp.close();
    await closed;
  }

  async #asked(udp: UdpSocket, message: Buffer, from: string, port: number): Promise<void> {
    if (!this.#mayAsk(from) || this.#pending >= QUESTIONS_MAX) return;
    this.#pending += 1;
    try {
      const found = await reply(message, 'udp', this.#sources);
      if (found !== undefined && this.#udp === udp) udp.send(found, port, from, () => {});
    } finally {
      this.#pending -= 1;
    }
  }

  /** Questions on one connection are answered one after another. */
  #connected(socket: Socket): void {
    if (!this.#mayAsk(socket.remoteAddress ?? '')) {
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    const reader = new MessageReader(QUESTION_BYTES_MAX);
    let idle: Timer | undefined;
    const wait = (): void => {
      idle?.cancel();
      idle = this.#clock.after(IDLE_MS_MAX, () => socket.destroy(), { background: true });
    };
    wait();
    socket.on('error', () => {});
    socket.on('close', () => {
      idle?.cancel();
      this.#connections.delete(socket);
    });
    socket.on('data', (bytes: Buffer) => {
      wait();
      const messages = reader.push(bytes);
      if (messages === undefined) socket.destroy();
      else if (messages.length > 0) void this.#answerAll(socket, messages);
    });
  }

  async #answerAll(socket: Socket, messages: readonly Buffer[]): Promise<void> {
    socket.pause();
    for (const message of messages) {
      const found = await reply(message, 'tcp', this.#sources);
      if (socket.destroyed) return;
      if (found !== undefined) socket.write(frame(found));
    }
    socket.resume();
  }
}
