import type { WebSocket } from 'ws';
import type { StatusError } from '../../../apimachinery/status-error.ts';
import type { Watch, WatchEvent, WatchObserver } from '../../../apimachinery/watch-event.ts';
import type { ServedResource } from '../../served-resource.ts';
import type { EventEncoder, EventMessage, WatchView } from './event-encoder.ts';
import { WATCH_QUEUE_BYTES_MAX } from './watch-response.ts';

/** Code of a connection that ends as it should. */
const NORMAL_CLOSURE = 1000;

/** Tells watch events over a WebSocket, a message for each: of text for JSON, of bytes for protobuf. */
export class WatchSocket implements WatchObserver {
  readonly #view: WatchView;
  readonly #encoder: EventEncoder;
  /** What comes before the connection has become a WebSocket. */
  #early: EventMessage[] = [];
  #socket: WebSocket | undefined;
  #watch: Watch | undefined;
  #needsHeaders: boolean;
  #isInitial = true;
  #over = false;

  constructor(view: WatchView, encoder: EventEncoder) {
    this.#view = view;
    this.#encoder = encoder;
    this.#needsHeaders = view.representation.as === 'Table';
  }

  /** What is watched. */
  get served(): ServedResource {
    return this.#view.served;
  }

  /** Ties the watch to the connection; what the client sends is not looked at. */
  start(watch: Watch, socket: WebSocket): void {
    this.#watch = watch;
    this.#socket = socket;
    socket.on('error', () => {}); // Told by the end of the connection.
    socket.once('close', () => this.abandon(watch));
    for (const message of this.#early) socket.send(message);
    this.#early = [];
    if (this.#over) socket.close(NORMAL_CLOSURE);
  }

  /** Ends a watch whose client has gone. */
  abandon(watch: Watch): void {
    this.#over = true;
    this.#early = [];
    watch.stop();
  }

  next(events: readonly WatchEvent[]): void {
    if (this.#over || events.length === 0) return;
    const messages = this.#encoder.messages(events, this.#needsHeaders);
    this.#needsHeaders = false;
    this.#send(messages);
    // The present state at the start is as large as it is; only what comes after can pile up.
    const isInitial = this.#isInitial;
    this.#isInitial = false;
    if (!isInitial && (this.#socket?.bufferedAmount ?? 0) > WATCH_QUEUE_BYTES_MAX) this.#socket?.terminate();
  }

  end(reason?: StatusError): void {
    if (this.#over) return;
    if (reason !== undefined) this.#send([this.#encoder.errorMessage(reason.status)]);
    this.#over = true;
    this.#socket?.close(NORMAL_CLOSURE);
  }

  /** Ends the watch from the server's side, without an error: the client goes on where it was. */
  stop(): void {
    this.#watch?.stop();
    this.end();
  }

  #send(messages: readonly EventMessage[]): void {
    const socket = this.#socket;
    if (socket === undefined) this.#early.push(...messages);
    else for (const message of messages) socket.send(message);
  }
}
