/**
 * What others need to check this server's tokens themselves (OpenID Connect Discovery 1.0, RFC 7517): who signs them, and
 * with which key. Who may read it is for roles to say: `system:service-account-issuer-discovery`.
 */
import {
  assertRoutable,
  type PathAnswer,
  type PathHandler,
  type PathRequest,
} from '../../../apiserver/index.ts';
import type { TokenIssuer } from './token-issuer.ts';
import type { TokenKey } from './token-key.ts';

const CONFIGURATION = /^\/\.well-known\/openid-configuration\/?$/;
const KEYS = /^\/openid\/v1\/jwks\/?$/;

/** Handlers of the two documents by their paths' first segments. */
export function issuerDiscovery(
  issuer: TokenIssuer,
  key: TokenKey,
): Readonly<Record<'.well-known' | 'openid', PathHandler>> {
  return {
    '.well-known': (request) =>
      CONFIGURATION.test(request.path)
        ? document(request, 'application/json', {
            issuer: issuer.audience,
            jwks_uri: `https://${hostOf(request)}/openid/v1/jwks`,
            response_types_supported: ['id_token'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: [key.publicKey.alg],
          })
        : undefined,
    openid: (request) =>
      KEYS.test(request.path)
        ? document(request, 'application/jwk-set+json', { keys: [key.publicKey] })
        : undefined,
  };
}

/** The name by which the client has found the server, which it can ask again by. */
function hostOf({ headers }: PathRequest): string {
  const { ':authority': authority, host = 'kubernetes.default.svc' } = headers;
  return String(authority ?? host);
}

function document(request: PathRequest, contentType: string, value: object): PathAnswer {
  assertRoutable(request, [contentType]);
  const headers = { 'Cache-Control': 'public, max-age=3600' };
  return { code: 200, contentType, body: JSON.stringify(value), headers };
}
