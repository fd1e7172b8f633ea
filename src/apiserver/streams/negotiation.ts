/** Which way a client wants its connection to go on, and by which protocol. Pure. */
import type { IncomingHttpHeaders } from 'node:http';
import { newBadRequest } from '../../apimachinery/status-error.ts';
import {
  SPDY_COMMAND_PROTOCOLS,
  SPDY_PORT_PROTOCOL,
  StreamRefusal,
} from '../../apimachinery/streaming/index.ts';
import { upgradeOf, WEB_SOCKET } from './upgrade.ts';

/** How a connection goes on. */
export type Agreement =
  | { readonly transport: 'spdy'; readonly protocol: string }
  /** Channels in the messages of a WebSocket; the protocol is empty where the client named none. */
  | { readonly transport: 'websocket'; readonly protocol: string }
  /** SPDY whose bytes go in the messages of a WebSocket. */
  | { readonly transport: 'tunnel'; readonly protocol: string };

/** What the streams of a request are; `bytes`: one, to the client alone. */
export type StreamKind = 'command' | 'ports' | 'bytes';

/**
 * The protocol of a WebSocket that watches: the one that the client names, or none. Throws StreamRefusal as Go's library
 * refuses: 403 for a client that does not say where it comes from, 400 for several protocols.
 */
export function watchProtocol(headers: IncomingHttpHeaders): string {
  if (!headers.origin) throw new StreamRefusal(403, '');
  const [protocol = '', ...others] = list(headers['sec-websocket-protocol']);
  if (others.length > 0) throw new StreamRefusal(400, '');
  return protocol;
}

const WEB_SOCKET_PROTOCOLS: Readonly<Record<StreamKind, readonly string[]>> = {
  command: [
    'v5.channel.k8s.io',
    'v4.channel.k8s.io',
    'v4.base64.channel.k8s.io',
    'channel.k8s.io',
    'base64.channel.k8s.io',
    '',
  ],
  ports: ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', ''],
  bytes: ['binary.k8s.io', 'base64.binary.k8s.io', ''],
};

/** SPDY in a WebSocket, as kubectl forwards ports from 1.31 on. */
const TUNNEL_PROTOCOL = `SPDY/3.1+${SPDY_PORT_PROTOCOL}`;

/**
 * What to agree on with a client of those headers.
 *
 * @throws {StatusError} 400 when it asks for no upgrade; {@link StreamRefusal} 403 for protocols that nobody speaks here.
 */
export function agree(kind: StreamKind, headers: IncomingHttpHeaders): Agreement {
  const upgrade = upgradeOf(headers);
  if (upgrade === WEB_SOCKET) return agreeOnWebSocket(kind, headers);
  if (upgrade.includes('spdy/3.1')) return agreeOnSpdy(kind, headers);
  throw newBadRequest('Upgrade request required');
}

function agreeOnWebSocket(kind: StreamKind, headers: IncomingHttpHeaders): Agreement {
  const asked = list(headers['sec-websocket-protocol']);
  if (kind === 'ports' && asked.includes(TUNNEL_PROTOCOL))
    return { transport: 'tunnel', protocol: TUNNEL_PROTOCOL };
  const wanted = asked.length === 0 ? [''] : asked;
  const protocol = wanted.find((each) => WEB_SOCKET_PROTOCOLS[kind].includes(each));
  // Go's library answers so, without a word.
  if (protocol === undefined) throw new StreamRefusal(403, '');
  return { transport: 'websocket', protocol };
}

function agreeOnSpdy(kind: StreamKind, headers: IncomingHttpHeaders): Agreement {
  const spoken = kind === 'command' ? SPDY_COMMAND_PROTOCOLS : [SPDY_PORT_PROTOCOL];
  const asked = list(headers['x-stream-protocol-version']);
  // Clients from before there were protocols speak the oldest.
  if (asked.length === 0) return { transport: 'spdy', protocol: kind === 'command' ? 'channel.k8s.io' : '' };
  const protocol = asked.find((each) => spoken.includes(each));
  if (protocol !== undefined) return { transport: 'spdy', protocol };
  throw new StreamRefusal(
    403,
    `unable to upgrade: unable to negotiate protocol: client supports [${asked.join(' ')}], server accepts [${spoken.join(' ')}]`,
  );
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  const text = typeof value === 'string' ? value : (value ?? []).join(',');
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
