/**
 * Tokens that lie in Secrets of type kubernetes.io/service-account-token: they have no end of their own, are for this server
 * alone, and die with their Secret. Upstream: pkg/serviceaccount/legacy.go.
 */
import { timingSafeEqual } from 'node:crypto';
import { rfc3339 } from '../../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { Secret, ServiceAccount } from '../../../apis/core/types.ts';
import type { Storage } from '../../../storage/storage.ts';

/** Who signed such a token, whatever the server's own name. */
export const SECRET_TOKEN_ISSUER = 'kubernetes/serviceaccount';
/** Milliseconds of a day. */
const DAY_MS = 86_400_000;
const ABOUT = 'kubernetes.io/serviceaccount';
const LAST_USED = 'kubernetes.io/legacy-token-last-used';
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

/** What such a token says. */
export interface SecretTokenClaims {
  readonly iss: typeof SECRET_TOKEN_ISSUER;
  readonly sub: string;
  readonly 'kubernetes.io/serviceaccount/namespace': string;
  readonly 'kubernetes.io/serviceaccount/secret.name': string;
  readonly 'kubernetes.io/serviceaccount/service-account.name': string;
  readonly 'kubernetes.io/serviceaccount/service-account.uid': string;
}

/** What the token of a Secret says, for a namespace's account. */
export function secretTokenClaims(
  namespace: string,
  account: { readonly name: string; readonly uid: string },
  secretName: string,
): SecretTokenClaims {
  return {
    iss: SECRET_TOKEN_ISSUER,
    [`${ABOUT}/namespace`]: namespace,
    [`${ABOUT}/secret.name`]: secretName,
    [`${ABOUT}/service-account.name`]: account.name,
    [`${ABOUT}/service-account.uid`]: account.uid,
    sub: `system:serviceaccount:${namespace}:${account.name}`,
  };
}

/** The Secret of a token that is good, or why it is none, in upstream's words. */
export async function secretOfToken(
  claims: SecretTokenClaims,
  token: string,
  storage: Storage,
): Promise<DeepReadonly<Secret> | string> {
  const namespace = claims[`${ABOUT}/namespace`];
  const name = claims[`${ABOUT}/service-account.name`];
  const uid = claims[`${ABOUT}/service-account.uid`];
  const key = `/core/secrets/${namespace}/${claims[`${ABOUT}/secret.name`]}`;
  const secret = (await storage.get(key))?.object as unknown as DeepReadonly<Secret> | undefined;
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) {
    return 'Token has been invalidated';
  }
  if (!holds(secret, token)) return "Token does not match server's copy";
  const stored = (await storage.get(`/core/serviceaccounts/${namespace}/${name}`))?.object;
  const account = stored as unknown as DeepReadonly<ServiceAccount> | undefined;
  if (account === undefined) return `serviceaccounts ${JSON.stringify(name)} not found`;
  const { metadata } = account;
  if (metadata.deletionTimestamp !== undefined) return `ServiceAccount ${namespace}/${name} has been deleted`;
  if (metadata.uid !== uid) return `ServiceAccount UID (${metadata.uid}) does not match claim (${uid})`;
  if (secret.metadata.labels?.[INVALID_SINCE]) {
    return `the token in secret ${namespace}/${secret.metadata.name} for service account ${namespace}/${name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${INVALID_SINCE}' label from the secret to temporarily allow use of this token`;
  }
  return secret;
}

/** The label by which a Secret tells on which day its token was used last; undefined when it says so already. */
export function useLabel(
  { metadata: { labels = {} } }: DeepReadonly<Secret>,
  now: number,
): Readonly<Record<string, string>> | undefined {
  const day = (ms: number): string => rfc3339(ms).slice(0, 10);
  const known = labels[LAST_USED];
  // Another server's clock may be a day ahead.
  return known === day(now) || known === day(now + DAY_MS) ? undefined : { [LAST_USED]: day(now) };
}

function holds({ data = {} }: DeepReadonly<Secret>, token: string): boolean {
  const [held, shown] = [Buffer.from(data['token'] ?? '', 'base64'), Buffer.from(token)];
  return held.length === shown.length && timingSafeEqual(held, shown);
}
