import type { IncomingHttpHeaders } from 'node:http';

/** Whether a client wants its connection to go on as a WebSocket (RFC 6455, section 4.1). */
export function wantsWebSocket({ connection, upgrade }: IncomingHttpHeaders): boolean {
  return /\bupgrade\b/i.test(connection ?? '') && upgrade?.toLowerCase() === 'websocket';
}
