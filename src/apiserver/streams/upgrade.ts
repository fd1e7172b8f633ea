import type { IncomingHttpHeaders } from 'node:http';

/** What {@link upgradeOf} answers for a client that opens a WebSocket (RFC 6455, section 4.1). */
export const WEB_SOCKET = 'websocket';

/** What a client wants its connection to go on as, in small letters; empty where it does not (RFC 9110, section 7.8). */
export function upgradeOf({ connection, upgrade }: IncomingHttpHeaders): string {
  return /\bupgrade\b/i.test(connection ?? '') ? (upgrade ?? '').toLowerCase() : '';
}
