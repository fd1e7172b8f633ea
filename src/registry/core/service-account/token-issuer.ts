import type { UserInfo } from '../../../apimachinery/api-request.ts';
import type { Clock } from '../../../apimachinery/clock.ts';
import { goQuote } from '../../../apimachinery/go-text.ts';
import type { ApiObject, DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { Random } from '../../../apimachinery/random.ts';
import type { Secret } from '../../../apis/core/types.ts';
import type { TokenVerdict } from '../../../apiserver/index.ts';
import type { Storage } from '../../../storage/storage.ts';
import {
  SECRET_TOKEN_ISSUER,
  type SecretTokenClaims,
  secretOfToken,
  secretTokenClaims,
  useLabel,
} from './secret-token.ts';
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
  /** Is told when a Secret's token is used that has to get these labels. Default: nobody notes it. */
  readonly onSecretUse?: (secret: DeepReadonly<Secret>, labels: Readonly<Record<string, string>>) => void;
}

/** Gives out the tokens of service accounts, and knows them again. */
export class TokenIssuer {
  /** Audience of a token that asks for none, and the one this server accepts. */
  readonly audience: string;
  readonly #options: TokenIssuerOptions;
  readonly #verified = new Map<string, TokenClaims | SecretTokenClaims>();

  constructor(options: TokenIssuerOptions) {
    this.#options = options;
    this.audience = options.issuer ?? 'https://kubernetes.default.svc.cluster.local';
  }

  /** Signs a token. */
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
    const verdict = await this.review(token, [this.audience], storage);
    return 'user' in verdict ? verdict.user : undefined;
  }

  /** Whose a token is that is meant for one of `audiences`, or what is wrong with it, in upstream's words. */
  async review(token: string, audiences: readonly string[], storage: Storage): Promise<TokenVerdict> {
    const claims = this.#verify(token);
    if (claims !== undefined && isOfSecret(claims)) {
      return await this.#reviewSecretToken(claims, token, audiences, storage);
    }
    if (claims?.iss !== this.audience) return { refusal: undefined };
    const meant = claims.aud.filter((each) => audiences.includes(each));
    if (meant.length === 0) return { refusal: notMeant(claims.aud, audiences) };
    const refusal = this.#outOfTime(claims) ?? (await this.#lost(claims, storage));
    return refusal === undefined ? { user: userOf(claims), audiences: meant } : { refusal };
  }

  /** The token of a Secret, which holds for as long as the Secret does. */
  issueForSecret(namespace: string, account: ObjectClaim, secretName: string): string {
    return this.#options.key.sign(secretTokenClaims(namespace, account, secretName));
  }

  async #reviewSecretToken(
    claims: SecretTokenClaims,
    token: string,
    audiences: readonly string[],
    storage: Storage,
  ): Promise<TokenVerdict> {
    if (!audiences.includes(this.audience)) return { refusal: notMeant([this.audience], audiences) };
    const secret = await secretOfToken(claims, token, storage);
    if (typeof secret === 'string') return { refusal: secret };
    const labels = useLabel(secret, this.#options.clock.now());
    if (labels !== undefined) this.#options.onSecretUse?.(secret, labels);
    const namespace = claims['kubernetes.io/serviceaccount/namespace'];
    const user: UserInfo = {
      username: claims.sub,
      uid: claims['kubernetes.io/serviceaccount/service-account.uid'],
      groups: groupsOf(namespace),
    };
    return { user, audiences: [this.audience] };
  }

  #outOfTime({ exp, nbf, iat }: TokenClaims): string | undefined {
    const now = this.#options.clock.now() / 1000;
    if (now < nbf - LEEWAY_SECONDS) return 'service account token is not valid yet';
    if (now > exp + LEEWAY_SECONDS) return 'service account token has expired';
    if (now < iat - LEEWAY_SECONDS) return 'service account token is issued in the future';
    return undefined;
  }

  /** What has become of the account, or of what the token is bound to, that ends the token. */
  async #lost({ 'kubernetes.io': about }: TokenClaims, storage: Storage): Promise<string | undefined> {
    const { namespace, serviceaccount: account, pod, node, secret } = about;
    const now = this.#options.clock.now();
    const stored = await find(storage, `/core/serviceaccounts/${namespace}/${account.name}`);
    if (stored === undefined) return `serviceaccounts ${JSON.stringify(account.name)} not found`;
    if (stored.uid !== account.uid) {
      return `service account UID (${stored.uid}) does not match claim (${account.uid})`;
    }
    if (isGone(stored, now)) return `service account ${namespace}/${account.name} has been deleted`;
    const bound = [
      { kind: 'secret', key: `/core/secrets/${namespace}/${secret?.name}`, claim: secret },
      { kind: 'pod', key: `/core/pods/${namespace}/${pod?.name}`, claim: pod },
      // The node of a pod is told for information; it is the pod that the token dies with.
      { kind: 'node', key: `/core/nodes/${node?.name}`, claim: pod === undefined ? node : undefined },
    ];
    for (const { kind, key, claim } of bound) {
      if (claim === undefined) continue;
      const object = await find(storage, key);
      if (object !== undefined && object.uid !== claim.uid) {
        return `${kind} UID (${object.uid}) does not match service account ${kind} ref claim (${claim.uid})`;
      }
      if (object === undefined || isGone(object, now)) return 'service account token has been invalidated';
    }
    return undefined;
  }

  #verify(token: string): TokenClaims | SecretTokenClaims | undefined {
    const known = this.#verified.get(token);
    if (known) return known;
    const claims = this.#options.key.verify(token);
    if (!claims) return undefined;
    if (this.#verified.size >= REMEMBERED_MAX) this.#verified.clear();
    this.#verified.set(token, claims);
    return claims;
  }
}

type Metadata = DeepReadonly<ApiObject>['metadata'];

async function find(storage: Storage, key: string): Promise<Metadata | undefined> {
  return (await storage.get(key))?.object.metadata;
}

/** Whether an object has been waiting for its end for longer than clocks may differ. */
function isGone({ deletionTimestamp }: Metadata, now: number): boolean {
  return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) < now - LEEWAY_SECONDS * 1000;
}

function isOfSecret(claims: TokenClaims | SecretTokenClaims): claims is SecretTokenClaims {
  return claims.iss === SECRET_TOKEN_ISSUER;
}

function notMeant(had: readonly string[], wanted: readonly string[]): string {
  return `token audiences ${goList(had)} is invalid for the target audiences ${goList(wanted)}`;
}

/** The groups of every account of a namespace. */
function groupsOf(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
}

/** A list of texts as Go's `%q` prints it. */
function goList(texts: readonly string[]): string {
  return `[${texts.map(goQuote).join(' ')}]`;
}

const usernameOf = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`;

function userOf({ jti, 'kubernetes.io': about, sub }: TokenClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = about;
  const prefix = 'authentication.kubernetes.io';
  return {
    username: sub,
    uid: serviceaccount.uid,
    groups: groupsOf(namespace),
    extra: {
      [`${prefix}/credential-id`]: [`JTI=${jti}`],
      ...(pod ? { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] } : {}),
      ...(node ? { [`${prefix}/node-name`]: [node.name], [`${prefix}/node-uid`]: [node.uid] } : {}),
    },
  };
}
