/** The headers of a request that is handed on, and of its answer. Pure. */

/** Between whom a request passes. */
export interface Passage {
  /** The path that the client asked for. */
  readonly path: string;
  /** What of it stands before the backend's own path. */
  readonly prefix: string;
  /** What the backend's links call itself. */
  readonly backendHost: string;
  /** What the client calls this server. */
  readonly clientHost: string;
  /** The client's address. */
  readonly from: string | undefined;
  /** The protocol that the client wants its connection to go on in. */
  readonly upgrade?: string;
  /** The subprotocols that a WebSocket's client offers, without the token that it may have named among them for this server. */
  readonly subprotocols?: string;
  /** Whether a body follows whose length nobody has told. */
  readonly chunked?: boolean;
}

/** Headers about one connection (RFC 9110, section 7.6.1), and those that Go's proxy counts among them. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Told from what is left of it when the client has been identified: a browser puts its token there. */
const SUBPROTOCOLS = 'Sec-WebSocket-Protocol';

/** What the backend is told, names and values in turn, as {@link IncomingMessage.rawHeaders} has them. */
export function handedOnHeaders(raw: readonly string[], passage: Passage): readonly string[] {
  const { upgrade, chunked = false, from, subprotocols } = passage;
  const told: string[] = [];
  const senders: string[] = [];
  const named = namedByConnection(raw);
  for (const [name, value] of pairs(raw)) {
    const key = name.toLowerCase();
    if (key === 'x-forwarded-for') senders.push(value);
    else if (!OF_CONNECTION.has(key) && !named.has(key) && !isForThisServer(key)) told.push(name, value);
  }
  told.push('Connection', upgrade === undefined ? 'close' : 'Upgrade');
  if (upgrade !== undefined) told.push('Upgrade', upgrade);
  if (subprotocols !== undefined) told.push(SUBPROTOCOLS, subprotocols);
  if (chunked) told.push('Transfer-Encoding', 'chunked');
  if (from !== undefined) senders.push(from);
  if (senders.length > 0) told.push('X-Forwarded-For', senders.join(', '));
  told.push('Host', passage.clientHost, 'X-Forwarded-Uri', passage.path);
  return told;
}

/** What the client is told, each name with all its values. */
export function handedBackHeaders(
  raw: readonly string[],
  passage: Passage,
): ReadonlyMap<string, readonly string[]> {
  const told = new Map<string, string[]>();
  const named = namedByConnection(raw);
  for (const [name, value] of pairs(raw)) {
    const key = name.toLowerCase();
    if (OF_CONNECTION.has(key) || named.has(key)) continue;
    const values = told.get(key) ?? [];
    values.push(key === 'location' ? relocated(value, passage) : value);
    told.set(key, values);
  }
  return told;
}

/**
 * Where a redirection leads the client that came through here: what the backend calls a path of its own lies under the
 * prefix; other hosts and relative paths stay.
 */
export function relocated(location: string, { prefix, backendHost, clientHost }: Passage): string {
  const parts = /^(?:([a-z][a-z0-9+.-]*:)?\/\/([^/?#]*))?([^?#]*)(.*)$/is.exec(location);
  const [, scheme = '', host = '', path = '', after = ''] = parts ?? [];
  const isElsewhere = host !== '' && host !== backendHost && host !== clientHost;
  if (isElsewhere || !path.startsWith('/')) return location;
  const origin = host === clientHost && host !== '' ? `${scheme}//${host}` : '';
  return `${origin}${path.startsWith(prefix) ? '' : prefix}${path}${after}`;
}

/** What authenticates the client to this server, names the host, or belongs to HTTP/2. */
function isForThisServer(key: string): boolean {
  return (
    key === 'authorization' ||
    key === SUBPROTOCOLS.toLowerCase() ||
    key === 'host' ||
    key.startsWith('impersonate-') ||
    key.startsWith(':')
  );
}

function namedByConnection(raw: readonly string[]): ReadonlySet<string> {
  const named = new Set<string>();
  for (const [name, value] of pairs(raw)) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const each of value.split(',')) named.add(each.trim().toLowerCase());
  }
  return named;
}

function* pairs(raw: readonly string[]): Generator<[string, string]> {
  for (let at = 0; at + 1 < raw.length; at += 2) yield [raw[at] ?? '', raw[at + 1] ?? ''];
}
