import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '../../apimachinery/api-request.ts';
import { newUnauthorized } from '../../apimachinery/status-error.ts';
import { header, type Incoming } from '../http/exchange.ts';
import { upgradeOf, WEB_SOCKET } from '../streams/upgrade.ts';
import {
  ANONYMOUS,
  bearerToken,
  SPACE_BEFORE_TOKEN,
  type TokenAuthenticator,
  userOfCertificate,
} from './authenticator.ts';
import { subprotocolToken } from './subprotocol-token.ts';

/** Finds out who sends a request: by client certificate, else by bearer token (in a header, or among
 * the subprotocols of a WebSocket), else nobody known. */
export class Callers {
  readonly #tokens: readonly TokenAuthenticator[];
  readonly #certified = new WeakMap<object, UserInfo>();

  constructor(tokens: readonly TokenAuthenticator[]) {
    this.#tokens = tokens;
  }

  /** The caller; throws 401 for a token that nobody knows, or a certificate that is not (or no longer) good. `warn` is told of what is ignored. */
  async identify(request: Incoming, warn: (text: string) => void): Promise<UserInfo> {
    const certified = this.#byCertificate(request);
    if (certified !== undefined) return certified;
    const word = bearerToken(header(request, 'authorization'));
    if (word === '') warn(SPACE_BEFORE_TOKEN);
    const token = word === '' ? undefined : word;
    const user = token === undefined ? undefined : await this.#byToken(token);
    if (user !== undefined) return user;
    const named = upgradeOf(request.headers) === WEB_SOCKET ? subprotocolToken(request.headers) : undefined;
    if (token === undefined && named === undefined) {
      // Credentials that are no good are not the same as none.
      if (showsCertificate(request)) throw newUnauthorized();
      return ANONYMOUS;
    }
    const bySubprotocol =
      named === undefined || named === 'malformed' ? undefined : await this.#byToken(named.token);
    if (bySubprotocol === undefined) throw newUnauthorized();
    // What is left of the subprotocols is what the client and the server agree on.
    if (named !== undefined && named !== 'malformed') {
      request.headers['sec-websocket-protocol'] = named.others.join(',');
    }
    return bySubprotocol;
  }

  async #byToken(token: string): Promise<UserInfo | undefined> {
    for (const each of this.#tokens) {
      const user = await each.authenticate(token);
      if (user !== undefined) return user;
    }
    return undefined;
  }

  /** The user of a verified client certificate; remembered for the connection. */
  #byCertificate(request: Incoming): UserInfo | undefined {
    const connection = sessionOf(request) ?? request.socket;
    const known = this.#certified.get(connection);
    if (known !== undefined) return known;
    const socket = socketOf(request);
    if (!socket.authorized) return undefined;
    const certificate = socket.getPeerCertificate();
    const user = userOfCertificate(certificate.subject ?? {}, certificate.fingerprint256 ?? '');
    if (user !== undefined) this.#certified.set(connection, user);
    return user;
  }
}

/** The connection of a request over HTTP/2, which many share. */
function sessionOf(request: Incoming) {
  return 'stream' in request ? request.stream?.session : undefined;
}

function socketOf(request: Incoming): TLSSocket {
  return (sessionOf(request)?.socket ?? request.socket) as TLSSocket;
}

/** Whether the client showed a certificate, be it of another authority, one that has ended, or one that names nobody. */
function showsCertificate(request: Incoming): boolean {
  return socketOf(request).getPeerCertificate().raw !== undefined;
}
