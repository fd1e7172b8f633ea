import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** A request as node gives it, over either version of HTTP. */
export type Incoming = IncomingMessage | Http2ServerRequest;
/** Its answer. */
export type Outgoing = ServerResponse | Http2ServerResponse;

/** One header's value, its first where it stands several times. */
export function header(request: Incoming, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** Sends a whole answer. Nothing happens when the client has gone. */
export function reply(
  response: Outgoing,
  code: number,
  contentType: string,
  body: string | Uint8Array,
): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.statusCode = code;
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', bytes.byteLength);
  (response as ServerResponse).end(bytes);
}

/** A `Warning` header's value for a text (RFC 7234 section 5.5: code 299, no agent). */
export function warningValue(text: string): string {
  return `299 - "${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replace(/[\r\n\t]+/g, ' ')}"`;
}
