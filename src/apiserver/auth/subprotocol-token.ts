/**
 * The bearer token of a client that can send no header of its own: a browser names it among the subprotocols of a WebSocket.
 * Source: k8s.io/apiserver/pkg/authentication/request/websocket.
 */
import type { IncomingHttpHeaders } from 'node:http';

const PREFIX = 'base64url.bearer.authorization.k8s.io.';

/** A token, and the subprotocols beside it, of which there is at least one for the server to answer with. */
export interface SubprotocolToken {
  readonly token: string;
  readonly others: readonly string[];
}

/** The token among the subprotocols of a WebSocket; undefined without one, and `malformed` for one that cannot be it. */
export function subprotocolToken(headers: IncomingHttpHeaders): SubprotocolToken | 'malformed' | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
  const [found, ...more] = offered.filter((each) => each.startsWith(PREFIX));
  if (found === undefined) return undefined;
  const token = decoded(found.slice(PREFIX.length));
  if (more.length > 0 || token === undefined) return 'malformed';
  // A token of no letters is none.
  if (token === '') return undefined;
  const others = offered.filter((each) => each !== '' && !each.startsWith(PREFIX));
  return others.length === 0 ? 'malformed' : { token, others };
}

/** Undefined for what is no base64url without padding, or no UTF-8. */
function decoded(text: string): string | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, 'base64url'));
  } catch {
    return undefined;
  }
}
