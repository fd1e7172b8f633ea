import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** A request as node gives it, over either version of HTTP. */
export type Incoming = IncomingMessage | Http2ServerRequest;
/** The answer to it, likewise. */
export type Outgoing = ServerResponse | Http2ServerResponse;

/** One header's value, its first where it stands several times. */
export function header(request: Incoming, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/**
 * Sends a whole answer. Nothing happens when the client has gone. A text leaves in one piece with the headers, which
 * saves a system call.
 */
export function reply(
  response: Outgoing,
  code: number,
  contentType: string,
  body: string | Uint8Array,
): void {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = code;
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  (response as ServerResponse).end(body);
}
