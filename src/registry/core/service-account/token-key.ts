/** The key that signs the tokens of service accounts: JSON Web Tokens (RFC 7519) with ES256. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

import type { SecretTokenClaims } from './secret-token.ts';

/** What a token says (RFC 7519; `kubernetes.io` as Kubernetes writes it). Times are seconds since 1970. */
export interface TokenClaims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly iss: string;
  readonly jti: string;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly serviceaccount: ObjectClaim;
    readonly pod?: ObjectClaim;
    readonly node?: ObjectClaim;
    readonly secret?: ObjectClaim;
    readonly warnafter?: number;
  };
  readonly nbf: number;
  readonly sub: string;
}

/** An object that a token stands for or is bound to. */
export interface ObjectClaim {
  readonly name: string;
  readonly uid: string;
}

/** Makes a new key, as PEM (PKCS #8): to be kept, for tokens outlive the server that made them. */
export function generateTokenKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Signs and checks tokens with one key. */
export class TokenKey {
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  /** Names the key in a token's head: a hash of its public half. */
  readonly #id: string;

  /** @param pem what {@link generateTokenKey} made. */
  constructor(pem: string) {
    this.#private = createPrivateKey(pem);
    this.#public = createPublicKey(this.#private);
    const der = this.#public.export({ type: 'spki', format: 'der' });
    this.#id = createHash('sha256').update(der).digest('base64url');
  }

  /** The half that others may know, as RFC 7517 writes it. */
  get publicKey(): Readonly<Record<'use' | 'kty' | 'kid' | 'crv' | 'alg' | 'x' | 'y', string>> {
    const { kty = '', crv = '', x = '', y = '' } = this.#public.export({ format: 'jwk' });
    return { use: 'sig', kty, kid: this.#id, crv, alg: 'ES256', x, y };
  }

  /** The token that says `claims`. */
  sign(claims: TokenClaims | SecretTokenClaims): string {
    const head = encode({ alg: 'ES256', kid: this.#id });
    const signed = `${head}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(signed), { key: this.#private, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }

  /**
   * What a token says, when this key signed it; undefined for any other text. Times are not looked at. White space in a token does
   * not count, but for such in its middle part: upstream looks there for who signed before it takes the white space out.
   */
  verify(token: string): TokenClaims | SecretTokenClaims | undefined {
    if (/[^\P{White_Space}\r\n]/u.test(token.split('.')[1] ?? '')) return undefined;
    const [head = '', body = '', signature = '', ...more] = token
      .replaceAll(/\p{White_Space}/gu, '')
      .split('.');
    if (more.length > 0 || signature === '') return undefined;
    const options = { key: this.#public, dsaEncoding: 'ieee-p1363' } as const;
    const bytes = Buffer.from(signature, 'base64url');
    if (!verify('sha256', Buffer.from(`${head}.${body}`), options, bytes)) return undefined;
    const { alg, kid } = decode(head) as { alg?: string; kid?: string };
    if (alg !== 'ES256' || kid !== this.#id) return undefined;
    return decode(body) as TokenClaims | SecretTokenClaims;
  }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());
