/** Network errors of Node in the words of Go's net package, which are those of the kubelet's events and of Kubernetes' answers. */

/** What the kernel says, by Node's code for it. */
const TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'connect: connection timed out',
  EACCES: 'connect: permission denied',
  ECONNRESET: 'read: connection reset by peer',
};

/** Address and port as one text, an IPv6 address in brackets: `10.0.0.1:80`, `[fd00::1]:80`. */
export function hostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Why a connection could not be made, or broke: `dial tcp 10.0.0.1:80: connect: connection refused`. */
export function dialErrorText(error: Error & { readonly code?: string }, host: string, port: number): string {
  const { code = '' } = error;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${host}: no such host`;
  // Node has one code for a peer that hangs up before it answers and for one that resets the connection.
  if (code === 'ECONNRESET' && error.message === 'socket hang up') return 'EOF';
  const text = TEXTS[code];
  return text === undefined ? error.message : `dial tcp ${hostPort(host, port)}: ${text}`;
}

/** What Go says of a connection that nobody answered in time. */
export function dialTimeoutText(host: string, port: number): string {
  return `dial tcp ${hostPort(host, port)}: i/o timeout`;
}
