import type { ServerResponse } from 'node:http';
import { constants } from 'node:http2';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ApiAnswer } from '../../apimachinery/api-request.ts';
import type { Clock } from '../../apimachinery/clock.ts';
import { parseExactJson } from '../../apimachinery/exact-json.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { StatusError } from '../../apimachinery/status-error.ts';
import { header, type Incoming, type Outgoing, reply, warningValues } from './exchange.ts';
import type { Representation } from './negotiate.ts';

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

/** Writes answers out: compressed for who can read it, with back pressure, and never after a client has gone. */
export class AnswerWriter {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sends an object in the form that was negotiated. */
  async object(
    request: Incoming,
    response: Outgoing,
    code: number,
    object: DeepReadonly<object>,
    { format, pretty }: Representation,
  ): Promise<void> {
    if (format === 'yaml') {
      const { stringify } = await import('yaml');
      const plain: unknown = parseExactJson(JSON.stringify(object));
      await this.text(request, response, code, 'application/yaml', stringify(plain, { version: '1.1' }));
      return;
    }
    const body = `${pretty ? JSON.stringify(object, undefined, 2) : JSON.stringify(object)}\n`;
    await this.text(request, response, code, 'application/json', body);
  }

  /** Sends bytes as they come, no faster than the client takes them. */
  async stream(response: Outgoing, answer: Extract<ApiAnswer, { kind: 'stream' }>): Promise<void> {
    const out = response as ServerResponse;
    out.statusCode = 200;
    out.setHeader('Content-Type', answer.contentType);
    out.flushHeaders?.();
    for await (const bytes of answer.bytes) {
      if (out.destroyed) break;
      if (!out.write(bytes)) await drained(out);
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
    if (body.length < GZIP_BYTES_MIN || !/\bgzip\b/.test(header(request, 'accept-encoding') ?? '')) {
      if (typeof body === 'string' && body.length > PIECE_LETTERS) {
        await this.#pieces(response as ServerResponse, code, contentType, body);
      } else reply(response, code, contentType, body);
      return;
    }
    const bytes = await compress(body, { level: 1 });
    if (response.headersSent) return;
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Vary', 'Accept-Encoding');
    reply(response, code, contentType, bytes);
  }

  async #pieces(response: ServerResponse, code: number, contentType: string, body: string): Promise<void> {
    if (response.headersSent || response.destroyed) return;
    response.statusCode = code;
    response.setHeader('Content-Type', contentType);
    response.setHeader('Content-Length', Buffer.byteLength(body));
    for (let from = 0; from < body.length && !response.destroyed; ) {
      let to = Math.min(from + PIECE_LETTERS, body.length);
      // The two halves of a letter beyond the first 65,536 stay together.
      if (isFirstHalf(body.charCodeAt(to - 1))) to = Math.min(to + 1, body.length);
      if (!response.write(Buffer.from(body.slice(from, to)))) await drained(response);
      from = to;
    }
    response.end();
  }

  /** Sends the Status of an error, and stops taking a body that nobody reads any more. */
  error(request: Incoming, response: Outgoing, error: StatusError): void {
    const { retryAfterSeconds } = error.status.details ?? {};
    if (response.headersSent) {
      (response as ServerResponse).destroy();
      return;
    }
    if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
    if (expectsMore(request)) this.#refuseRest(request, response);
    reply(response, error.code, 'application/json', `${JSON.stringify(error.status)}\n`);
  }

  /** Adds the texts for `Warning` headers. */
  warn(response: Outgoing, warnings: readonly string[]): void {
    if (warnings.length > 0 && !response.headersSent) response.setHeader('Warning', warningValues(warnings));
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

/** Whether a code unit is the first of two that make one letter (a high surrogate of UTF-16). */
function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Whether a part of the request's body is still to come. */
function expectsMore(request: Incoming): boolean {
  if (request.complete) return false;
  return 'stream' in request ? !request.stream.endAfterHeaders : true;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
