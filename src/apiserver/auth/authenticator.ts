import type { UserInfo } from '../../apimachinery/api-request.ts';

/** Finds out who holds a bearer token; undefined when it does not know the token. */
export interface TokenAuthenticator {
  authenticate(token: string): UserInfo | undefined | Promise<UserInfo | undefined>;
}

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

/** The user that a client certificate stands for: its common name, with its organizations as groups. */
export function userOfCertificate(subject: CertificateSubject): UserInfo | undefined {
  const name = typeof subject.CN === 'string' ? subject.CN : subject.CN?.[0];
  if (name === undefined || name === '') return undefined;
  const organizations =
    subject.O === undefined ? [] : typeof subject.O === 'string' ? [subject.O] : subject.O;
  return { username: name, groups: [...organizations, 'system:authenticated'] };
}

/** The token of an Authorization header, undefined when it carries none. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1];
}
