import type { UserInfo } from '../../../apimachinery/api-request.ts';
import type { Clock } from '../../../apimachinery/clock.ts';
import type { Random } from '../../../apimachinery/random.ts';
import type { Storage } from '../../../storage/storage.ts';
import type { ObjectClaim, TokenClaims, TokenKey } from './token-key.ts';

/** Seconds by which clocks may differ. */
const LEEWAY_SECONDS = 60;
/** Signed tokens that are remembered, so that a client's next request costs no elliptic curve: some 200 bytes each. */
const REMEMBERED_MAX = 1000;

/** What a token is to be about. */
export interface TokenWish {
  readonly namespace: string;
  readonly account: ObjectClaim;
  readonly audiences: readonly string[];
  readonly seconds: number;
  readonly warnAfterSeconds?: number;
  /** What the token dies with. */
  readonly pod?: ObjectClaim;
  readonly node?: ObjectClaim;
  readonly secret?: ObjectClaim;
}

/** The parts that {@link TokenIssuer} is made of. */
export interface TokenIssuerOptions {
  readonly key: TokenKey;
  readonly clock: Clock;
  readonly random: Random;
  /** Who signs, a URL; it is also the audience that the server itself answers to. */
  readonly issuer?: string;
}

/** Gives out the tokens of service accounts, and knows them again. */
export class TokenIssuer {
  /** Audience of a token that asks for none, and the one this server accepts. */
  readonly audience: string;
  readonly #options: TokenIssuerOptions;
  readonly #verified = new Map<string, TokenClaims>();

  constructor(options: TokenIssuerOptions) {
    this.#options = options;
    this.audience = options.issuer ?? 'https://kubernetes.default.svc.cluster.local';
  }

  /** A signed token. */
  issue(wish: TokenWish): string {
    const { clock, key, random } = this.#options;
    const now = Math.floor(clock.now() / 1000);
    const { namespace, account, audiences, seconds, warnAfterSeconds, pod, node, secret } = wish;
    return key.sign({
      aud: audiences,
      exp: now + seconds,
      iat: now,
      iss: this.audience,
      jti: random.uuid(),
      'kubernetes.io': {
        namespace,
        ...(node ? { node } : {}),
        ...(pod ? { pod } : {}),
        ...(secret ? { secret } : {}),
        serviceaccount: account,
        ...(warnAfterSeconds === undefined ? {} : { warnafter: now + warnAfterSeconds }),
      },
      nbf: now,
      sub: usernameOf(namespace, account.name),
    });
  }

  /**
   * Who holds a token: it is ours, in time, for this server, and its account and what it is bound to are still there.
   * Undefined for any other.
   */
  async authenticate(token: string, storage: Storage): Promise<UserInfo | undefined> {
    const claims = this.#verify(token);
    if (!claims || !this.#isCurrent(claims)) return undefined;
    const { namespace, serviceaccount: account, pod, node, secret } = claims['kubernetes.io'];
    const found = await Promise.all([
      exists(storage, `/core/serviceaccounts/${namespace}/${account.name}`, account),
      pod === undefined || exists(storage, `/core/pods/${namespace}/${pod.name}`, pod),
      secret === undefined || exists(storage, `/core/secrets/${namespace}/${secret.name}`, secret),
      pod !== undefined || node === undefined || exists(storage, `/core/nodes/${node.name}`, node),
    ]);
    return found.includes(false) ? undefined : userOf(claims);
  }

  #verify(token: string): TokenClaims | undefined {
    const known = this.#verified.get(token);
    if (known) return known;
    const claims = this.#options.key.verify(token);
    if (!claims) return undefined;
    if (this.#verified.size >= REMEMBERED_MAX) this.#verified.clear();
    this.#verified.set(token, claims);
    return claims;
  }

  #isCurrent({ aud, exp, nbf, iss }: TokenClaims): boolean {
    const now = this.#options.clock.now() / 1000;
    const inTime = now < exp + LEEWAY_SECONDS && now > nbf - LEEWAY_SECONDS;
    return inTime && iss === this.audience && aud.includes(this.audience);
  }
}

async function exists(storage: Storage, key: string, { uid }: ObjectClaim): Promise<boolean> {
  const stored = await storage.get(key);
  return stored?.object.metadata.uid === uid;
}

const usernameOf = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`;

function userOf({ jti, 'kubernetes.io': about, sub }: TokenClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = about;
  const prefix = 'authentication.kubernetes.io';
  return {
    username: sub,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {
      [`${prefix}/credential-id`]: [`JTI=${jti}`],
      ...(pod ? { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] } : {}),
      ...(node ? { [`${prefix}/node-name`]: [node.name], [`${prefix}/node-uid`]: [node.uid] } : {}),
    },
  };
}
