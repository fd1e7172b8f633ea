import type { ServerResponse } from 'node:http';
import { constants } from 'node:http2';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import type { ApiAnswer } from '../../../apimachinery/api-request.ts';
import type { Clock } from '../../../apimachinery/clock.ts';
import { parseExactJson } from '../../../apimachinery/exact-json.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { StatusError } from '../../../apimachinery/status-error.ts';
import { header, type Incoming, type Outgoing, reply } from '../exchange.ts';
import type { LoadProtobuf } from '../load-protobuf.ts';
import type { ProtobufForm } from '../protobuf-form.ts';
import { warningValues } from '../warnings.ts';
import { MEDIA_TYPES, PLAIN_JSON, type Representation } from './negotiate.ts';

/** Bytes from which an answer is compressed for a client that can read it, as upstream has it. */
const GZIP_BYTES_MIN = 128 * 1024;
/**
 * Letters of a text that leave in one piece. A long list leaves in many, so that its client reads the first while the last
 * are still being encrypted, and no more of it waits in the process than the client can take.
 */
const PIECE_LETTERS = 256 * 1024;
/** Milliseconds that a client gets to read the answer to a body that nobody reads on, as Go's server gives it. */
const LINGER_MS = 500;
const compress = promisify(gzip);
/** How upstream's YAML is laid out: keys in order, lists as far left as their key, no line broken. */
const YAML_LAYOUT = { version: '1.1', sortMapEntries: true, indentSeq: false, lineWidth: 0 } as const;

/** Writes answers out: compressed for who can read it, with back pressure, and never after a client has gone. */
export class AnswerWriter {
  readonly #clock: Clock;

  readonly #protobuf: LoadProtobuf | undefined;

  constructor(clock: Clock, protobuf?: LoadProtobuf) {
    this.#clock = clock;
    this.#protobuf = protobuf;
  }

  /** How to write protobuf; throws 406 when this server cannot. */
  protobuf(): Promise<ProtobufForm> {
    if (this.#protobuf !== undefined) return this.#protobuf();
    const { json, yaml } = MEDIA_TYPES;
    throw new StatusError(
      406,
      'NotAcceptable',
      `only the following media types are accepted: ${json}, ${yaml}`,
    );
  }

  /** Sends an object in the form that was negotiated. */
  async object(
    request: Incoming,
    response: Outgoing,
    code: number,
    object: DeepReadonly<object>,
    view: Representation,
    contentType = MEDIA_TYPES[view.format],
  ): Promise<void> {
    const body = view.format === 'json' ? jsonText(object, view) : await this.#encoded(object, view);
    await this.text(request, response, code, contentType, body);
  }

  async #encoded(object: DeepReadonly<object>, view: Representation): Promise<string | Uint8Array> {
    if (view.format === 'protobuf') return (await this.protobuf()).encode(object);
    if (view.format === 'json') return jsonText(object, view);
    const { stringify } = await import('yaml');
    return stringify(parseExactJson(JSON.stringify(object)), YAML_LAYOUT);
  }

  /** Sends bytes as they come, no faster than the client takes them. */
  async stream(response: Outgoing, answer: Extract<ApiAnswer, { kind: 'stream' }>): Promise<void> {
    const out = response as ServerResponse;
    out.statusCode = answer.code ?? 200;
    out.setHeader('Content-Type', answer.contentType);
    out.flushHeaders?.();
    for await (const bytes of answer.bytes) {
      if (out.destroyed) break;
      if (!out.write(bytes)) await drained(out, out);
    }
    out.end();
  }

  /** Sends a whole text or document. */
  async text(
    request: Incoming,
    response: Outgoing,
    code: number,
    contentType: string,
    body: string | Uint8Array,
  ): Promise<void> {
    if (body.length < GZIP_BYTES_MIN || !readsGzip(request)) {
      if (typeof body === 'string' && body.length > PIECE_LETTERS) {
        if (!begin(response, code, contentType)) return;
        response.setHeader('Content-Length', Buffer.byteLength(body));
        await flow(response as ServerResponse, slices(body), response as ServerResponse);
      } else reply(response, code, contentType, body);
      return;
    }
    const bytes = await compress(body, { level: 1 });
    if (response.headersSent) return;
    encoded(response);
    reply(response, code, contentType, bytes);
  }

  /**
   * Sends a text that comes in pieces. What has several is long: it leaves as it is made, a piece in each turn of the
   * loop, so that its client reads the first while the last are still being made, and others are served meanwhile.
   */
  async pieces(
    request: Incoming,
    response: Outgoing,
    code: number,
    contentType: string,
    pieces: Generator<string, void>,
  ): Promise<void> {
    const first = pieces.next();
    const second = pieces.next();
    const begun = [first, second].flatMap(({ done, value }) => (done ? [] : [value ?? '']));
    if (second.done) {
      await this.text(request, response, code, contentType, begun.join(''));
      return;
    }
    if (!begin(response, code, contentType)) return;
    const out = response as ServerResponse;
    const all = chained([begun, pieces]);
    if (!readsGzip(request)) {
      await flow(out, all, out);
      return;
    }
    encoded(response);
    const packer = createGzip({ level: 1 });
    packer.pipe(out);
    await flow(packer, all, out);
  }

  /** Sends the Status of an error, and stops taking a body that nobody reads any more. */
  async error(
    request: Incoming,
    response: Outgoing,
    error: StatusError,
    view: Representation,
  ): Promise<void> {
    const { retryAfterSeconds } = error.status.details ?? {};
    if (response.headersSent) {
      (response as ServerResponse).destroy();
      return;
    }
    if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
    if (expectsMore(request)) this.#refuseRest(request, response);
    const shown = view.format === 'protobuf' && this.#protobuf === undefined ? PLAIN_JSON : view;
    const body =
      shown.format === 'json' ? jsonText(error.status, shown) : await this.#encoded(error.status, shown);
    reply(response, error.code, MEDIA_TYPES[shown.format], body);
  }

  /** Adds the texts for `Warning` headers. */
  warn(response: Outgoing, warnings: readonly string[]): void {
    if (response.headersSent) return;
    for (const value of warningValues(warnings)) response.appendHeader('Warning', value);
  }

  /** Ends the stream, or the connection of HTTP/1.1, once the answer is out, so that the rest of the body is never taken in. */
  #refuseRest(request: Incoming, response: Outgoing): void {
    if ('stream' in request) {
      response.once('finish', () => request.stream.close(constants.NGHTTP2_NO_ERROR));
      return;
    }
    response.setHeader('Connection', 'close');
    response.once('finish', () => {
      request.socket.end();
      this.#clock.after(LINGER_MS, () => request.socket.destroy(), { background: true });
    });
  }
}

/** Whether the client takes an answer that is compressed. */
function readsGzip(request: Incoming): boolean {
  return /\bgzip\b/.test(header(request, 'accept-encoding') ?? '');
}

function encoded(response: Outgoing): void {
  response.setHeader('Content-Encoding', 'gzip');
  if (!response.hasHeader('Vary')) response.setHeader('Vary', 'Accept-Encoding');
}

/** Sets how the answer begins, unless it is too late for one. */
function begin(response: Outgoing, code: number, contentType: string): boolean {
  if (response.headersSent || response.destroyed) return false;
  response.statusCode = code;
  response.setHeader('Content-Type', contentType);
  return true;
}

/** Writes pieces to a stream that leads to the response, no faster than it takes them, and ends it. */
async function flow(target: Writable, pieces: Iterable<string>, response: ServerResponse): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) {
      if (target !== response) target.destroy();
      return;
    }
    if (target.write(Buffer.from(piece))) await turn();
    else await drained(target, response);
  }
  target.end();
}

/** Resolves in the next turn of the loop, after what came in meanwhile. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function* chained(parts: readonly Iterable<string>[]): Generator<string, void> {
  for (const part of parts) yield* part;
}

/** The pieces of a text; the two halves of a letter beyond the first 65,536 stay together. */
function* slices(text: string): Generator<string, void> {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + PIECE_LETTERS, text.length);
    if (isFirstHalf(text.charCodeAt(to - 1))) to = Math.min(to + 1, text.length);
    yield text.slice(from, to);
    from = to;
  }
}

function jsonText(object: DeepReadonly<object>, { pretty }: Representation): string {
  return pretty ? JSON.stringify(object, undefined, 2) : `${JSON.stringify(object)}\n`;
}

/** Whether a code unit is the first of two that make one letter (a high surrogate of UTF-16). */
function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Whether a part of the request's body is still to come. */
function expectsMore(request: Incoming): boolean {
  if (request.complete) return false;
  return 'stream' in request ? !request.stream.endAfterHeaders : true;
}

/** Resolves when the stream takes more, or the response that it leads to is over. */
function drained(target: Writable, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      target.off('drain', done);
      response.off('close', done);
      resolve();
    };
    target.on('drain', done);
    response.on('close', done);
  });
}
