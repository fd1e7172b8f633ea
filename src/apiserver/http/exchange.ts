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

/** Letters of all warnings of an answer beyond which each is cut, and no more are sent: upstream's bounds. */
const WARNING_LETTERS_MAX = 4 * 1024;
/** Letters of one warning when they are cut. */
const CUT_WARNING_LETTERS = 256;

/** The values of `Warning` headers for those texts, in their order; cut when they are more than headers should hold. */
export function warningValues(texts: readonly string[]): readonly string[] {
  let letters = 0;
  for (const text of texts) letters += text.length;
  if (letters <= WARNING_LETTERS_MAX) return texts.map(warningValue);
  const values: string[] = [];
  letters = 0;
  for (const text of texts) {
    if (letters >= WARNING_LETTERS_MAX) break;
    const cut = Array.from(text.slice(0, 2 * CUT_WARNING_LETTERS))
      .slice(0, CUT_WARNING_LETTERS)
      .join('');
    letters += cut.length;
    values.push(warningValue(cut));
  }
  return values;
}

/** A `Warning` header's value for a text (RFC 7234 section 5.5: code 299, no agent). */
function warningValue(text: string): string {
  return `299 - "${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replace(/[\r\n\t]+/g, ' ')}"`;
}
