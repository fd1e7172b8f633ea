import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Incoming, Outgoing } from './exchange.ts';

/** Requests that a connection may send ahead of their answers; beyond, it is let go. Clients send none, proxies a few. */
const AHEAD_MAX = 64;

/** The answer that was asked for last on a connection, and how many requests wait for their turn. */
interface Line {
  last: Outgoing;
  waiting: number;
  /** Resolves when the connection closes; there once a request has had to wait. */
  gone?: Promise<unknown>;
}

/**
 * Lets the requests of one connection of HTTP/1.1 be answered one after the other, as Go's server does: node would begin
 * them all at once, and never says that the connection has closed to an answer that had still to wait for another.
 */
export class Turns {
  readonly #lines = new WeakMap<object, Line>();

  /** Whether it is the request's turn: now, or once the one before has been answered; false when the connection has gone. */
  take(request: Incoming, response: Outgoing): boolean | Promise<boolean> {
    if ('stream' in request) return true;
    const { socket } = request;
    const line = this.#lines.get(socket);
    if (line === undefined) {
      this.#lines.set(socket, { last: response, waiting: 0 });
      return true;
    }
    const before = line.last;
    line.last = response;
    if (before.closed) return true;
    if (line.waiting === AHEAD_MAX) {
      socket.destroy();
      return false;
    }
    line.waiting += 1;
    line.gone ??= once(socket, 'close');
    return Promise.race([once(before, 'close'), line.gone]).then(() => {
      line.waiting -= 1;
      return !socket.destroyed;
    });
  }

  /** Whether nothing is being answered on that connection. */
  isIdle(socket: Duplex): boolean {
    return this.#lines.get(socket)?.last.closed ?? true;
  }
}

/** Resolves at the event, whatever errors come before it. */
function once(emitter: EventEmitter, event: string): Promise<void> {
  return new Promise((resolve) => {
    emitter.once(event, () => resolve());
  });
}
