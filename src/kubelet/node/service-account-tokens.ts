/** Tokens for pods' service accounts, asked of the API. Source: TokenRequest API. */
import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { TokenRequest } from '../../apis/authentication/types.ts';
import type { Pod, ServiceAccountTokenProjection } from '../../apis/core/types.ts';
import { type Client, SERVICEACCOUNTS } from '../../client/index.ts';
import type { IssuedToken } from '../volumes/payload.ts';

/** Seconds that a token lives when the pod does not say. */
const LIFETIME_SECONDS = 3600;
/** Part of its life after which a token is replaced. */
const REFRESH_AFTER = 0.8;
/** Milliseconds after which a token is replaced however long it lives. */
const AGE_MS_MAX = 24 * 3_600_000;
/** Milliseconds until a token is asked for again that could not be had, while the one before still holds. */
const RETRY_MS = 60_000;

interface KnownToken extends IssuedToken {
  /** Wall milliseconds. */
  readonly expiresAt: number;
}

/** The tokens of a node's pods. One is used until it is due to be replaced, however often its volume is looked after. */
export class ServiceAccountTokens {
  readonly #client: Client;
  readonly #clock: Clock;
  /** By pod, and by what was asked for: no more than the pods of the node have volumes. */
  readonly #issued = new Map<string, Map<string, KnownToken>>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /**
   * The token of that volume of the pod; asked for when there is none, or when it is due. One that is due and cannot be
   * replaced is used as long as it holds.
   */
  async token(
    pod: DeepReadonly<Pod>,
    { audience = '', expirationSeconds = LIFETIME_SECONDS }: DeepReadonly<ServiceAccountTokenProjection>,
  ): Promise<IssuedToken> {
    const { uid } = pod.metadata;
    const wanted = `${expirationSeconds} ${audience}`;
    const known = this.#issued.get(uid)?.get(wanted);
    if (known !== undefined && this.#clock.now() < known.refreshAt) return known;
    const issued = await this.#ask(pod, audience, Number(expirationSeconds)).catch((error: unknown) => {
      const now = this.#clock.now();
      if (known === undefined || now >= known.expiresAt) throw error;
      return { ...known, refreshAt: Math.min(now + RETRY_MS, known.expiresAt) };
    });
    const ofPod = this.#issued.get(uid) ?? new Map<string, KnownToken>();
    this.#issued.set(uid, ofPod.set(wanted, issued));
    return issued;
  }

  /** The pod is over, and its tokens with it. */
  forget(uid: string): void {
    this.#issued.delete(uid);
  }

  async #ask(pod: DeepReadonly<Pod>, audience: string, expirationSeconds: number): Promise<KnownToken> {
    const { namespace = '', name, uid } = pod.metadata;
    const account = pod.spec.serviceAccountName || 'default';
    const answer = await this.#client.createSubresource(SERVICEACCOUNTS, namespace, account, 'token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: audience ? [audience] : [],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    });
    const { status } = answer as DeepReadonly<TokenRequest>;
    const now = this.#clock.now();
    return {
      token: status.token ?? '',
      refreshAt: now + Math.min(expirationSeconds * 1000 * REFRESH_AFTER, AGE_MS_MAX),
      expiresAt: now + expirationSeconds * 1000,
    };
  }
}
