import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { StatusError } from '../../../apimachinery/status-error.ts';
import type { Watch, WatchEvent, WatchObserver } from '../../../apimachinery/watch-event.ts';
import type { ServedResource } from '../../served-resource.ts';
import type { Outgoing } from '../exchange.ts';
import type { EventEncoder, WatchView } from './event-encoder.ts';
import type { EventLines } from './event-lines.ts';

/**
 * Bytes of changes that may wait for a slow client before its watch is ended: some thousand objects. It can go on from
 * the last revision it saw.
 */
export const WATCH_QUEUE_BYTES_MAX = 8 * 1024 * 1024;

/** Writes watch events to one HTTP client, at the client's pace. */
export class WatchResponse implements WatchObserver {
  readonly #response: ServerResponse;
  readonly #view: WatchView;
  readonly #encoder: EventEncoder;
  /** Where lines go: the response, or its socket, past node's own framing. */
  #target: Writable;
  #framed = false;
  #queue: EventLines[] = [];
  #queuedBytes = 0;
  #blocked = false;
  #needsHeaders: boolean;
  #initialBatch = true;
  #over = false;
  #watch: Watch | undefined;

  constructor(response: Outgoing, view: WatchView, encoder: EventEncoder) {
    this.#response = response as ServerResponse;
    this.#target = this.#response;
    this.#view = view;
    this.#encoder = encoder;
    this.#needsHeaders = view.representation.as === 'Table';
  }

  /** What is watched. */
  get served(): ServedResource {
    return this.#view.served;
  }

  /** Sends the headers and ties the watch to the connection. */
  start(watch: Watch): void {
    const response = this.#response;
    this.#watch = watch;
    response.on('close', () => this.#finish());
    response.on('error', () => this.#finish());
    if (response.destroyed) {
      this.#finish();
      return;
    }
    response.statusCode = 200;
    response.setHeader('Content-Type', this.#encoder.contentType);
    if ('flushHeaders' in response) response.flushHeaders();
    this.#aim(response);
    this.#flush();
  }

  /**
   * Over HTTP/1.1 lines go to the socket as chunks that are framed already, once the headers are out; the end of the body
   * stays with the response. A response that waits for others of its connection has no socket yet.
   */
  #aim(response: ServerResponse): void {
    if (response.chunkedEncoding && response.socket !== null) {
      this.#target = response.socket;
      this.#framed = true;
    }
    const resume = (): void => this.#resume();
    const target = this.#target.on('drain', resume);
    response.on('close', () => target.off('drain', resume));
  }

  next(events: readonly WatchEvent[]): void {
    if (this.#over || events.length === 0) return;
    const initial = this.#initialBatch;
    this.#initialBatch = false;
    const lines = this.#encode(events);
    // The present state at the start is as large as it is; only what comes after can pile up.
    if (!initial) this.#queuedBytes += lines.bytes.length;
    this.#queue.push(lines);
    if (this.#queuedBytes > WATCH_QUEUE_BYTES_MAX) {
      this.#finish();
      this.#response.destroy();
      return;
    }
    this.#flush();
  }

  end(reason?: StatusError): void {
    if (this.#over) return;
    if (reason !== undefined) {
      this.#queue.push(this.#encoder.error(reason.status));
    }
    this.#over = true;
    const rest = this.#queue;
    this.#queue = [];
    if (this.#watch === undefined) setImmediate(() => this.#close(rest));
    else this.#close(rest);
  }

  /** Ends the watch from the server's side, without an error: the client goes on where it was. */
  stop(): void {
    this.#watch?.stop();
    this.end();
  }

  #close(rest: readonly EventLines[]): void {
    for (const lines of rest) this.#write(lines);
    this.#response.end();
  }

  #write({ chunk, bytes }: EventLines): boolean {
    return this.#target.write(this.#framed ? chunk : bytes);
  }

  #encode(events: readonly WatchEvent[]): EventLines {
    if (!this.#needsHeaders) return this.#encoder.batch(events);
    const [first, ...others] = events;
    if (first === undefined) return this.#encoder.batch(events);
    this.#needsHeaders = false;
    return this.#encoder.beginning(first, others);
  }

  #flush(): void {
    if (this.#blocked || this.#watch === undefined) return;
    while (this.#queue.length > 0 && !this.#blocked) {
      const lines = this.#queue.shift();
      if (lines === undefined) break;
      if (!this.#write(lines)) this.#blocked = true;
    }
    if (this.#queue.length === 0 && !this.#blocked) this.#queuedBytes = 0;
  }

  #resume(): void {
    this.#blocked = false;
    this.#queuedBytes = this.#queue.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#flush();
  }

  #finish(): void {
    this.#over = true;
    this.#queue = [];
    this.#watch?.stop();
  }
}
