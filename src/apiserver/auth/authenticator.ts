import type { UserInfo } from '../../apimachinery/api-request.ts';

/** Finds out who holds a bearer token; undefined when it does not know the token. */
export interface TokenAuthenticator {
  authenticate(token: string): UserInfo | undefined | Promise<UserInfo | undefined>;
  /**
   * The same for a token that is meant for one of `audiences`, with what else a TokenReview tells. Absent: its tokens are
   * for this server alone.
   */
  review?(token: string, audiences: readonly string[]): Promise<TokenVerdict>;
}

/** What an authenticator says about a token: whose it is, or what is wrong with one that it should know. */
export type TokenVerdict =
  | { readonly user: UserInfo; readonly audiences: readonly string[] }
  | { readonly refusal: string | undefined };

/** Whoever shows no credentials. */
export const ANONYMOUS: UserInfo = {
  username: 'system:anonymous',
  groups: ['system:unauthenticated'],
};

/** The subject of a verified client certificate, as node:tls gives it. */
export interface CertificateSubject {
  readonly CN?: string | readonly string[];
  readonly O?: string | readonly string[];
}

/**
 * The user that a client certificate stands for: its common name, with its organizations as groups. `fingerprint` is its
 * SHA-256 as node:tls prints it (`AB:CD:…`); it tells the credential in what the user does.
 */
export function userOfCertificate(subject: CertificateSubject, fingerprint: string): UserInfo | undefined {
  const name = typeof subject.CN === 'string' ? subject.CN : subject.CN?.[0];
  if (name === undefined || name === '') return undefined;
  const organizations =
    subject.O === undefined ? [] : typeof subject.O === 'string' ? [subject.O] : subject.O;
  const digest = fingerprint.replaceAll(':', '').toLowerCase();
  return {
    username: name,
    groups: [...organizations, 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] },
  };
}

/** Said of a header whose token comes after more than one space. */
export const SPACE_BEFORE_TOKEN =
  'the provided Authorization header contains extra space before the bearer token, and is ignored';

/**
 * The token of an Authorization header: the word after the first space, whatever follows it. Undefined when there is none, and
 * empty where another space stands in its place, which makes upstream ignore the header.
 */
export function bearerToken(authorization: string | undefined): string | undefined {
  const [scheme = '', token] = (authorization ?? '').trim().split(' ', 2);
  return scheme.toLowerCase() === 'bearer' ? token : undefined;
}
