/** Asks the node's own resolvers what is not the cluster's to answer. Messages go through as they are. */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { Clock } from '../../apimachinery/clock.ts';
import { frame, MessageReader } from './tcp-messages.ts';

/** Questions that are under way at a time; more fail at once, so that silent resolvers cost little. */
const QUESTIONS_MAX = 256;
/** Milliseconds that each resolver gets: three of them answer before clients give up after five seconds or more. */
const ANSWER_MS_MAX = 1_600;
/** Resolvers that are asked, as the C library does. */
const SERVERS_MAX = 3;

/** Which way a message came, and goes on. */
export type Way = 'udp' | 'tcp';

/** See the file's head. */
export class Forwarder {
  readonly #servers: readonly string[];
  readonly #clock: Clock;
  readonly #port: number;
  #pending = 0;

  /** @param port of the resolvers; other than 53 in tests alone. */
  constructor(servers: readonly string[], clock: Clock, port = 53) {
    this.#servers = servers.slice(0, SERVERS_MAX);
    this.#clock = clock;
    this.#port = port;
  }

  /** Whether there is anybody to ask. */
  get able(): boolean {
    return this.#servers.length > 0;
  }

  /** The first answer that comes; undefined when none does in time, or too much is asked. Never rejects. */
  async ask(message: Buffer, way: Way): Promise<Buffer | undefined> {
    if (this.#pending >= QUESTIONS_MAX) return undefined;
    this.#pending += 1;
    try {
      for (const server of this.#servers) {
        const found = await (way === 'udp' ? this.#overUdp(server, message) : this.#overTcp(server, message));
        if (found !== undefined) return found;
      }
      return undefined;
    } finally {
      this.#pending -= 1;
    }
  }

  #overUdp(server: string, message: Buffer): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4');
      const timer = this.#clock.after(ANSWER_MS_MAX, () => done(undefined), { background: true });
      const done = (found: Buffer | undefined): void => {
        timer.cancel();
        socket
          .removeAllListeners('message')
          .removeAllListeners('error')
          .on('error', () => {});
        try {
          socket.close();
        } catch {
          // It was closed before it could be connected.
        }
        resolve(found);
      };
      socket.once('error', () => done(undefined));
      // A connected socket hears that one server alone.
      socket.connect(this.#port, server, () => socket.send(message));
      socket.on('message', (found) => {
        if (isAnswerTo(message, found)) done(found);
      });
    });
  }

  #overTcp(server: string, message: Buffer): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ host: server, port: this.#port });
      const done = (found: Buffer | undefined): void => {
        timer.cancel();
        socket.destroy();
        resolve(found);
      };
      const timer = this.#clock.after(ANSWER_MS_MAX, () => done(undefined), { background: true });
      const reader = new MessageReader(0xff_ff);
      socket.on('error', () => done(undefined)).on('end', () => done(undefined));
      socket.once('connect', () => socket.write(frame(message)));
      socket.on('data', (bytes: Buffer) => {
        for (const found of reader.push(bytes) ?? []) {
          if (isAnswerTo(message, found)) done(found);
        }
      });
    });
  }
}

/** Whether it is an answer, with the question's number. */
function isAnswerTo(question: Buffer, found: Buffer): boolean {
  return (
    found.length >= 12 &&
    found.readUInt16BE(0) === question.readUInt16BE(0) &&
    (found.readUInt8(2) & 0x80) !== 0
  );
}
