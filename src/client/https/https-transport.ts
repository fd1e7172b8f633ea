/** The API over HTTPS: the same answers and the same errors as in process. */

import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import http2 from 'node:http2';
import type { ApiAnswer, ApiRequest, Transport } from '../../apimachinery/api-request.ts';
import type { Clock } from '../../apimachinery/clock.ts';
import { parseExactJson } from '../../apimachinery/exact-json.ts';
import { newInternalError } from '../../apimachinery/status-error.ts';
import type { Watch, WatchObserver } from '../../apimachinery/watch-event.ts';
import { connectionError, errorOfAnswer } from './answer-error.ts';
import { ConnectionPool, type Patience } from './connection-pool.ts';
import { methodOf, pathOf } from './request-path.ts';
import { WatchDecoder } from './watch-decoder.ts';

/** How to reach a server and who to be there. */
export interface HttpsTransportOptions {
  /** `https://host:port`, with a path before `/api` where the server has one. */
  readonly server: string;
  /** PEM of the authorities that may vouch for the server; absent: the system's. */
  readonly ca?: string | undefined;
  /** PEM of the client certificate and of its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Certificate and key that change while the transport is in use; instead of `cert` and `key`. See `renew`. */
  readonly identity?: (() => { readonly cert: string; readonly key: string }) | undefined;
  /** Default: client-go's times, which suit a network that is slow and seldom broken. */
  readonly patience?: Patience | undefined;
  /** A bearer token, or where to get the current one. */
  readonly token?: string | (() => string) | undefined;
  /** The name to check the server's certificate against, when it is not the host of `server`. */
  readonly serverName?: string | undefined;
  /** Skips checking the server's certificate. */
  readonly insecure?: boolean | undefined;
  /** Default `longshore`. */
  readonly userAgent?: string | undefined;
  readonly clock: Clock;
  /** Told of each connection that comes about. */
  readonly connected?: (() => void) | undefined;
}

/** A transport with connections to release. */
export interface HttpsTransport extends Transport {
  /** What comes next goes over new connections, which show the identity of then; what is under way goes on. */
  renew(): void;
  /** Breaks what is under way and releases every connection. Idempotent. */
  close(): void;
}

/**
 * A transport over HTTP/2. It connects when first used. Nothing is tried again: a connection that fails or breaks is a
 * StatusError of reason ServiceUnavailable. A watch whose connection breaks ends with that error.
 *
 * @throws {TypeError} when `server` is no https URL.
 */
export function newHttpsTransport(options: HttpsTransportOptions): HttpsTransport {
  const url = new URL(options.server);
  if (url.protocol !== 'https:') throw new TypeError(`${options.server} does not begin with https://`);
  return new Http2Transport(options, url);
}

class Http2Transport implements HttpsTransport {
  readonly #options: HttpsTransportOptions;
  readonly #prefix: string;
  readonly #pool: ConnectionPool;

  constructor(options: HttpsTransportOptions, url: URL) {
    this.#options = options;
    this.#prefix = url.pathname.replace(/\/+$/, '');
    const { ca, cert, key, identity, serverName, insecure, clock, patience, connected } = options;
    this.#pool = new ConnectionPool({
      origin: url.origin,
      clock,
      ...(patience === undefined ? {} : { patience }),
      ...(connected === undefined ? {} : { connected }),
      tls: () => ({
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        ...identity?.(),
        ...(serverName === undefined ? {} : { servername: serverName }),
        ...(insecure ? { rejectUnauthorized: false } : {}),
      }),
    });
  }

  close(): void {
    this.#pool.close();
  }

  renew(): void {
    this.#pool.renew();
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    const { stream, headers, code } = await this.#open(request);
    if (request.subresource === 'log' && code === 200) {
      const contentType = String(headers['content-type'] ?? 'text/plain');
      return { kind: 'stream', contentType, bytes: this.#bytes(stream) };
    }
    const body = await this.#text(stream);
    if (code < 200 || code > 299) throw errorOfAnswer(code, body, retryAfterOf(headers));
    const warnings = warningsIn(headers);
    const object = this.#parse(body, request);
    return { kind: 'object', code, object, ...(warnings.length === 0 ? {} : { warnings }) };
  }

  async watch(request: ApiRequest, observer: WatchObserver): Promise<Watch> {
    const { stream, headers, code } = await this.#open(request);
    if (code !== 200) throw errorOfAnswer(code, await this.#text(stream), retryAfterOf(headers));
    return this.#follow(stream, observer);
  }

  #follow(stream: ClientHttp2Stream, observer: WatchObserver): Watch {
    const decoder = new WatchDecoder();
    let over = false;
    const finish = (): boolean => {
      if (over) return false;
      over = true;
      stream.close(http2.constants.NGHTTP2_CANCEL);
      return true;
    };
    const broken = (cause: unknown): void => {
      if (finish()) observer.end(connectionError(this.#options.server, cause));
    };
    stream.on('data', (piece: Buffer) => {
      if (over) return;
      try {
        const { events, error } = decoder.push(piece);
        if (events.length > 0) observer.next(events);
        if (error !== undefined && finish()) observer.end(error);
      } catch (cause) {
        broken(cause);
      }
    });
    stream.on('end', () => {
      // A stream that was reset ends too; only one that ended whole is a watch whose time was up.
      const code = stream.rstCode;
      if (stream.aborted || (code !== undefined && code !== http2.constants.NGHTTP2_NO_ERROR)) return;
      if (finish()) observer.end();
    });
    stream.on('error', broken);
    stream.on('close', () => broken(new Error('the connection was closed')));
    return { stop: () => void finish() };
  }

  /** Sends a request and waits for the answer's head. */
  #open(
    request: ApiRequest,
  ): Promise<{ stream: ClientHttp2Stream; headers: IncomingHttpHeaders; code: number }> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      const failed = (cause: unknown): void => reject(connectionError(this.#options.server, cause));
      if (signal?.aborted) {
        failed(signal.reason);
        return;
      }
      const body = request.body === undefined ? undefined : JSON.stringify(request.body);
      let stream: ClientHttp2Stream;
      try {
        stream = this.#pool.request(this.#headers(request, body), body === undefined);
      } catch (cause) {
        failed(cause);
        return;
      }
      const abort = (): void => {
        failed(signal?.reason);
        stream.close(http2.constants.NGHTTP2_CANCEL);
      };
      signal?.addEventListener('abort', abort, { once: true });
      stream.once('response', (headers) => resolve({ stream, headers, code: Number(headers[':status']) }));
      stream.on('error', failed);
      stream.once('close', () => {
        signal?.removeEventListener('abort', abort);
        failed(new Error('the connection was closed'));
      });
      if (body !== undefined) stream.end(body);
    });
  }

  #headers(request: ApiRequest, body: string | undefined): OutgoingHttpHeaders {
    const { token, userAgent } = this.#options;
    const bearer = typeof token === 'function' ? token() : token;
    return {
      ':method': methodOf(request.verb),
      ':path': this.#prefix + pathOf(request),
      'user-agent': userAgent ?? 'longshore',
      accept: request.subresource === 'log' ? '*/*' : 'application/json',
      ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      ...(body === undefined ? {} : { 'content-type': request.patchType ?? 'application/json' }),
    };
  }

  async *#bytes(stream: ClientHttp2Stream): AsyncIterable<Uint8Array> {
    try {
      for await (const piece of stream) yield piece as Uint8Array;
    } catch (cause) {
      throw connectionError(this.#options.server, cause);
    } finally {
      stream.close(http2.constants.NGHTTP2_CANCEL);
    }
  }

  #text(stream: ClientHttp2Stream): Promise<string> {
    return new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      let ended = false;
      stream.on('data', (piece: Buffer) => void pieces.push(piece));
      stream.once('end', () => {
        ended = true;
      });
      stream.once('error', (cause) => reject(connectionError(this.#options.server, cause)));
      stream.once('close', () => {
        if (ended && !stream.aborted) resolve(Buffer.concat(pieces).toString('utf8'));
        else reject(connectionError(this.#options.server, 'the connection was closed'));
      });
    });
  }

  #parse(body: string, request: ApiRequest): object {
    let object: unknown;
    try {
      object = parseExactJson(body);
    } catch {
      throw newInternalError(`${this.#options.server} answered what is no JSON`);
    }
    if (request.verb === 'list') nameItems(object as AnsweredList);
    return object as object;
  }
}

interface AnsweredList {
  readonly apiVersion?: string;
  readonly kind?: string;
  items?: Record<string, unknown>[] | null;
}

/** The server leaves kind and apiVersion out of a list's items, where every item's is the list's; in process they are there. */
function nameItems(list: AnsweredList): void {
  list.items ??= [];
  const kind = list.kind?.replace(/List$/, '');
  for (const item of list.items) {
    item['kind'] ??= kind;
    item['apiVersion'] ??= list.apiVersion;
  }
}

function retryAfterOf(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['retry-after'];
  return value === undefined ? undefined : String(value);
}

/** The texts of `Warning: 299 - "text"` headers (RFC 7234 section 5.5). */
function warningsIn(headers: IncomingHttpHeaders): readonly string[] {
  const { warning } = headers;
  if (warning === undefined) return [];
  return [...String(warning).matchAll(/299 [^ ]+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
    (match[1] ?? '').replaceAll(/\\(.)/g, '$1'),
  );
}
